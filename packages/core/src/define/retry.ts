import type { Random } from '../contracts/clock.ts'
import { DefinitionError } from '../values/errors.ts'
import { checkCount } from './names.ts'

/** How often and how soon a failed attempt is made again. */
export interface RetryOptions {
  /** All attempts, the first among them; 1 means no retry. */
  readonly attempts?: number
  /** The longest first wait in milliseconds; it doubles with each attempt. */
  readonly baseMs?: number
  /** The longest wait in milliseconds that is chosen here; a service may ask for more. */
  readonly maxMs?: number
}

/** Retry options with nothing left open. */
export type RetryPolicy = Required<RetryOptions>

/** How a model's service is asked again: over about two minutes, as long as a rate limit or a short outage lasts. */
export const MODEL_RETRY: RetryPolicy = { attempts: 8, baseMs: 500, maxMs: 30_000 }

/** The longest wait that a service may ask for, in milliseconds: some send a date where a time belongs. */
const LONGEST_ASKED_MS = 3_600_000

/** How a tool that threw is run again. */
export const TOOL_RETRY: RetryPolicy = { attempts: 3, baseMs: 200, maxMs: 5_000 }

/**
 * Fills retry options.
 *
 * @throws DefinitionError when a number is out of range.
 */
export function retryPolicy(what: string, options: RetryOptions | undefined, standard: RetryPolicy): RetryPolicy {
  if (!options) return standard
  const policy = { ...standard, ...options }
  checkCount(what, 'retry.attempts', policy.attempts)
  for (const field of ['baseMs', 'maxMs'] as const) {
    if (policy[field] >= 0 && Number.isFinite(policy[field])) continue
    throw new DefinitionError({
      code: 'bad_number',
      message: `${what} has retry.${field} ${policy[field]}. It must be 0 milliseconds or more.`,
      details: { field: `retry.${field}` },
    })
  }
  return policy
}

/**
 * How long to wait after a failed attempt: exponential with full jitter, or what the service asked for where it did, up to
 * an hour.
 *
 * @param attempt the one that failed, from 1.
 * @returns milliseconds, or null when no attempt is left.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: Random, askedMs?: number): number | null {
  if (attempt >= policy.attempts) return null
  if (askedMs !== undefined && askedMs >= 0) return Math.min(askedMs, LONGEST_ASKED_MS)
  // Past a thousand doublings a number is infinite, and nothing times that is no number; nor is what a broken `random` gives.
  return Math.floor(random() * Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(attempt - 1, 1_000))) || 0
}
