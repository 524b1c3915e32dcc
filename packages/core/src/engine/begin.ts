// What a run begins with: its input and context, checked before anything is written, its first entry and its row.
import type { Draft, Effects, EntryBodies } from '../contracts/entry.ts'
import type { UserInput } from '../contracts/item.ts'
import type { RunRow } from '../contracts/run.ts'
import type { Schema } from '../contracts/schema.ts'
import { type AnyDefinition, type Plan, planOf } from '../define/plan.ts'
import type { AnyWorkflow } from '../define/any-workflow.ts'
import { RUN_KEY } from '../journal/keys.ts'
import { validate } from '../schema/decode.ts'
import { explain } from '../schema/explain.ts'
import { crypto } from '../words/crypto.ts'
import { DefinitionError } from '../words/errors.ts'
import { copyJson, findUnjson, type Json } from '../words/json.ts'
import { NO_TOTALS } from '../journal/totals.ts'

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
 * @throws DefinitionError when the input or the context breaks its schema or is not JSON.
 */
export function accept(definition: AnyDefinition, input: unknown, context: unknown): Given {
  return definition.kind === 'workflow'
    ? acceptOfWorkflow(definition, input, context)
    : acceptOfAgent(planOf(definition), input, context)
}

/** The first entry of a run. */
export function firstDraft(
  definition: AnyDefinition,
  given: Pick<Given, 'input' | 'context'>,
  effects: Effects = 'live',
): Draft {
  const body = definition.kind === 'workflow' ? workflowStart(definition, given) : agentStart(planOf(definition), given)
  return { kind: 'run.started', key: RUN_KEY, attempt: 1, body: effects === 'read' ? { ...body, effects } : body }
}

function workflowStart(
  { kind, name, version }: AnyWorkflow,
  { input, context }: Pick<Given, 'input' | 'context'>,
): EntryBodies['run.started'] {
  return { definition: { kind, name, version }, input, context, seed: crypto().randomUUID() }
}

function agentStart(plan: Plan, { input, context }: Pick<Given, 'input' | 'context'>): EntryBodies['run.started'] {
  const post = plan.posts.get(plan.entry)
  if (!post) throw new Error(`The plan of "${plan.ref.name}" has no entry`)
  const instructions = post.agent.instructions({ context })
  return { definition: plan.ref, input, context, card: post.card, instructions }
}

function acceptOfWorkflow(workflow: AnyWorkflow, input: unknown, context: unknown): Given {
  const where = `workflow "${workflow.name}"`
  if (context !== undefined)
    throw bad('bad_context', `The context given to ${where} has no place: a workflow has an input alone.`)
  const { value, secrets } = acceptAll([workflow.input], input, 'bad_input', `The input given to ${where}`)
  return { input: value, context: null, secrets }
}

function acceptOfAgent(plan: Plan, input: unknown, context: unknown): Given {
  const where = `${plan.ref.kind} "${plan.ref.name}"`
  if (!isUserInput(input)) {
    const given = input === null ? 'null' : Array.isArray(input) ? 'a list' : `a ${typeof input}`
    throw bad(
      'bad_input',
      `${where} takes text, and was given ${given}. Give a string, or { text, parts } with pictures and files; put facts that only tools need into the context.`,
    )
  }
  if (plan.contexts.length === 0 && context !== undefined)
    throw bad('bad_context', `The context given to ${where} has no place: it has no context schema.`)
  const { value, secrets } = acceptAll(plan.contexts, context, 'bad_context', `The context given to ${where}`)
  return { input: checkJson(input, 'bad_input', `The input given to ${where}`), context: value, secrets }
}

interface Accepted {
  readonly value: Json
  readonly secrets: readonly string[]
}

/** What a schema gives for a value; of several schemas, which then give objects, what they give together. */
function acceptAll(schemas: readonly Schema[], value: unknown, code: string, what: string): Accepted {
  const accepted = schemas.map((schema) => {
    const decoded = validate(schema, value, what)
    if (!decoded.ok) throw bad(code, `${what} is wrong. ${explain(decoded.issues)}`)
    return decoded
  })
  const [first = null, ...more] = accepted.map((decoded) => decoded.value)
  const whole = more.length > 0 ? merge([first, ...more], code, what) : first
  return { value: checkJson(whole, code, what), secrets: accepted.flatMap((decoded) => decoded.secrets) }
}

/** What a reader of the journal would get (invariant 7). */
function checkJson(value: unknown, code: string, what: string): Json {
  const lost = findUnjson(value)
  if (lost)
    throw bad(code, `${what} cannot be kept in a journal: ${lost.path || 'it'} is ${lost.found}. Use plain JSON.`)
  return copyJson(value) as Json
}

function isUserInput(input: unknown): input is string | UserInput {
  if (typeof input === 'string') return true
  if (typeof input !== 'object' || input === null || !('text' in input) || typeof input.text !== 'string') return false
  return !('parts' in input) || Array.isArray(input.parts)
}

function merge(accepted: readonly unknown[], code: string, what: string): object {
  return accepted.reduce<object>((whole, part) => {
    if (typeof part === 'object' && part !== null && !Array.isArray(part)) return { ...whole, ...part }
    throw bad(code, `${what} must be an object, since there are several schemas for it.`)
  }, {})
}

function bad(code: string, message: string): DefinitionError {
  return new DefinitionError({ code, message })
}

/** What a run's row begins with beside its definition. */
export interface FirstRow {
  readonly id: string
  readonly tags?: readonly string[]
  readonly owner: string | null
  readonly beat: number
  readonly status?: 'queued' | 'running'
  readonly priority?: number
  readonly parentId?: string
  readonly parentKey?: string
  /** @default the run itself: it is a root */
  readonly lineageId?: string
  readonly forkOf?: string
  readonly forkSeq?: number
  readonly now: number
}

/** The row of a run that begins. */
export function firstRow({ kind, name, version }: AnyDefinition, first: FirstRow): RunRow {
  const { id, owner, beat, tags = [], status = 'running', priority = 0, now } = first
  const { parentId = null, parentKey = null, lineageId = id, forkOf = null, forkSeq = null } = first
  const fresh = {
    waiting: null,
    wakeAt: null,
    epoch: 1,
    attempts: owner === null ? 0 : 1,
    endedAt: null,
    erasedAt: null,
    totals: NO_TOTALS,
  }
  const of = { kind, name, version, parentId, parentKey, lineageId, forkOf, forkSeq }
  return { id, ...of, tags, owner, beat, status, priority, createdAt: now, ...fresh }
}
