import type { DefinitionRef } from '../../contracts/entry.ts'
import type { StoredSchedule } from '../../contracts/schedule.ts'
import { crypto } from '../../values/crypto.ts'
import type { Json } from '../../values/json.ts'

/** What becomes of moments at which nobody was up: none of them, the last one or all are made up for. */
export type CatchUp = 'none' | 'last' | 'all'

/** What becomes of a moment that comes while the last run has not ended. */
export type Overlap = 'skip' | 'queue' | 'cancel'

/** Moments that began no run: those from `at` up to `until`. */
export interface SkippedFiring {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly until: number
  /** `missed`: nobody was up, and `catchUp` leaves them out; `overlap`: the run `runId` had not ended. */
  readonly why: 'missed' | 'overlap'
  readonly runId?: string
}

/** What a schedule was declared with. */
export interface Declared {
  readonly version: number
  readonly cron: string
  readonly timeZone: string
  /** What its runs are of: the newest version that the worker has. */
  readonly definition: Pick<DefinitionRef, 'kind' | 'name'>
  readonly input: Json
  /** Absent where none was given. */
  readonly context?: Json
  /** The member of the input that is the moment, as ISO 8601 in UTC. */
  readonly momentAs?: string
  readonly catchUp: CatchUp
  readonly overlap: Overlap
  readonly tags: readonly string[]
  readonly priority: number
  readonly tenant: string | null
  readonly user: string | null
}

/** A schedule and how it stands. Moments are milliseconds since 1970. */
export interface Schedule extends Declared {
  readonly name: string
  readonly paused: boolean
  /** The first moment that has not been dealt with; one that is past is overdue. Null where none comes any more. */
  readonly nextAt: number | null
  /** Moments that wait until the run before has ended (`overlap: 'queue'`), the first one first. */
  readonly waiting: readonly number[]
  /** The newest run that it began, of which moment, and when; and the run that was cancelled for it (`overlap: 'cancel'`). */
  readonly last: {
    readonly at: number
    readonly runId: string
    readonly begunAt: number
    readonly instead?: string
  } | null
  /** The newest moments that began no run, the last of them last: 20 at most. */
  readonly skipped: readonly SkippedFiring[]
}

/** What the text of a stored schedule says: the rest stands beside it. */
type Told = Omit<Schedule, 'name' | 'paused' | 'definition' | 'tenant' | 'user'>

/** How many skipped firings are remembered. */
const MAX_SKIPPED = 20

/** Reads what a store keeps. */
export function decodeSchedule({ name, paused, definition, tenant, user, text }: StoredSchedule): Schedule {
  return { ...(JSON.parse(text) as Told), name, paused, definition, tenant, user }
}

/** What a store keeps of a schedule, with an etag of its own. */
export function encodeSchedule(schedule: Schedule): StoredSchedule {
  const { name, paused, definition, tenant, user, ...told } = schedule
  const dueAt = told.waiting[0] ?? told.nextAt
  const etag = crypto().randomUUID()
  return { name, etag, definition, dueAt, paused, tenant, user, text: JSON.stringify(told) }
}

/** A schedule with another lot of moments that began no run. */
export function withSkipped(schedule: Schedule, skipped: SkippedFiring): Schedule {
  return { ...schedule, skipped: [...schedule.skipped, skipped].slice(-MAX_SKIPPED) }
}

/** The id of the run that a moment of a schedule begins. */
export function runIdOf(name: string, at: number): string {
  return `${tagOf(name)}@${isoOf(at)}`
}

/** The tag by which the runs of a schedule are found. */
export function tagOf(name: string): string {
  return `schedule:${name}`
}

/** What a run of a schedule is begun with. */
export function inputAt({ input, momentAs }: Pick<Declared, 'input' | 'momentAs'>, at: number): Json {
  if (momentAs === undefined) return input
  return { ...(input as Readonly<Record<string, Json>>), [momentAs]: new Date(at).toISOString() }
}

/** A moment in UTC, without the milliseconds that it has not. */
export function isoOf(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z')
}
