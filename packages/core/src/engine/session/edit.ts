// What somebody edits where a run is forked, held against what the fork takes over. runtime/start/forks.ts calls this, and
// fork.ts writes what it gives. An entry that is edited is the last that is taken over: what came after it followed from
// it as it was. Pure, but for the secrets of the lineage, which are hidden in what is edited as anywhere (invariant 10).
import type { AgentEdit, Draft, Entry, EntryOf, RecordedEdit } from '../../contracts/entry.ts'
import type { ReplyItem } from '../../contracts/item.ts'
import { badArgument, isObject } from '../../define/argument.ts'
import { type AnyDefinition, planOf } from '../../define/plan.ts'
import type { Secrets } from '../../journal/secrets.ts'
import { DefinitionError } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'
import { PATCH_KEY } from '../../workflow/shape.ts'
import { checkJson } from '../begin/accept-context.ts'
import { acceptInput, digestGiven } from '../begin/begin.ts'
import { callIdsOf, distinctCallIds } from '../effort/call-ids.ts'
import { wrongInItems } from '../effort/check-reply.ts'
import { redactArguments } from '../effort/redact-arguments.ts'

/** An edit of the last entry that a fork takes over. */
export type EntryEdit =
  /** What the run was started with, as `start` takes it; the context stays. It is edited where `at` is 1. */
  | { readonly kind: 'input'; readonly input: unknown }
  /** What the model said and called. A reply that was cut short is a whole one then. */
  | { readonly kind: 'reply'; readonly items: readonly ReplyItem[] }
  /** What a tool, a step or a child run gave, also where it had failed. No schema is asked, nor what in it is secret. */
  | { readonly kind: 'result'; readonly result: Json }
  /** What came with a signal to a workflow. No schema is asked, nor what in it is secret. */
  | { readonly kind: 'message'; readonly payload: Json }

/** What is edited where a run is forked. */
export type ForkEdit =
  | EntryEdit
  /** What an agent is told to do from the fork point on, whatever its definition says. */
  | {
      readonly kind: 'instructions'
      readonly instructions: string
      /** @default the agent that holds the run at the fork point */
      readonly agent?: string
    }
  /** Which model an agent asks from the fork point on, whatever its definition says. */
  | {
      readonly kind: 'model'
      readonly model: string
      /** @default the agent that holds the run at the fork point */
      readonly agent?: string
    }

/** What a fork is edited by, and all that this is held against. */
export interface Editing {
  readonly runId: string
  readonly edits: readonly ForkEdit[]
  /** All entries of the run. */
  readonly entries: readonly Entry[]
  /** How many of them the fork takes over. */
  readonly at: number
  readonly definition: AnyDefinition
  readonly secrets: Secrets
}

/** What is written of edits. */
export interface Edited {
  /** Takes the place of the last entry that is taken over; undefined where that stays. */
  readonly last?: Draft
  readonly recorded: readonly RecordedEdit[]
}

const KINDS: readonly string[] = [
  'input',
  'reply',
  'result',
  'message',
  'instructions',
  'model',
] satisfies ForkEdit['kind'][]

const EXPECTED = `Give it { kind } of one of: ${KINDS.join(', ')}; or a list of such.`

/**
 * Holds edits against the entries that a fork takes over.
 *
 * @throws DefinitionError with code `bad_edit`, which says where such an edit can be made; with what `start` throws of an
 * input.
 */
export async function editsOf(editing: Editing): Promise<Edited> {
  const { edits, secrets } = editing
  for (const edit of edits)
    if (!isObject(edit) || !KINDS.includes(edit.kind)) throw badArgument('runtime.fork was given edit', edit, EXPECTED)
  if (edits.length > 0) await secrets.load()
  const ofEntry = edits.filter((edit) => isOfEntry(edit))
  const recorded = edits.map((edit): RecordedEdit => (isOfEntry(edit) ? { kind: edit.kind } : ofAgent(edit, editing)))
  const names = recorded.map((edit) => ('agent' in edit ? `${edit.kind} of ${edit.agent}` : 'last entry taken over'))
  const twice = names.find((name, at) => names.indexOf(name) < at)
  if (twice !== undefined) throw bad(editing, `its edits name the ${twice} twice. Give one edit of it.`)
  const [edit] = ofEntry
  return edit ? { last: await editEntry(edit, editing), recorded } : { recorded }
}

function isOfEntry(edit: ForkEdit): edit is EntryEdit {
  return edit.kind !== 'instructions' && edit.kind !== 'model'
}

async function editEntry(edit: EntryEdit, editing: Editing): Promise<Draft> {
  const { entries, at } = editing
  const last = entries[at - 1]
  const draft = last && (await draftOf(edit, last, editing))
  if (draft) return draft
  const places = entries.filter((entry) => isEditedBy(entry, edit.kind)).map(({ seq }) => seq + 1)
  const some = places.length > MOST_PLACES ? [...places.slice(0, MOST_PLACES), `\u2026`] : places
  const where = places.length > 0 ? `Such an edit can be made at: ${some.join(', ')}.` : 'Its journal has none.'
  throw bad(
    editing,
    `an edit of the kind "${edit.kind}" takes the place of the last entry that is taken over, since what came after that followed from it, and entry ${at - 1} is ${last?.kind ?? 'not there'}${last?.kind === 'call.failed' ? ', of a call that never ran' : ''}. ${where}`,
  )
}

/** The most places that an error names. */
const MOST_PLACES = 12

/** The entry as it is edited; undefined where it is none of the kind. */
async function draftOf(edit: EntryEdit, last: Entry, editing: Editing): Promise<Draft | undefined> {
  if (!isEditedBy(last, edit.kind)) return undefined
  switch (edit.kind) {
    case 'input':
      return last.kind === 'run.started' ? withInput(last, edit.input, editing) : undefined
    case 'reply':
      return last.kind === 'model.replied' ? withItems(last, edit.items, editing) : undefined
    case 'message': {
      if (last.kind !== 'message.received') return undefined
      const payload = checkJson(edit.payload, 'bad_edit', 'The payload that a message is edited to')
      return { ...of(last), kind: last.kind, body: { ...last.body, payload } }
    }
    case 'result':
      return withResult(last, checkJson(edit.result, 'bad_edit', 'The result that an entry is edited to'))
    default:
      return edit satisfies never
  }
}

/** Whether an entry can be edited so. */
function isEditedBy(entry: Entry, kind: EntryEdit['kind']): boolean {
  switch (kind) {
    case 'input':
      return entry.kind === 'run.started'
    case 'reply':
      return entry.kind === 'model.replied'
    case 'message':
      return entry.kind === 'message.received'
    case 'result':
      return withResult(entry, null) !== undefined
    default:
      return kind satisfies never
  }
}

function of({ key, attempt }: Entry): Pick<Entry, 'key' | 'attempt'> {
  return { key, attempt }
}

function withInput(last: EntryOf<'run.started'>, input: unknown, { definition, secrets }: Editing): Draft {
  const accepted = acceptInput(definition, secrets.reveal(input))
  secrets.learn(accepted.secrets)
  const { given } = last.body
  const digests = given && { given: { ...given, input: digestGiven(input, undefined, secrets.redact).input } }
  return { ...of(last), kind: last.kind, body: { ...last.body, ...digests, input: secrets.redact(accepted.input) } }
}

/** What the service said of its own reply is not said of another. */
async function withItems(
  last: EntryOf<'model.replied'>,
  given: readonly ReplyItem[],
  editing: Editing,
): Promise<Draft> {
  const { definition, secrets } = editing
  const wrong = wrongInItems(given)
  if (wrong !== undefined) throw bad(editing, `the reply that it is edited to cannot be taken: ${wrong}.`)
  checkJson(given, 'bad_edit', 'The reply that an entry is edited to')
  const { finishWord: _word, responseId: _response, requestId: _request, ...reply } = last.body.reply
  const distinct = distinctCallIds(given, callIdsOf(editing.entries.slice(0, editing.at - 1)))
  const agentPlan = definition.kind !== 'workflow' && planOf(definition).agents.get(holderOf(editing))
  const items = agentPlan && secrets.kept ? await redactArguments(distinct, agentPlan, secrets) : distinct
  return { ...of(last), kind: last.kind, body: { ...last.body, reply: { ...reply, items, finish: 'stop' } } }
}

/** What gave nothing can be made to have given something; undefined where nothing was waited for. */
function withResult(last: Entry, result: Json): Draft | undefined {
  if (last.kind === 'call.returned' || last.kind === 'call.failed') {
    const { name, asked, bound } = last.body
    // A call that never ran has no result: what it would have been given is not known.
    if (asked === undefined) return undefined
    return { ...of(last), kind: 'call.returned', body: { name, asked, result, ...(bound && { bound }) } }
  }
  if (last.kind === 'call.resolved') {
    const { lost: _, ...body } = last.body
    return body.happened ? { ...of(last), kind: last.kind, body: { ...body, result } } : undefined
  }
  if (last.kind === 'step.returned' || last.kind === 'step.failed') {
    if (last.key.startsWith(PATCH_KEY)) return undefined
    const { name, after } = last.body
    const body = { name, result, ...(after !== undefined && { after }) }
    return { ...of(last), kind: 'step.returned', body }
  }
  if (last.kind !== 'child.ended') return undefined
  return { ...of(last), kind: last.kind, body: { ...last.body, ending: { kind: 'completed', output: result } } }
}

function ofAgent(edit: Exclude<ForkEdit, EntryEdit>, editing: Editing): AgentEdit {
  const { definition, secrets } = editing
  if (definition.kind === 'workflow')
    throw bad(
      editing,
      `a workflow has no ${edit.kind} of its own: its agents run as its children. Fork the run of the child.`,
    )
  const text = edit.kind === 'instructions' ? edit.instructions : edit.model
  if (typeof text !== 'string' || (edit.kind === 'model' && text === ''))
    throw badArgument(`runtime.fork was given edit.${edit.kind}`, text, 'Give it a text.')
  const { agents } = planOf(definition)
  const agent = edit.agent ?? holderOf(editing)
  if (!agents.has(agent))
    throw bad(editing, `there is no agent ${JSON.stringify(agent)} to edit. It has: ${[...agents.keys()].join(', ')}.`)
  return edit.kind === 'instructions'
    ? { kind: edit.kind, agent, instructions: secrets.redact(text.toWellFormed()) }
    : { kind: edit.kind, agent, model: text }
}

/** The agent that holds the run at the fork point. */
function holderOf({ entries, at }: Editing): string {
  const last = entries.slice(0, at).findLast(({ body }) => 'card' in body)
  return last && 'card' in last.body ? last.body.card.agent : ''
}

function bad({ runId, at }: Editing, why: string): DefinitionError {
  return new DefinitionError({
    code: 'bad_edit',
    message: `The run "${runId}" cannot be forked at ${at} as it is edited: ${why}`,
    details: { runId, at },
  })
}
