// What a run begins with: its id, its input and its context, checked before anything is written.
import type { Draft, EntryBodies } from '../contracts/entry.ts'
import type { RunRow } from '../contracts/run.ts'
import type { Plan } from '../define/plan.ts'
import { RUN_KEY } from '../journal/keys.ts'
import { validate } from '../schema/decode.ts'
import { explain } from '../schema/explain.ts'
import { DefinitionError } from '../words/errors.ts'
import { isRunId } from '../words/ids.ts'
import { findUnjson, type Json } from '../words/json.ts'

/**
 * Checks a run's id.
 *
 * @throws DefinitionError with code `bad_run_id`.
 */
export function checkRunId(id: string): void {
  if (typeof id === 'string' && isRunId(id)) return
  throw new DefinitionError({
    code: 'bad_run_id',
    message: `A run cannot have the id ${JSON.stringify(id)}. Use 1 to 200 printable characters without spaces.`,
  })
}

/**
 * The first entry of a run.
 *
 * @throws DefinitionError when the input is not text, or the context breaks its schema or is not JSON.
 */
export function firstDraft(plan: Plan, input: unknown, context: unknown): Draft {
  if (typeof input !== 'string') {
    throw new DefinitionError({
      code: 'bad_input',
      message: `${plan.ref.kind} "${plan.ref.name}" takes text, and was given ${input === null ? 'null' : `a ${typeof input}`}. Give a string; put facts that only tools need into the context.`,
    })
  }
  const stored = checkContext(plan, context)
  const post = plan.posts.get(plan.entry)
  if (!post) throw new Error(`The plan of "${plan.ref.name}" has no entry`)
  const instructions = post.agent.instructions({ context: stored })
  const body: EntryBodies['run.started'] = {
    definition: plan.ref,
    input,
    context: stored,
    card: post.card,
    instructions,
  }
  return { kind: 'run.started', key: RUN_KEY, attempt: 1, body }
}

/** A context is what its schema gives; of several schemas, which then give objects, what they give together. */
function checkContext(plan: Plan, context: unknown): Json {
  if (plan.contexts.length === 0 && context !== undefined)
    throw badContext(plan, 'has no place: it has no context schema.')
  const accepted = plan.contexts.map((schema) => {
    const decoded = validate(schema, context)
    if (!decoded.ok) throw badContext(plan, `is wrong. ${explain(decoded.issues)}`)
    return decoded.value
  })
  const [first = null] = accepted
  const whole = accepted.length > 1 ? merge(plan, accepted) : first
  const lost = findUnjson(whole)
  if (lost)
    throw badContext(plan, `cannot be kept in a journal: ${lost.path || 'it'} is ${lost.found}. Use plain JSON.`)
  return JSON.parse(JSON.stringify(whole)) as Json
}

function merge(plan: Plan, accepted: readonly unknown[]): object {
  return accepted.reduce<object>((whole, part) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) {
      throw badContext(plan, 'must be an object, since its agents have several schemas for it.')
    }
    return { ...whole, ...part }
  }, {})
}

function badContext({ ref }: Plan, what: string): DefinitionError {
  return new DefinitionError({ code: 'bad_context', message: `The context given to ${ref.kind} "${ref.name}" ${what}` })
}

/** The row of a run that begins. */
export function firstRow(plan: Plan, id: string, tags: readonly string[], owner: string, now: number): RunRow {
  const { kind, name, version } = plan.ref
  const totals = { turns: 0, calls: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0, costNano: 0, unpriced: 0 }
  const status = { status: 'running', waiting: null, createdAt: now, endedAt: null, totals } as const
  return { id, kind, name, version, tags, owner, epoch: 1, beat: 0, attempts: 1, ...status }
}
