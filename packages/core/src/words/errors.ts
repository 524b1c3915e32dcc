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

/** The developer must act: a definition, an argument or a call that cannot be right. */
export class DefinitionError extends RepriseError {}

/** A model's service failed: who must act stands in its code. */
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
 */
export class ToolError extends RepriseError {}

/** A step of a workflow, or a child run, failed for good: what the code of the workflow may catch. */
export class StepError extends RepriseError {}

/** The store could not do what was asked: a file, a version, a lock, a disk. */
export class StoreError extends RepriseError {}

/** Today's code does not take the path that a journal recorded: another deploy may. */
export class DivergenceError extends RepriseError {
  constructor(parts: ErrorParts) {
    super({ mendable: true, ...parts })
  }
}

/** A run ended without a result: what `result()` throws. */
export class OutcomeError extends RepriseError {}

/** A run or a call was cancelled by somebody. */
export class CancelledError extends RepriseError {}

/** A call took longer than its limit. */
export class TimedOutError extends RepriseError {}

/** Tells whether a value is of a class, also where that is asked of what throws. */
export function isOf<T>(value: unknown, kind: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof kind
  } catch {
    return false
  }
}

/** Gives an unknown thrown value as the text that a person or a model may read. Never throws: anything can be thrown. */
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
