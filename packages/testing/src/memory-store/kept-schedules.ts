import type { DueFilter, ScheduleChange, ScheduleFilter, StoredSchedule } from '@reprise/core'

const DEFAULT_LIMIT = 100

/** The schedules of a memory store. */
export class KeptSchedules {
  readonly #byName = new Map<string, StoredSchedule>()

  /** As the store's `keepSchedule`. */
  keep(change: ScheduleChange): boolean {
    const { name, etag } = change.schedule
    return this.move(change) || this.#byName.get(name)?.etag === etag
  }

  /** Writes a schedule where it stands as it was seen. */
  move({ schedule, before }: ScheduleChange): boolean {
    if ((this.#byName.get(schedule.name)?.etag ?? null) !== before) return false
    this.#byName.set(schedule.name, schedule)
    return true
  }

  /** As the store's `schedules`. */
  list({ name, tenant, user, after = '', limit = DEFAULT_LIMIT }: ScheduleFilter): readonly StoredSchedule[] {
    const isOf = (wanted: string | undefined, is: string | null): boolean => wanted === undefined || wanted === is
    return [...this.#byName.values()]
      .filter((kept) => kept.name > after && isOf(name, kept.name))
      .filter((kept) => isOf(tenant, kept.tenant) && isOf(user, kept.user))
      .toSorted(byName)
      .slice(0, limit)
  }

  /** As the store's `dueSchedules`. */
  due({ now, definitions, except, limit, tenant }: DueFilter): readonly StoredSchedule[] {
    const isMine = ({ name, definition, tenant: whose }: StoredSchedule): boolean =>
      !except.includes(name) &&
      (tenant === undefined || whose === tenant) &&
      definitions.some((mine) => mine.kind === definition.kind && mine.name === definition.name)
    return [...this.#byName.values()]
      .filter(({ paused, dueAt }) => !paused && dueAt !== null && dueAt <= now)
      .filter(isMine)
      .toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || byName(a, b))
      .slice(0, limit)
  }

  /** As the store's `deleteSchedule`. */
  delete(name: string): boolean {
    return this.#byName.delete(name)
  }
}

/** Names are of ASCII. */
function byName(a: StoredSchedule, b: StoredSchedule): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
