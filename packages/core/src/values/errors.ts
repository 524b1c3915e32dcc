import { cut } from './cut.ts'
import type { JsonObject } from './json.ts'
import type { Spent } from './spent.ts'
import { toJson } from './to-json.ts'

const BRAND = Symbol.for('reprise.error')

/** What an error is made of. */
export interface ErrorParts<Code extends string = string> {
  /** A literal that programs may compare. */
  readonly code: Code
  /** One sentence or a few: what failed with the value, what was expected, what to do. */
  readonly message: string
  /** Facts as JSON: ids, names, limits. Never live state. */
  readonly details?: JsonObject
  /** Whether the same call may succeed later. @default false */
  readonly retryable?: boolean
  /**
   * Whether whoever operates the program can mend what is wrong: a key, an account, an address, a deploy. A run waits for
   * that, and is tried again, instead of ending.
   * @default false
   */
  readonly mendable?: boolean
  readonly cause?: unknown
}

/**
 * The root of every error that Reprise throws.
 * It is branded, so that `RepriseError.is` holds across two copies of the package.
 *
 * @example
 * ```ts
 * import { defineAgent, RepriseError } from '@reprise/core'
 *
 * try {
 *   defineAgent({ name: 'front desk', model: 'gpt-4.1-mini', instructions: 'You help the customers of a shop.' })
 * } catch (error) {
 *   if (!RepriseError.is(error)) throw error
 *   console.log(error.code, error.retryable) // bad_name false
 * }
 * ```
 */
export class RepriseError<Code extends string = string> extends Error {
  readonly code: Code
  readonly retryable: boolean
  readonly mendable: boolean
  readonly details: JsonObject
  readonly [BRAND] = true

  constructor({ code, message, details = {}, retryable = false, mendable = false, cause }: ErrorParts<Code>) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.code = code
    this.retryable = retryable
    this.mendable = mendable
    this.details = details
  }

  /** Tells whether a value is an error of Reprise, whichever copy of the package made it. Never throws. */
  static is(value: unknown): value is RepriseError {
    try {
      return typeof value === 'object' && value !== null && BRAND in value && isWhole(value)
    } catch {
      return false
    }
  }
}

/** A brand alone may stand on anything. */
function isWhole(branded: object): boolean {
  const { code, message, retryable, details } = branded as Partial<RepriseError>
  const isText = typeof code === 'string' && typeof message === 'string'
  return isText && typeof retryable === 'boolean' && typeof details === 'object' && details !== null
}

/**
 * The developer must act: a definition, an argument or a call that cannot be right.
 *
 * @example
 * ```ts
 * import { createRuntime, DefinitionError } from '@reprise/core'
 * import { memoryStore, scriptedModel } from '@reprise/testing'
 *
 * await using runtime = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [] })
 * try {
 *   await runtime.resume('ticket-4711')
 * } catch (error) {
 *   if (!(error instanceof DefinitionError)) throw error
 *   console.log(error.code) // unknown_run
 * }
 * ```
 */
export class DefinitionError extends RepriseError {}

/**
 * A model's service failed: who must act stands in its code.
 *
 * @example
 * ```ts
 * import { type Model, ModelError } from '@reprise/core'
 *
 * // A model of yours.
 * const local: Model = {
 *   async *ask(request, signal) {
 *     const response = await fetch('http://localhost:8080', { method: 'POST', body: JSON.stringify(request), signal })
 *     const message = `The local model answered with status ${response.status}.`
 *     if (!response.ok) throw new ModelError({ code: 'no_answer', message, retryable: response.status === 503 })
 *     const text = await response.text()
 *     yield { kind: 'reply', reply: { items: [{ kind: 'assistant', text }], finish: 'stop', model: 'local' } }
 *   },
 * }
 * ```
 */
export class ModelError extends RepriseError {
  /** How long the service asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined
  /**
   * What was charged all the same; `unknown` where that may be much or nothing. Undefined where nothing was: no reply had
   * begun, or the service does not charge for what has failed.
   */
  readonly spent: Spent | 'unknown' | undefined

  constructor(
    parts: ErrorParts & {
      readonly retryAfterMs?: number | undefined
      readonly spent?: Spent | 'unknown' | undefined
    },
  ) {
    super(parts)
    this.retryAfterMs = parts.retryAfterMs
    this.spent = parts.spent
  }
}

/**
 * A tool failed. Thrown by a tool's `execute`: its message is told to the model.
 * With `retryable: false` (the default) no retry is made, whatever the tool's policy.
 *
 * @example
 * ```ts
 * import { defineTool, ToolError } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const orders = new Map([['4711', '$30']])
 * const find = defineTool({
 *   name: 'find_order',
 *   description: 'Finds an order by its number.',
 *   input: z.object({ orderId: z.string() }),
 *   effect: 'read',
 *   execute({ orderId }) {
 *     const message = `There is no order ${orderId}. Ask the customer for the number.`
 *     return orders.get(orderId) ?? Promise.reject(new ToolError({ code: 'no_order', message }))
 *   },
 * })
 * ```
 */
export class ToolError extends RepriseError {}

/**
 * A step of a workflow, or a child run, failed for good: what the code of the workflow may catch.
 *
 * @example
 * ```ts
 * import { defineWorkflow, StepError } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const ship = defineWorkflow({
 *   name: 'ship',
 *   input: z.object({ orderId: z.string() }),
 *   async run(ctx, { orderId }) {
 *     try {
 *       return await ctx.step('book', () => fetch(`https://carrier.example/${orderId}`).then(({ status }) => status))
 *     } catch (error) {
 *       if (!(error instanceof StepError)) throw error
 *       return ctx.step('tell', () => console.log(`${orderId} is not booked: ${error.message}`))
 *     }
 *   },
 * })
 * ```
 */
export class StepError extends RepriseError {}

/**
 * The store could not do what was asked: a file, a version, a lock, a disk.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs'
 * import { StoreError } from '@reprise/core'
 * import { sqlite } from '@reprise/store'
 *
 * writeFileSync('notes.txt', 'This is no database, though it is as long as one has to be. '.repeat(10))
 * await using store = sqlite('notes.txt')
 * try {
 *   await store.runs({})
 * } catch (error) {
 *   if (!(error instanceof StoreError)) throw error
 *   console.log(error.code) // store_not_a_database
 * }
 * ```
 */
export class StoreError extends RepriseError {}

/**
 * Today's code does not take the path that a journal recorded: another deploy may.
 *
 * @example
 * ```ts
 * import { DivergenceError, type Runtime } from '@reprise/core'
 *
 * // Takes a run up under today's code, or forks it before the first step that today's code would not take.
 * async function takeUp(runtime: Runtime, runId: string) {
 *   try {
 *     return await runtime.resume(runId)
 *   } catch (error) {
 *     if (!(error instanceof DivergenceError) || typeof error.details['seq'] !== 'number') throw error
 *     return runtime.fork(runId, { at: error.details['seq'] })
 *   }
 * }
 * ```
 */
export class DivergenceError extends RepriseError {
  constructor(parts: ErrorParts) {
    super({ mendable: true, ...parts })
  }
}

/**
 * A run ended without a result: what `result()` throws.
 *
 * @example
 * ```ts
 * import { createRuntime, defineAgent, OutcomeError } from '@reprise/core'
 * import { memoryStore, scriptedModel } from '@reprise/testing'
 *
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'You help the customers of a shop.' })
 * const models = scriptedModel([{ refusal: 'That I cannot do.' }])
 * await using runtime = createRuntime({ store: memoryStore(), models, definitions: [desk] })
 * const run = await runtime.start(desk, 'Delete all orders')
 * try {
 *   console.log(await run.result())
 * } catch (error) {
 *   if (!(error instanceof OutcomeError)) throw error
 *   console.log(error.code) // refused
 * }
 * ```
 */
export class OutcomeError extends RepriseError {}

/**
 * A run or a call was cancelled by somebody.
 *
 * @example
 * ```ts
 * import { CancelledError, defineTool } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const build = defineTool({
 *   name: 'build',
 *   description: 'Builds a branch.',
 *   input: z.object({ branch: z.string() }),
 *   effect: 'idempotent',
 *   execute: ({ branch }, { signal }) =>
 *     new Promise((_, reject) => {
 *       const why = () => (signal.reason instanceof CancelledError ? signal.reason.message : 'it took too long')
 *       signal.addEventListener('abort', () => reject(new Error(`${branch} is not built: ${why()}`)), { once: true })
 *     }),
 * })
 * ```
 */
export class CancelledError extends RepriseError {}

/**
 * A call took longer than its limit.
 *
 * @example
 * ```ts
 * import { defineSignal, defineWorkflow, TimedOutError } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const review = defineSignal({ name: 'review', payload: z.object({ approved: z.boolean() }) })
 * const publish = defineWorkflow({
 *   name: 'publish',
 *   input: z.object({ page: z.string() }),
 *   async run(ctx, { page }) {
 *     const answer = await ctx.receive(review, { timeoutMs: 86_400_000 }).catch((error: unknown) => {
 *       if (error instanceof TimedOutError) return { approved: false }
 *       throw error
 *     })
 *     return `${page}: ${answer.approved}`
 *   },
 * })
 * ```
 */
export class TimedOutError extends RepriseError {}

/** Tells whether a value is of a class, also where that is asked of what throws. */
export function isOf<T>(value: unknown, kind: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof kind
  } catch {
    return false
  }
}

/**
 * Gives an unknown thrown value as the text that a person or a model may read. Never throws: anything can be thrown.
 *
 * @example
 * ```ts
 * import { messageOf } from '@reprise/core'
 *
 * try {
 *   new URL('shop.example')
 * } catch (error) {
 *   console.log(messageOf(error)) // Invalid URL
 * }
 * ```
 */
export function messageOf(thrown: unknown): string {
  try {
    return textOf(isOf(thrown, Error) ? thrown.message : thrown)
  } catch {
    return say(thrown)
  }
}

function textOf(said: unknown): string {
  if (typeof said === 'string') return said
  // An error's message may be anything, and what has no text of its own is said by what it holds.
  const text = String(said)
  return text === '[object Object]' ? say(said) : text
}

/** The longest text that is made of an object. */
const LONGEST_TEXT = 1_000

function say(thrown: unknown): string {
  const { json } = toJson(thrown)
  const text = JSON.stringify(json)
  return text === '{}' ? 'something that says nothing was thrown' : cut(text, LONGEST_TEXT)
}
