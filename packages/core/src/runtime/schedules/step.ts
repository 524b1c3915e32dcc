// What becomes of a schedule whose moment has come: a pure function of how it stands, of the time, and of whether its last
// run has ended. firing.ts writes what it gives.
import type { Moments } from './moments.ts'
import { type Schedule, withSkipped } from './schedule.ts'

/** A moment that is no older than this is not missed, whatever `catchUp` says, in milliseconds. */
const ON_TIME_MS = 60_000

/** The most moments that wait for their turn; those beyond are skipped. */
const MAX_WAITING = 1_000

/** What is to be written: the schedule as it then stands and, where a run begins, of which moment. */
export interface Step {
  readonly schedule: Schedule
  readonly fire?: number
  /** The run before is cancelled with it. */
  readonly cancels?: true
}

/**
 * Gives the next step of a schedule.
 *
 * @param busy the run of it that has not ended; undefined where there is none.
 * @returns undefined where there is nothing to be done now.
 */
export function nextStep(before: Schedule, moments: Moments, now: number, busy: string | undefined): Step | undefined {
  const { schedule, at } = take(before, moments, now)
  const { waiting, overlap } = schedule
  const [first, ...others] = at === undefined ? waiting : [...waiting, at]
  if (first === undefined) return schedule === before ? undefined : { schedule }
  if (busy === undefined) return { schedule: { ...schedule, waiting: others }, fire: first }
  if (at === undefined) return schedule === before ? undefined : { schedule }
  if (overlap === 'cancel') return { schedule, fire: at, cancels: true }
  if (overlap === 'queue' && waiting.length < MAX_WAITING)
    return { schedule: { ...schedule, waiting: [...waiting, at] } }
  return { schedule: withSkipped(schedule, { at, until: at, why: 'overlap', runId: busy }) }
}

/** Takes the moment that is to be dealt with, where one has come, and leaves out what was missed. */
function take(
  schedule: Schedule,
  moments: Moments,
  now: number,
): { readonly schedule: Schedule; readonly at?: number } {
  const { nextAt, catchUp } = schedule
  if (nextAt === null || nextAt > now) return { schedule }
  if (catchUp === 'all') return { schedule: { ...schedule, nextAt: moments.next(nextAt) }, at: nextAt }
  const last = moments.last(nextAt, now)
  const moved = { ...schedule, nextAt: moments.next(last) }
  if (catchUp === 'none' && now - last > ON_TIME_MS)
    return { schedule: withSkipped(moved, { at: nextAt, until: last, why: 'missed' }) }
  const missed = last === nextAt ? undefined : moments.last(nextAt, last - 1)
  if (missed === undefined) return { schedule: moved, at: last }
  return { schedule: withSkipped(moved, { at: nextAt, until: missed, why: 'missed' }), at: last }
}
