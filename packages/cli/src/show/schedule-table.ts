import type { RunStatus, Schedule } from '@reprise/core'
import { columns } from './columns.ts'
import { bad, bold, dim, OF_STATUS, open } from './style.ts'
import { harmless } from './text.ts'
import { sayTime } from './time.ts'

/** A schedule and how the last run that it began stands: null where there is none, or it was deleted. */
export interface ShownSchedule extends Schedule {
  readonly lastStatus: RunStatus | null
}

/** From how long after its moment on a schedule is overdue, in milliseconds. */
const OVERDUE_MS = 60_000

/**
 * Schedules as a table.
 *
 * @param now milliseconds since 1970.
 */
export function scheduleTable(schedules: readonly ShownSchedule[], now: number): string[] {
  const head = ['SCHEDULE', 'CRON', 'RUNS', 'NEXT', 'LAST', 'LAST SKIPPED'].map(bold)
  return columns([head, ...schedules.map((schedule) => cells(harmless(schedule), now))])
}

function cells(schedule: ShownSchedule, now: number): string[] {
  const { name, cron, timeZone, definition, skipped } = schedule
  const last = skipped.at(-1)
  return [
    name,
    `${cron} ${timeZone}`,
    `${definition.kind} ${definition.name}`,
    sayNext(schedule, now),
    sayLast(schedule),
    last ? `${sayTime(last.until)} ${last.why}` : '',
  ]
}

function sayNext({ paused, nextAt, waiting }: ShownSchedule, now: number): string {
  const held = waiting.length > 0 ? `, ${waiting.length} waiting` : ''
  if (paused) return `${open('paused')}${held}`
  if (nextAt === null) return `${dim('never again')}${held}`
  return `${sayTime(nextAt)}${now - nextAt > OVERDUE_MS ? ` ${bad('overdue')}` : ''}${held}`
}

function sayLast({ last, lastStatus }: ShownSchedule): string {
  if (!last) return dim('none yet')
  return `${sayTime(last.at)} ${lastStatus ? OF_STATUS[lastStatus](lastStatus) : dim('deleted')}`
}
