import type { Clock } from '@reprise/core'
import { ApiError } from '../http/api-error.ts'
import type { NamedModel } from '../models/model.ts'
import { own } from '../script/own.ts'
import { Bucket } from './bucket.ts'

/** What one model may be asked. */
export interface FakeLimits {
  readonly requestsPerMinute: number
  readonly tokensPerMinute: number
  /** Tokens that the batches which are not done may hold together. */
  readonly enqueuedTokens: number
}

/** The limits of an account of the highest tier. */
const HIGHEST: FakeLimits = {
  requestsPerMinute: 30_000,
  tokensPerMinute: 150_000_000,
  enqueuedTokens: 15_000_000_000,
}

type Headers = Readonly<Record<string, string>>

interface Buckets {
  readonly requests: Bucket
  readonly tokens: Bucket
}

/** Enforces requests and tokens a minute by model, on the fake's clock. */
export class RateLimits {
  readonly #given: Readonly<Record<string, Partial<FakeLimits>>>
  readonly #clock: Clock
  readonly #buckets = new Map<string, Buckets>()

  /** @param given by a model's name without a date; what is not given is that of the highest tier. */
  constructor(given: Readonly<Record<string, Partial<FakeLimits>>>, clock: Clock) {
    this.#given = given
    this.#clock = clock
  }

  of({ family }: NamedModel): FakeLimits {
    return { ...HIGHEST, ...own(this.#given, family) }
  }

  /**
   * Lets a request through.
   *
   * @returns the headers that tell what is left.
   * @throws ApiError where a limit is reached: with how long to wait, unless the request alone is over it.
   */
  take(model: NamedModel, tokens: number): Headers {
    const buckets = this.#bucketsOf(model)
    const who = `${model.family} in organization org-fake`
    if (tokens > buckets.tokens.limit) {
      const message = `Request too large for ${who} on tokens per min (TPM): Limit ${buckets.tokens.limit}, Requested ${tokens}. The input or output tokens must be reduced in order to run successfully. Visit https://platform.openai.com/account/rate-limits to learn more.`
      throw refused(message, 'tokens', headersOf(buckets))
    }
    for (const [type, unit, amount] of [
      ['requests', 'requests per min (RPM)', 1],
      ['tokens', 'tokens per min (TPM)', tokens],
    ] as const) {
      const { limit, left } = buckets[type]
      const waitMs = buckets[type].waitMs(amount)
      if (waitMs === 0) continue
      const message = `Rate limit reached for ${who} on ${unit}: Limit ${limit}, Used ${Math.round(limit - left)}, Requested ${amount}. Please try again in ${duration(waitMs)}. Visit https://platform.openai.com/account/rate-limits to learn more.`
      const retry = { 'retry-after-ms': String(waitMs), 'retry-after': String(Math.ceil(waitMs / 1000)) }
      throw refused(message, type, { ...headersOf(buckets), ...retry })
    }
    buckets.requests.take(1)
    buckets.tokens.take(tokens)
    return headersOf(buckets)
  }

  #bucketsOf(model: NamedModel): Buckets {
    let found = this.#buckets.get(model.family)
    if (!found) {
      const { requestsPerMinute, tokensPerMinute } = this.of(model)
      found = { requests: new Bucket(requestsPerMinute, this.#clock), tokens: new Bucket(tokensPerMinute, this.#clock) }
      this.#buckets.set(model.family, found)
    }
    return found
  }
}

function refused(message: string, type: string, headers: Headers): ApiError {
  return new ApiError(message, { status: 429, code: 'rate_limit_exceeded', type, headers })
}

function headersOf(buckets: Buckets): Headers {
  const pairs = (['requests', 'tokens'] as const).flatMap((name) => {
    const bucket = buckets[name]
    return [
      [`x-ratelimit-limit-${name}`, String(bucket.limit)],
      [`x-ratelimit-remaining-${name}`, String(Math.max(0, Math.floor(bucket.left + 1e-6)))],
      [`x-ratelimit-reset-${name}`, duration(bucket.resetMs)],
    ]
  })
  return Object.fromEntries(pairs) as Headers
}

/** A time as the platform writes it: `120ms`, `8.64s`, `1m30s`. */
function duration(ms: number): string {
  if (ms > 0 && ms < 1000) return `${ms}ms`
  const minutes = Math.floor(ms / 60_000)
  return `${minutes > 0 ? `${minutes}m` : ''}${(ms % 60_000) / 1000}s`
}
