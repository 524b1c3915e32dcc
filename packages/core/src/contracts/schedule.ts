import type { DefinitionRef } from './entry.ts'

/** A schedule as a store keeps it: what it needs to find it by, and the rest as text. */
export interface StoredSchedule {
  /** 1 to 100 printable characters of ASCII, without spaces. */
  readonly name: string
  /** Another one with each write of it, and never one that it had before: whoever changes it says which one it saw. */
  readonly etag: string
  /** What its runs are of. */
  readonly definition: Pick<DefinitionRef, 'kind' | 'name'>
  /** When somebody is to look at it next, in milliseconds since 1970; null where nothing comes any more. */
  readonly dueAt: number | null
  /** Whether nothing of it is begun until it is resumed. */
  readonly paused: boolean
  readonly tenant: string | null
  readonly user: string | null
  /** JSON, which the store gives back to the byte, and keeps encrypted where it keeps entries so. */
  readonly text: string
}

/** Which schedules are meant. */
export interface ScheduleFilter {
  readonly name?: string
  readonly tenant?: string
  readonly user?: string
  /** Those after this name: the last of the page before. */
  readonly after?: string
  /** 1 to 1,000. @default 100 */
  readonly limit?: number
}

/** Which schedules somebody looks at whose moment has come. */
export interface DueFilter {
  /** Milliseconds since 1970. */
  readonly now: number
  /** What runs can be begun of: schedules of other definitions are left to others, and stand in nobody's way. */
  readonly definitions: readonly Pick<DefinitionRef, 'kind' | 'name'>[]
  /** Those of this tenant alone. @default all */
  readonly tenant?: string
  /** The names of schedules that are left alone. */
  readonly except: readonly string[]
  /** 1 or more. */
  readonly limit: number
}

/** A change of a schedule: the store refuses it where the schedule has another etag by now. */
export interface ScheduleChange {
  readonly schedule: StoredSchedule
  /** The etag of the schedule that was seen; null where there was none. */
  readonly before: string | null
}

/** Where schedules live: a part of every store. */
export interface ScheduleStore {
  /**
   * Writes a schedule where it still has the etag at which it was seen, or where there is none of its name. One that stands
   * with its new etag already counts as written (fault 6).
   *
   * @returns whether it is written.
   */
  keepSchedule(change: ScheduleChange): Promise<boolean>
  /** The schedules that fit, in the order of their names. */
  schedules(filter: ScheduleFilter): Promise<readonly StoredSchedule[]>
  /** The schedules that are due and not paused, the longest due first. */
  dueSchedules(filter: DueFilter): Promise<readonly StoredSchedule[]>
  /**
   * Deletes a schedule; its runs stay.
   *
   * @param erases whether what it said is to be gone from the files too, as by `erase`: that may take long. @default false
   * @returns false where there is none of the name; `pending` where it erases, and somebody reads the store's files just then:
   * what it said is gone from them when that ends.
   */
  deleteSchedule(name: string, erases?: boolean): Promise<boolean | 'pending'>
}
