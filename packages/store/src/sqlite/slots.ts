import type { SqliteDatabase } from './database.ts'

/** Where runs stand in line for a slot; nowhere where `key` is null. */
export interface Place {
  readonly key: string | null
  readonly limit: number | null
  readonly tenant: string | null
}

/** A run that stands in line. */
interface Waiting {
  readonly run: number
  readonly priority: number
  readonly limit: number
  readonly parked: 0 | 1
}

/** Whether a run of `runs` has a slot, or may have one: that it is owned is a slot. */
export const HAS_ROOM = `(runs.concurrency_key is null or runs.owner is not null or (
  select count(*) from runs as held indexed by runs_slots
  where held.concurrency_key is not null and held.concurrency_key = runs.concurrency_key and held.tenant is runs.tenant
    and held.owner is not null and held.ended_at is null) < runs.concurrency_limit)`

const IN_LINE = `concurrency_key is not null and concurrency_key = @key and tenant is @tenant and owner is null
  and ended_at is null and (status = 'running' or (status = 'queued' and (wake_at is null or promoted = 1)))`

const SELECT_LINE = `select run, priority, concurrency_limit as "limit", parked from runs indexed by runs_in_line
  where ${IN_LINE} and parked =`

/**
 * Keeps of the runs of a key only as many where takers look as may be taken: the others are parked, so that no take reads
 * through them. A slot is no more than that a run is owned. After each write that may change who stands in line or who has
 * a slot, the line is put right: that costs what the limit of the key is, however long the line.
 */
export class Slots {
  readonly #placeOf
  readonly #held
  readonly #open
  readonly #parked
  readonly #park

  constructor(db: SqliteDatabase) {
    this.#placeOf = db.prepare<[run: number], Place>(
      `select concurrency_key as key, concurrency_limit as "limit", tenant from runs
        where run = ? and concurrency_key is not null`,
    )
    this.#held = db
      .prepare<[Place], number>(
        `select count(*) from runs indexed by runs_slots where concurrency_key is not null and concurrency_key = @key
          and tenant is @tenant and owner is not null and ended_at is null`,
      )
      .pluck()
    this.#open = db.prepare<[Place], Waiting>(`${SELECT_LINE} 0`)
    this.#parked = db.prepare<[Place], Waiting>(
      `${SELECT_LINE} 1 order by priority desc, run limit cast(@limit as integer)`,
    )
    this.#park = db.prepare<[parked: 0 | 1, run: number]>('update runs set parked = ? where run = ?')
  }

  /** Puts the line right that a run stands in, or has left. */
  levelOf(run: number): void {
    const place = this.#placeOf.get(run)
    if (place) this.level([place])
  }

  /** Puts lines right. */
  level(places: readonly Place[]): void {
    const lines = new Map(places.map((place) => [JSON.stringify([place.key, place.tenant]), place]))
    for (const place of lines.values()) if (place.key !== null) this.#level(place)
  }

  #level(place: Place): void {
    const line = [...this.#open.all(place), ...this.#parked.all(place)]
    line.sort((one, other) => other.priority - one.priority || one.run - other.run)
    let before = this.#held.get(place) ?? 0
    let isOpen = true
    for (const { run, limit, parked } of line) {
      // Nobody goes before those in front.
      isOpen &&= before++ < limit
      if (isOpen === (parked === 1)) this.#park.run(isOpen ? 0 : 1, run)
    }
  }
}
