// A team whose code changes after it has run, and the journal of a run that came past all of it.
import {
  after,
  type AnyDefinition,
  type AnyTool,
  atMost,
  type Budget,
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  ModelError,
  type Replay,
  type Rule,
  type StoredEntry,
  type Store,
} from '@reprise/core'
import { changedStore, manualClock, type ManualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { z } from 'zod'

/** The run of the desk. */
export const RUN = 'r'

const id = z.object({ id: z.string() })
const money = z.object({ id: z.string(), usd: z.number() })

/** What the tools were defined with. */
export const options = {
  find: { name: 'find', description: 'Finds.', input: id, effect: 'read', execute: () => 'found' },
  refund: {
    name: 'refund',
    description: 'Refunds.',
    input: money,
    effect: 'idempotent',
    approval: ({ usd }: { readonly usd: number }) => usd > 100,
    execute: () => 'refunded',
  },
  mail: { name: 'mail', description: 'Mails.', input: id, effect: 'once', execute: () => ({ sent: true }) },
  pack: { name: 'pack', description: 'Packs.', input: id, effect: 'idempotent', execute: () => 'packed' },
  spare: { name: 'spare', description: 'Does what nobody asks for.', input: id, effect: 'read', execute: () => 0 },
} as const

/** The tools as they were. */
export const tools = {
  find: defineTool(options.find),
  refund: defineTool(options.refund),
  mail: defineTool(options.mail),
  pack: defineTool(options.pack),
  spare: defineTool(options.spare),
}

/** The rules as they were. */
export const rules: readonly Rule[] = [after(tools.refund, tools.find), atMost(tools.refund, 2)]

/** What is another thing today. */
export interface Changes {
  readonly front?: {
    readonly instructions?: string
    readonly model?: string
    readonly version?: number
    readonly maxOutputTokens?: number
    readonly settings?: { readonly temperature: number }
    readonly retry?: { readonly attempts: number }
    readonly onChange?: 'pin' | 'adopt'
  }
  readonly find?: AnyTool
  readonly refund?: AnyTool
  readonly mail?: AnyTool
  readonly pack?: AnyTool
  readonly tools?: readonly AnyTool[]
  readonly rules?: readonly Rule[]
  readonly output?: z.ZodType
  readonly back?: readonly AnyTool[]
  readonly budget?: Budget
  readonly handoffs?: 'none' | 'more' | 'back first'
}

/** The team as it was, but for the changes. */
export function desk(changes: Changes = {}): AnyDefinition {
  const { find = tools.find, refund = tools.refund, mail = tools.mail, pack = tools.pack } = changes
  const output = changes.output ?? z.object({ ok: z.boolean() })
  const front = defineAgent({
    name: 'front',
    model: 'm',
    instructions: 'You are the front.',
    tools: changes.tools ?? [find, refund, mail, tools.spare],
    rules: changes.rules ?? rules,
    output,
    ...changes.front,
  })
  const back = defineAgent({
    name: 'back',
    model: 'm',
    instructions: 'You are the back.',
    tools: changes.back ?? [pack],
    output,
  })
  const attic = defineAgent({ name: 'attic', model: 'm', instructions: 'You are the attic.' })
  const budget = changes.budget ?? { turns: 12 }
  const options = { name: 'desk', output, budget } as const
  switch (changes.handoffs) {
    case 'none':
      return defineTeam({ ...options, entry: front, handoffs: [] })
    case 'more':
      return defineTeam({ ...options, entry: front, handoffs: [[front, [back, attic]]] })
    case 'back first':
      return defineTeam({
        ...options,
        entry: back,
        handoffs: [
          [front, [back]],
          [back, [front]],
        ],
      })
    case undefined:
      return defineTeam({ ...options, entry: front, handoffs: [[front, [back]]] })
    default:
      return changes.handoffs satisfies never
  }
}

/** What the model says, reply by reply. */
const script = [
  { calls: [{ name: 'find', arguments: { id: '1' } }] },
  {
    text: 'Let me pay.',
    calls: [
      { name: 'refund', arguments: { id: '1', usd: 5 } },
      { name: 'refund', arguments: { id: '2', usd: 500 } },
    ],
  },
  {
    calls: [
      { name: 'mail', arguments: { id: '1' } },
      { name: 'refund', arguments: { id: '3', usd: 1 } },
      { name: 'fly', arguments: {} },
    ],
  },
  { text: '{"ok":"maybe"}' },
  { calls: [{ name: 'transfer_to_back', arguments: {} }] },
  { calls: [{ name: 'pack', arguments: { id: '1' } }] },
  { text: '{"ok":true}' },
]

/** Records a run that finds, asks the model twice, refunds, waits for a person, is refused, mails, and hands over. */
export async function recorded(): Promise<Store> {
  const store = memoryStore()
  const clock = manualClock()
  let replies = 0
  const models = scriptedModel((_request, nth) =>
    nth === 2
      ? new ModelError({ code: 'busy', message: 'The model is busy.', retryable: true, retryAfterMs: 10 })
      : (script[replies++] ?? {}),
  )
  const today = desk()
  const runtime = createRuntime({ store, clock, models, definitions: [today], random: () => 0.5, services: {} })
  const run = await runtime.start(today, 'Order 1 arrived broken.', { id: RUN })
  const outcome = await passing(clock, run.outcome())
  if (outcome.kind !== 'waiting' || outcome.waiting.kind !== 'approval')
    throw new Error(`It should wait for a person: ${JSON.stringify(outcome)}`)
  const approved = await runtime.approve(RUN, outcome.waiting.id, { by: 'ana' })
  const end = await passing(clock, approved.outcome())
  if (end.kind !== 'completed') throw new Error(`It should complete: ${JSON.stringify(end)}`)
  await passing(clock, runtime.close())
  return store
}

/** Replays the run under today's code, from a store whose journal may have been changed. */
export async function replayed(
  store: Store,
  definition: AnyDefinition,
  change: (entries: readonly StoredEntry[]) => readonly StoredEntry[] = (entries) => entries,
): Promise<Replay> {
  const changed = changedStore(store, {
    entries: async (runId, from = 0) => change(await store.entries(runId)).slice(from),
  })
  return createRuntime({ store: changed, models: scriptedModel([]), definitions: [definition] }).replay(RUN)
}

async function passing<T>(clock: ManualClock, known: Promise<T>): Promise<T> {
  let over = false
  const done = known.finally(() => (over = true))
  while (!over) await clock.advance(50)
  return done
}
