// Runs of a team on the tape: whatever a model, tools, a person and a crash can do to a run, chosen by numbers.
import fc from 'fast-check'
import { z } from 'zod'
import type { ReplyItem } from '../contracts/item.ts'
import { type AnyAgent, defineAgent } from '../define/agent.ts'
import { handoff } from '../define/handoff.ts'
import { type AnyMemory, memory } from '../define/memory.ts'
import { after, afterAny, atLeast, atMost, before, exclusiveWith, type Rule } from '../define/rules.ts'
import { argumentFrom, when } from '../define/rules-over-facts.ts'
import { defineTeam } from '../define/team.ts'
import { type AnyTool, defineTool, type Tool } from '../define/tool.ts'
import { compactionKey, RUN_KEY } from '../journal/keys.ts'
import { cancelDrafts } from './state/cancel.ts'
import { askAgainDrafts, doubtDrafts } from './state/doubt.ts'
import { stretchOf } from './compact/sum-up.ts'
import { conversation, held } from './state/fold.ts'
import { call, Journal, say, type ShownAction } from './journal.fixture.ts'

const input = z.object({ n: z.int() })
const execute = (): number => 1

function repeatable(name: string, effect: 'read' | 'idempotent'): Tool {
  return defineTool({ name, description: '', input, effect, execute }) as Tool
}

const find = repeatable('find', 'read')
export const lookup = repeatable('lookup', 'read')
/** No model asks for it. */
export const never = repeatable('never', 'read')
const refund = repeatable('refund', 'idempotent')
const note = defineTool({ name: 'note', description: '', input, effect: 'transactional', execute })
const page = defineTool({ name: 'page', description: '', input, effect: 'once', execute })
const mail = defineTool({
  name: 'mail',
  description: '',
  input,
  effect: 'once',
  execute,
  reconcile: () => ({ happened: false }),
})

const gift = defineTool({ name: 'gift', description: '', input, effect: 'idempotent', execute })

const known = memory({ scope: 'user', schema: z.object({ key: z.string() }) })

const rules: readonly Rule[] = [
  after(refund, find),
  atMost(refund, 2),
  atMost(note, 1),
  after(mail, find),
  afterAny(gift, find, refund),
  argumentFrom(gift, 'n', find, (found) => (found as { readonly n: number }).n),
  exclusiveWith(gift, note),
  before(gift, page),
  when(gift, ({ n }, facts) => facts.returned(gift).every((call) => call.input.n !== n)),
  atLeast(find, 1),
]

/** Two agents with tools of every effect, which hand over to each other. */
export function deskOf({ tools = [lookup], extraRules = [] as readonly Rule[], answers = ['yes', 'no'] } = {}) {
  const made = (
    name: string,
    own: readonly AnyTool[],
    ownRules: readonly Rule[],
    memory = [] as AnyMemory[],
  ): AnyAgent =>
    defineAgent({ name, model: 'm', instructions: `You are ${name}.`, tools: own as Tool[], rules: ownRules, memory })
  const front = made('front', [find, refund, note, mail, page, gift, ...tools], [...rules, ...extraRules])
  const back = made('back', [page, mail, ...tools], extraRules, [known])
  const output = z.object({ answer: z.enum(answers as [string]) })
  const toBack = handoff(back, { history: 'summary' })
  const handoffs = [[front, [toBack]] as const, [back, [front]] as const]
  return defineTeam({ name: 'desk', entry: front, handoffs, output, budget: { turns: 9 } })
}

/** What a run meets, as numbers: it ends where they do, as if the process had. */
export const tapes = fc.array(fc.nat(9_999), { minLength: 10, maxLength: 200, size: 'max' })

/** Ends a property in time, also where a failure takes long to shrink. */
export const inTime = { interruptAfterTimeLimit: 2_000 }

/** Plays a tape to a run of the desk. */
export function simulate(tape: readonly number[], desk = deskOf()): Journal {
  const numbers = tape.values()
  const journal = new Journal(desk)
  let over = false
  const pick = (count: number): number => {
    const { done = false, value = 0 } = numbers.next()
    over = done
    return value % count
  }
  while (!over) {
    const efforts = journal.settle().next.filter((action) => action.kind !== 'wait')
    if (journal.state.phase.kind === 'ended') return journal
    const doubted = doubtedOf(journal)
    const by = pick(80)
    if (by === 0) journal.add(...cancelDrafts(journal.state, 'Enough.'))
    else if (by === 1) adopt(journal)
    else if (by < 4) crash(journal)
    else if (by < 8 && journal.state.phase.kind === 'asking' && journal.state.compacting) compact(journal, pick)
    else if (doubted.length > 0 && (by < 20 || efforts.length === 0))
      resolve(journal, doubted[pick(doubted.length)] ?? 0, pick)
    else perform(journal, efforts[pick(efforts.length)], pick)
  }
  return journal
}

type Pick = (count: number) => number

function doubtedOf({ state: { phase } }: Journal): number[] {
  const calls = phase.kind === 'calling' ? phase.calls : []
  return calls.flatMap(({ stage }, ordinal) => (stage.kind === 'doubted' ? ordinal : []))
}

function adopt(journal: Journal): void {
  const { card } = held(journal.state)
  const body = { card, instructions: `You were ${card.agent}.` }
  journal.add({ kind: 'definition.changed', key: RUN_KEY, attempt: 1, body })
}

/** The process ends, and another takes the run up. */
function crash(journal: Journal): void {
  const { state, plan } = journal
  journal.add(...doubtDrafts(state, 'The process ended.'), ...askAgainDrafts(state, plan, 'It is asked again.'))
}

/** The conversation is made shorter, in one of two ways. */
function compact(journal: Journal, pick: Pick): void {
  const { state } = journal
  const items = conversation(state)
  const { ordinal, turn } = held(state)
  const results = items.flatMap(({ kind }, at) =>
    kind === 'result' ? { kind: 'result' as const, at, output: '.' } : [],
  )
  const edits = pick(2) === 0 ? results : (stretchOf(items, pick(60))?.edits('Much.') ?? [])
  const estimate = { before: 2, after: 1, anew: 1 }
  const key = compactionKey(ordinal, turn)
  journal.add({ kind: 'history.compacted', key, attempt: 1, body: { way: 'trim', why: 'window', edits, estimate } })
}

function resolve(journal: Journal, ordinal: number, pick: Pick): void {
  journal.resolves(ordinal, pick(2) === 0, pick(10))
}

function perform(journal: Journal, effort: ShownAction | undefined, pick: Pick): void {
  if (effort?.kind === 'ask') return answer(journal, pick)
  if (effort?.kind === 'read-memory') return remember(journal, effort, pick)
  if (effort?.kind !== 'call' && effort?.kind !== 'reconcile') throw new Error('The run is stuck')
  const ordinal = Number(effort.key.split(':').at(-1))
  if (effort.kind === 'reconcile')
    return void (pick(2) === 0 ? journal.knowsNot(ordinal) : resolve(journal, ordinal, pick))
  const what = pick(8)
  if (what < 4) journal.returns(ordinal, { n: pick(10) })
  else if (effort.tool.effect === 'once' && what < 7) journal.doubts(ordinal)
  else
    journal.throws(ordinal, `No (${pick(10)}).`, effort.attempt < effort.tool.retry.attempts && what < 7 ? 5_000 : null)
}

function remember(
  journal: Journal,
  { key, memory: { name } }: Extract<ShownAction, { kind: 'read-memory' }>,
  pick: Pick,
): void {
  const said = pick(2) === 0 ? { keys: [] } : { keys: ['a'], text: 'What is known: {"key":"a"}' }
  journal.add({ kind: 'memory.read', key, attempt: 1, body: { memory: name, ...said } })
}

function answer(journal: Journal, pick: Pick): void {
  const what = pick(80)
  if (what === 0) journal.repliesWith({ items: [{ kind: 'refusal', text: 'I will not.' }] })
  else if (what === 1) journal.repliesWith({ items: [say('So it')], finish: 'length' })
  else if (what < 5) journal.modelFails('server_error', pick(9) > 0 ? 5_000 : null)
  else if (what < 8) journal.replies(say(['{"answer":"yes"}', '{"answer":"no"}'][pick(2)] ?? ''))
  // Who breaks the schema once often does it again.
  else if (what < 14 || (journal.state.repairs > 0 && what < 50))
    journal.replies(say(['{"answer":"maybe"}', '{"answer', ''][pick(3)] ?? ''))
  else
    journal.replies(say('Let me see.'), ...Array.from({ length: 1 + pick(5) }, (_, at) => anyCall(journal, at, pick)))
}

const NAMES = [
  'find',
  'find',
  'lookup',
  'lookup',
  'refund',
  'refund',
  'refund',
  'gift',
  'gift',
  'note',
  'mail',
  'mail',
  'page',
  'page',
  'transfer_to_back',
  'transfer_to_front',
  'nothing',
]

function anyCall({ entries }: Journal, at: number, pick: Pick): ReplyItem {
  const name = NAMES[pick(NAMES.length)] ?? ''
  const made = call(
    `c${entries.length}-${at}`,
    name,
    ['{"n', '{"n":"x"}', '', { n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }, { n: 5 }][pick(8)],
  )
  return at > 0 && pick(12) === 0 ? { ...made, repeats: `c${entries.length}-0` } : made
}
