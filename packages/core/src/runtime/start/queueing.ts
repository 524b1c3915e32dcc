import type { Concurrency } from '../../contracts/run.ts'
import type { FirstRow } from '../../engine/begin/begin.ts'
import { badArgument } from '../../define/argument.ts'
import { checkCount, checkMs, checkText, checkWhole } from '../../define/names.ts'
import { DefinitionError } from '../../values/errors.ts'

/** How a run is queued. */
export interface QueueingOptions {
  /**
   * The higher, the sooner a worker takes it. One that is lower is taken all the same: now and then the oldest comes first.
   * @default 0
   */
  readonly priority?: number
  /** No worker takes it before: a date, or milliseconds since 1970. @default at once */
  readonly at?: Date | number
  /** The same, in milliseconds from now. 0 or more. */
  readonly delayMs?: number
  /** The same as `concurrency` with a limit of 1. */
  readonly concurrencyKey?: string
  /**
   * No more than `limit` runs of this key are worked at a time, over all processes, and they begin in their order. One that
   * waits (for an approval, a signal, a long timer) is not worked: it lets the next one go on, and comes before those behind
   * it once it has something to go on with. Children are worked beside their parent, and do not count.
   */
  readonly concurrency?: Concurrency
  /**
   * A run that no worker has begun by then ends as failed with the code `run_expired`. In milliseconds, 0 or more, from now
   * or from the moment at which it may be begun first.
   */
  readonly expireMs?: number
  /**
   * A run that has not ended by then is stopped as `cancel` stops one, whatever it waits for, and ends as failed with the
   * code `run_deadline`. In milliseconds, 0 or more, from now or from the moment at which it may be begun first.
   */
  readonly deadlineMs?: number
}

/**
 * What a run is queued with, as its row says it.
 *
 * @param what is said in complaints.
 * @param now in milliseconds since 1970: what is counted begins then, or when the run may be begun first.
 * @throws DefinitionError with code `bad_number`, `bad_text`, `bad_argument` or `bad_concurrency`.
 */
export function queueing(
  what: string,
  options: QueueingOptions,
  now: number,
): Required<Pick<FirstRow, 'priority' | 'concurrency' | 'wakeAt' | 'expireAt' | 'deadlineAt'>> {
  const { priority = 0, expireMs, deadlineMs } = options
  checkWhole(what, 'priority', priority)
  const at = beginningOf(what, options, now)
  const from = Math.max(at ?? now, now)
  const wakeAt = at !== undefined && at > now ? at : null
  const [expireAt, deadlineAt] = [after(what, 'expireMs', expireMs, from), after(what, 'deadlineMs', deadlineMs, from)]
  return { priority, concurrency: concurrencyOf(what, options), wakeAt, expireAt, deadlineAt }
}

function beginningOf(what: string, { at, delayMs }: QueueingOptions, now: number): number | undefined {
  if (at !== undefined && delayMs !== undefined)
    throw badArgument(`${what} was given at and delayMs`, delayMs, 'Give it one of them.')
  if (delayMs !== undefined) return after(what, 'delayMs', delayMs, now) ?? undefined
  if (at === undefined) return undefined
  const moment = at instanceof Date ? at.getTime() : at
  if (typeof moment === 'number' && Number.isFinite(moment) && Math.abs(moment) <= LAST) return Math.ceil(moment)
  throw badArgument(`${what} was given at`, at, 'Give it a Date, or milliseconds since 1970.')
}

/** The last moment that a Date can say. */
const LAST = 8.64e15

function after(what: string, field: string, ms: number | undefined, from: number): number | null {
  if (ms === undefined) return null
  checkMs(what, field, ms)
  return Math.min(Math.ceil(from + ms), LAST)
}

function concurrencyOf(what: string, { concurrencyKey, concurrency }: QueueingOptions): Concurrency | null {
  if (concurrencyKey !== undefined && concurrency !== undefined)
    throw new DefinitionError({
      code: 'bad_concurrency',
      message: `${what} was given concurrencyKey and concurrency. Give it one of them: concurrencyKey: 'k' says concurrency: { key: 'k', limit: 1 }.`,
    })
  const given = concurrencyKey === undefined ? concurrency : { key: concurrencyKey, limit: 1 }
  if (given === undefined) return null
  if (typeof given !== 'object' || given === null)
    throw badArgument(`${what} was given concurrency`, given, 'Give it { key, limit }.')
  const { key, limit } = given
  checkText(what, 'concurrency.key', key)
  checkCount(what, 'concurrency.limit', limit)
  return { key, limit }
}
