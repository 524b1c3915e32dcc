// What a run begins with: its input and context, checked before anything is written, its first entry and its row.
// runtime/start/starter.ts and runtime/start/forks.ts call this and write what it gives; nothing is written here. It keeps
// invariant 7 (what is not JSON is refused by its path) and says the format of the journal (invariant 10).
import { renderInstructions } from '../../agent/decide/instructions.ts'
import type { AgentStart, Draft, Effects, GivenDigests, Waiting, WorkflowStart } from '../../contracts/entry.ts'
import type { UserInput } from '../../contracts/item.ts'
import type { Concurrency, RunRow } from '../../contracts/run.ts'
import type { Schema } from '../../contracts/schema.ts'
import { type AnyDefinition, type Plan, planOf } from '../../define/plan.ts'
import type { AnyWorkflow } from '../../define/any-workflow.ts'
import { FORMAT } from '../../journal/format.ts'
import { RUN_KEY } from '../../journal/keys.ts'
import type { Secrets } from '../../journal/secrets.ts'
import { validate } from '../../schema/decode.ts'
import { explain } from '../../schema/explain.ts'
import { crypto } from '../../values/crypto.ts'
import { type Digest, digest } from '../../values/digest.ts'
import { DefinitionError } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'
import { sortedJson } from '../../values/sorted-json.ts'
import { toJson } from '../../values/to-json.ts'
import { NO_TOTALS } from '../../journal/totals.ts'
import { acceptContext, acceptOfParent, checkJson } from './accept-context.ts'

/** What a run is begun with, as its definition takes it. */
export interface Given {
  readonly input: Json
  readonly context: Json
  /** The values in it that are secret. */
  readonly secrets: readonly string[]
}

/**
 * Holds what a run is to be begun with against its definition.
 *
 * @param parents the schemas that gave the context, where it is that of a run that calls this one.
 * @throws DefinitionError when the input or the context breaks its schema or is not JSON.
 */
export function accept(
  definition: AnyDefinition,
  input: unknown,
  context: unknown,
  parents?: readonly Schema[],
): Given {
  return definition.kind === 'workflow'
    ? acceptOfWorkflow(definition, input, context)
    : acceptOfAgent(planOf(definition), input, context, parents)
}

/** The same of the input of an agent's, a team's or a workflow's run alone. @throws what `accept` throws. */
export function acceptInput(definition: AnyDefinition, input: unknown): Pick<Given, 'input' | 'secrets'> {
  if (definition.kind === 'workflow') return acceptOfWorkflow(definition, input, undefined)
  return { input: acceptUserInput(planOf(definition), input), secrets: [] }
}

/** What a run has of the one that begins it. */
export interface Inherited {
  /** @default 'live' */
  readonly effects?: Effects
  /** How many runs are above it. @default 0 */
  readonly depth?: number
  /** How many turns it may have, with those below it. @default Infinity */
  readonly turnsLeft?: number
}

/** The first entry of a run. @param given what `digestGiven` gives of it. */
export function firstDraft(
  definition: AnyDefinition,
  accepted: Pick<Given, 'input' | 'context'>,
  given: GivenDigests,
  { effects = 'live', by, depth = 0, turnsLeft = Infinity }: Inherited & { readonly by?: string } = {},
): Draft {
  const own =
    definition.kind === 'workflow' ? workflowStart(definition, accepted) : agentStart(planOf(definition), accepted)
  const started = {
    format: FORMAT,
    given,
    ...own,
    ...(effects === 'read' && { effects }),
    ...(by !== undefined && { by }),
    ...(depth > 0 && { depth }),
    ...(turnsLeft < Infinity && { turnsLeft }),
  }
  return { kind: 'run.started', key: RUN_KEY, attempt: 1, body: started }
}

/**
 * What a run is given, as digests: by these it is told whether it is the same that is started again. Of what was given and
 * not of what the schemas make of it, which may be another thing each time, or after a change.
 *
 * @param redact puts tokens in the place of secrets.
 */
export function digestGiven(input: unknown, context: unknown, redact: Secrets['redact']): GivenDigests {
  const of = (value: unknown): Digest => {
    const { json, lost } = toJson(value)
    return lost.length > 0 ? '' : digest(sortedJson(redact(json)))
  }
  return { input: of(input), ...(context !== undefined && { context: of(context) }) }
}

function workflowStart(
  { kind, name, version }: AnyWorkflow,
  { input, context }: Pick<Given, 'input' | 'context'>,
): WorkflowStart {
  return { definition: { kind, name, version }, input, context, seed: crypto().randomUUID() }
}

/** How a run of an agent or a team begins. Throws what the instructions of its entry throw. */
export function agentStart(plan: Plan, { input, context }: Pick<Given, 'input' | 'context'>): AgentStart {
  const agentPlan = plan.agents.get(plan.entry)
  if (!agentPlan) throw new Error(`The plan of "${plan.ref.name}" has no entry`)
  const instructions = renderInstructions(agentPlan.agent, context)
  return { definition: plan.ref, input, context, card: agentPlan.card, instructions }
}

function acceptOfWorkflow(workflow: AnyWorkflow, input: unknown, context: unknown): Given {
  const where = `workflow "${workflow.name}"`
  if (context !== undefined)
    throw bad('bad_context', `The context given to ${where} has no place: a workflow has an input alone.`)
  const what = `The input given to ${where}`
  const decoded = validate(workflow.input, input, what)
  if (!decoded.ok) throw bad('bad_input', `${what} is wrong. ${explain(decoded.issues)}`)
  return { input: checkJson(decoded.value, 'bad_input', what), context: null, secrets: decoded.secrets }
}

function acceptOfAgent(plan: Plan, input: unknown, context: unknown, parents?: readonly Schema[]): Given {
  const taken = acceptUserInput(plan, input, parents !== undefined)
  const { value, secrets } = parents
    ? acceptOfParent(plan, { schemas: parents, value: context as Json })
    : acceptContext(plan, context)
  return { input: taken, context: value, secrets }
}

/** @param mayBeEmpty whether it may say nothing: what a model hands on to a helper is its own affair. */
function acceptUserInput(plan: Plan, input: unknown, mayBeEmpty = false): Json {
  const where = `${plan.ref.kind} "${plan.ref.name}"`
  if (!isUserInput(input)) {
    const kinds: Readonly<Record<string, string>> = { undefined: 'nothing', object: 'an object' }
    const kind = typeof input
    const given = input === null ? 'null' : Array.isArray(input) ? 'a list' : (kinds[kind] ?? `a ${kind}`)
    throw bad(
      'bad_input',
      `${where} takes text, and was given ${given}. Give a string, or { text, parts } with pictures and files; put facts that only tools need into the context.`,
    )
  }
  if (!mayBeEmpty && saysNothing(input))
    throw bad(
      'bad_input',
      `${where} was given ${JSON.stringify(typeof input === 'string' ? input : input.text)}, which says nothing. Give it what the user says, or pictures and files.`,
    )
  return checkJson(input, 'bad_input', `The input given to ${where}`)
}

function isUserInput(input: unknown): input is string | UserInput {
  if (typeof input === 'string') return true
  if (typeof input !== 'object' || input === null || !('text' in input) || typeof input.text !== 'string') return false
  return !('parts' in input) || Array.isArray(input.parts)
}

function saysNothing(input: string | UserInput): boolean {
  const { text, parts = [] } = typeof input === 'string' ? { text: input } : input
  return text === '' && parts.length === 0
}

function bad(code: string, message: string): DefinitionError {
  return new DefinitionError({ code, message })
}

/** What a run's row begins with beside its definition. */
export interface FirstRow {
  readonly id: string
  readonly tags?: readonly string[]
  /** @default null */
  readonly tenant?: string | null
  readonly user?: string | null
  readonly owner: string | null
  readonly status?: 'queued' | 'running'
  /** What it waits for, where it does not begin yet. */
  readonly waiting?: Waiting
  readonly priority?: number
  readonly concurrency?: Concurrency | null
  /** When it is to be begun first, in milliseconds since 1970, and by when; and by when it must have ended. */
  readonly wakeAt?: number | null
  readonly expireAt?: number | null
  readonly deadlineAt?: number | null
  readonly parentId?: string
  readonly parentKey?: string
  /** @default the run itself: it is a root */
  readonly lineageId?: string
  readonly forkOf?: string
  readonly forkSeq?: number
  /** The session that it is a turn of, and which: both, or none. */
  readonly sessionId?: string
  readonly turn?: number
  /** The first of the continuations that it is one of, and which it is. @default the run itself, and 1 */
  readonly root?: string
  readonly round?: number
  readonly now: number
}

/** The row of a run that begins. */
export function firstRow({ kind, name, version }: AnyDefinition, first: FirstRow): RunRow {
  const { id, owner, tags = [], tenant = null, user = null, status = 'running', priority = 0, now } = first
  const { parentId = null, parentKey = null, lineageId = id, forkOf = null, forkSeq = null } = first
  const { sessionId = null, turn = null, root = id, round = 1 } = first
  const { concurrency = null, wakeAt = null, expireAt = null, deadlineAt = null, waiting = null } = first
  const fresh = {
    waiting,
    waits: waiting ? [waiting] : [],
    wakeAt,
    epoch: 1,
    attempts: owner === null ? 0 : 1,
    concurrency,
    expireAt,
    deadlineAt,
    endedAt: null,
    erasedAt: null,
    totals: NO_TOTALS,
  }
  const of = { kind, name, version, parentId, parentKey, lineageId, forkOf, forkSeq, sessionId, turn, root, round }
  return {
    id,
    ...of,
    tags,
    tenant,
    user,
    owner,
    status,
    priority,
    createdAt: now,
    ...fresh,
    ...(waiting && { status: 'waiting' }),
  }
}
