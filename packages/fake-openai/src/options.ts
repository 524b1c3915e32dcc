import type { Clock } from '@reprise/core'
import type { Invoice } from './billing/ledger.ts'
import type { FakePrice } from './billing/prices.ts'
import type { FaultPlan } from './faults/plan.ts'
import type { FakeRequest } from './http/request-log.ts'
import type { FakeLimits } from './limits/rate-limits.ts'
import type { FaultRecord } from './service/service.ts'

/** What a fake may be told. */
export interface FakeOptions {
  /** The one key that is taken. @default any */
  readonly apiKey?: string
  /** Ids follow from it, and the order of a batch's results. @default 0 */
  readonly seed?: number
  /** 0 to 65535. @default one that is free */
  readonly port?: number
  /** The shortest prefix that the prompt cache takes, in tokens, from 0. @default 1024 */
  readonly cacheMinTokens?: number
  /**
   * Limits, batches, background responses and slow replies go by it: a manual clock's time is a test's own.
   *
   * @default the machine's
   */
  readonly clock?: Clock
  /** By a model's name without a date; each a number above 0. @default those of the highest tier */
  readonly limits?: Readonly<Record<string, Partial<FakeLimits>>>
  /** Models that are served besides the platform's own and those that `prices` names. @default none */
  readonly models?: readonly string[]
  /** By a model's name, with or without a date, over the list prices. Dollars from 0. A model that is named here is served. */
  readonly prices?: Readonly<Record<string, FakePrice>>
  /**
   * How many requests `requests` tells, and how many stored responses and completions can be retrieved: the memory of
   * a server that runs for long stays what it is. A whole number from 0, or Infinity: anything else is refused.
   *
   * @default 1000
   */
  readonly keep?: number
  /** What goes wrong, besides what the script says. @default nothing */
  readonly faults?: FaultPlan
}

/** A server that is running. */
export interface FakeOpenAI extends AsyncDisposable {
  /** What a client takes as its base URL: `http://127.0.0.1:…/v1`. */
  readonly url: string
  /**
   * Every request so far, in the order in which they came.
   *
   * @throws RangeError where more came than `keep` of the options says.
   */
  readonly requests: readonly FakeRequest[]
  /** The faults that were met so far: a reply that has no place for one goes out as it is. */
  readonly faults: readonly FaultRecord[]
  /** What was charged so far; batches and background responses are charged when they are done. */
  invoice(): Promise<Invoice>
}
