// How a run ends that was not begun, or has not ended, in time: by nobody's code and nobody's word. Pure.
import type { RecordedError } from '../contracts/entry.ts'
import type { RunRow } from '../contracts/run.ts'

const EXPIRED = 'run_expired'
const DEADLINE = 'run_deadline'

/**
 * Why a run is late, as the error that it ends with; undefined where it is not.
 *
 * @param now in milliseconds since 1970.
 */
export function lateness(
  row: Pick<RunRow, 'status' | 'expireAt' | 'deadlineAt'>,
  now: number,
): RecordedError | undefined {
  const { status, expireAt, deadlineAt } = row
  if (deadlineAt !== null && deadlineAt <= now) return deadlineError(deadlineAt)
  return status === 'queued' && expireAt !== null && expireAt <= now ? expiredError(expireAt) : undefined
}

/** The error of a run that was to have ended by a moment. */
export function deadlineError(deadlineAt: number): RecordedError {
  const message = `It had not ended by its deadline, ${new Date(deadlineAt).toISOString()}. Give it more time with deadlineMs, or look at the run for what took so long.`
  return { code: DEADLINE, message, details: { deadlineAt } }
}

/** Whether an end says that its run was late: no code made it so. */
export function isLateEnd({ code }: Pick<RecordedError, 'code'>): boolean {
  return code === EXPIRED || code === DEADLINE
}

/** Whether an end says that its run was not begun in time. */
export function isExpiredEnd({ code }: Pick<RecordedError, 'code'>): boolean {
  return code === EXPIRED
}

function expiredError(expireAt: number): RecordedError {
  const message = `Nobody had begun it by ${new Date(expireAt).toISOString()}, so it was not begun. Let more workers run, or give it more time with expireMs; to have it done all the same, queue it anew under another id.`
  return { code: EXPIRED, message, details: { expireAt } }
}
