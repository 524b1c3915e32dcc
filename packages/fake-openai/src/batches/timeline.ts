/** How long the steps of a batch take on the fake's clock, in milliseconds, as one was seen to. */
const VALIDATING_MS = 3_000
const LINE_MS = 60_000
const FINALIZING_MS = 2_000
const CANCELLING_MS = 60_000
const WINDOW_MS = 86_400_000

/** The states of a batch. */
export type BatchStatus =
  | 'validating'
  | 'failed'
  | 'in_progress'
  | 'finalizing'
  | 'completed'
  | 'expired'
  | 'cancelling'
  | 'cancelled'

/** When a batch was created and perhaps cancelled, in milliseconds since 1970, and whether its file is wrong. */
export interface BatchTimes {
  readonly createdAt: number
  readonly cancelledAt: number | undefined
  readonly isWrong: boolean
}

/** When its file is validated. */
export function validatedAt({ createdAt }: BatchTimes): number {
  return createdAt + VALIDATING_MS
}

/** When the last of its lines is done that take no time of their own. */
export function linesFrom(times: BatchTimes): number {
  return validatedAt(times) + LINE_MS
}

/** When one of its lines is done that takes no time of its own: one after the other. @param at its index, from 0. */
export function lineFrom(times: BatchTimes, at: number, count: number): number {
  return validatedAt(times) + Math.ceil((LINE_MS * (at + 1)) / count)
}

/** When what is not done is given up. */
export function expiresAt({ createdAt }: BatchTimes): number {
  return createdAt + WINDOW_MS
}

/** How a batch ends: lines that are done by `upTo` count. */
export interface BatchEnd {
  readonly status: 'failed' | 'completed' | 'expired' | 'cancelled'
  readonly upTo: number
  readonly endedAt: number
}

/**
 * How a batch ends, as far as is known now.
 *
 * @param lastLineAt when its last line is done.
 */
export function endOf(times: BatchTimes, lastLineAt: number): BatchEnd {
  const { cancelledAt, isWrong } = times
  if (isWrong) return { status: 'failed', upTo: 0, endedAt: validatedAt(times) }
  const lastAt = Math.min(lastLineAt, expiresAt(times))
  if (cancelledAt !== undefined && cancelledAt < lastAt)
    return { status: 'cancelled', upTo: cancelledAt, endedAt: cancelledAt + CANCELLING_MS }
  if (lastLineAt <= expiresAt(times)) return { status: 'completed', upTo: lastAt, endedAt: lastAt + FINALIZING_MS }
  return { status: 'expired', upTo: lastAt, endedAt: lastAt }
}

/** Where a batch stands. */
export function statusAt(times: BatchTimes, { status, upTo, endedAt }: BatchEnd, now: number): BatchStatus {
  if (now >= endedAt) return status
  if (status === 'cancelled' && now >= upTo) return 'cancelling'
  if (now < validatedAt(times)) return 'validating'
  return now < upTo ? 'in_progress' : 'finalizing'
}
