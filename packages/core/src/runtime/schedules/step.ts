// What becomes of a schedule whose moment has come: a pure function of how it stands, of the time, and of whether its last
// run has ended. firing.ts writes what it gives.
import type { Moments } from './moments.ts'
import { type Schedule, withSkipped } from './schedule.ts'

/** A moment that is no older than this was not missed, in milliseconds. */
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
 * Gives the next step of a schedule. A moment that came before the last run began, since it is made up for, is no overlap: it
 * waits until that has ended.
 *
 * @param busy the run of it that has not ended; undefined where there is none.
 * @returns undefined where there is nothing to be done now.
 */
export function nextStep(before: Schedule, moments: Moments, now: number, busy: string | undefined): Step | undefined {
  const { schedule, at } = take(before, moments, now)
  const { waiting, overlap, last } = schedule
  const [first, ...others] = at === undefined ? waiting : [...waiting, at]
  if (first !== undefined && busy === undefined) return { schedule: { ...schedule, waiting: others }, fire: first }
  if (at === undefined || busy === undefined) return schedule === before ? undefined : { schedule }
  if (overlap === 'queue' && waiting.length < MAX_WAITING)
    return { schedule: { ...schedule, waiting: [...waiting, at] } }
  if (last && last.begunAt > at) return undefined
  if (overlap === 'cancel') return { schedule, fire: at, cancels: true }
  return { schedule: withSkipped(schedule, { at, until: at, why: 'overlap', runId: busy }) }
}

/** A schedule that has moved on and, where there is one, the moment that is to be dealt with. */
interface Taken {
  readonly schedule: Schedule
  readonly at?: number
}

function take(schedule: Schedule, moments: Moments, now: number): Taken {
  const { nextAt, catchUp } = schedule
  if (nextAt === null || nextAt > now) return { schedule }
  const at = catchUp === 'all' ? nextAt : moments.last(nextAt, now)
  const moved = { ...schedule, nextAt: moments.next(at) }
  if (catchUp === 'none' && now - at > ON_TIME_MS)
    return { schedule: withSkipped(moved, { at: nextAt, until: at, why: 'missed' }) }
  if (at === nextAt) return { schedule: moved, at }
  const until = moments.last(nextAt, at - 1)
  return { schedule: withSkipped(moved, { at: nextAt, until, why: 'missed' }), at }
}
