import type { OwnerHeartbeat } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'

/** Whether an owner has a run that has not ended. */
const HAS_RUNS = 'exists (select 1 from runs where runs.owner = owners.owner and ended_at is null)'

/** How many owners that have no run any more are forgotten for each one that comes. */
const FORGOTTEN = 10

/** Where the count of an owner's lost runs begins: anywhere, so that one that was forgotten meanwhile comes to another. */
const ANY = 'abs(random() % 4503599627370496)'

/** Keeps the beats of owners. */
export class Owners {
  readonly #beat
  readonly #insert
  readonly #forget
  readonly #lose
  readonly #owned
  readonly #select
  readonly #arrive

  constructor(db: SqliteDatabase) {
    this.#beat = db
      .prepare<[beat: number, owner: string], number>('update owners set beat = ? where owner = ? returning lost')
      .pluck()
    this.#insert = db
      .prepare<[owner: string, beat: number], number>(
        `insert into owners (owner, beat, lost) values (?, ?, ${ANY}) on conflict (owner) do nothing returning lost`,
      )
      .pluck()
    this.#forget = db.prepare<[owner: string, limit: number]>(
      `delete from owners where owner in (select owner from owners where owner <> ? and not ${HAS_RUNS} limit ?)`,
    )
    this.#lose = db.prepare<[owner: string]>('update owners set lost = lost + 1 where owner = ?')
    this.#owned = db
      .prepare<[owner: string], string>('select id from runs where owner = ? and ended_at is null')
      .pluck()
    this.#select = db.prepare<[], OwnerHeartbeat>(`select owner, beat as heartbeat from owners where ${HAS_RUNS}`)
    this.#arrive = db.transaction((owner: string, beat: number) => this.show(owner, beat))
  }

  /** As the store's `beat`. */
  beat(owner: string, beat: number): number {
    return this.#beat.get(beat, owner) ?? this.#arrive.immediate(owner, beat)
  }

  /** As the store's `owned`. */
  owned(owner: string): readonly string[] {
    return this.#owned.all(owner)
  }

  /** As the store's `owners`. */
  all(): readonly OwnerHeartbeat[] {
    return this.#select.all()
  }

  /** Beats for an owner inside of a transaction, and makes it known where it is not. */
  show(owner: string, beat: number): number {
    return this.#beat.get(beat, owner) ?? this.begin(owner, beat) ?? 0
  }

  /**
   * Makes an owner known where it is not, inside of a transaction. Those that are long gone make room for it.
   *
   * @returns undefined where it was known.
   */
  begin(owner: string, beat: number): number | undefined {
    const lost = this.#insert.get(owner, beat)
    if (lost !== undefined) this.#forget.run(owner, FORGOTTEN)
    return lost
  }

  /** Counts a run that was taken from an owner. */
  lose(owner: string): void {
    this.#lose.run(owner)
  }
}
