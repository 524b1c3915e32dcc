import { PROGRESS, type RunRow, type SeenRun, type Taker } from '@reprise/core'
import { kindCode } from '@reprise/format'
import type { SqliteDatabase } from './database.ts'
import { decodeRun, RUN_COLUMNS } from './rows.ts'
import type { RunRecord } from './rows.ts'
import type { Owners } from './owners.ts'
import { HAS_ROOM, type Slots } from './slots.ts'

const PROGRESS_CODES = [...PROGRESS].map(kindCode).join(', ')

/**
 * Whether anything that got it further was written since a run was last taken: in it or in a run below it. It is looked
 * for only where an owner died with it, or gave it up as `counted`.
 */
const GOT_FURTHER = `(
  exists (
    select 1 from entries where entries.run = runs.run and seq >= taken and entries.kind in (${PROGRESS_CODES})
  )
  or exists (
    with recursive below (run, id) as (
      select child.run, child.id from runs as child where child.parent_id = runs.id
      union
      select child.run, child.id from below join runs as child on child.parent_id = below.id
    )
    select 1 from below where exists (select 1 from entries where entries.run = below.run
      and entries.id > runs.taken_id and entries.kind in (${PROGRESS_CODES}))
  )
)`

/** Gives runs to owners. To be called inside of a transaction. */
export class Claims {
  readonly #seen
  readonly #give
  readonly #owners: Owners
  readonly #slots: Slots

  constructor(db: SqliteDatabase, owners: Owners, slots: Slots) {
    this.#owners = owners
    this.#slots = slots
    this.#seen = db.prepare<
      [{ readonly id: string; readonly epoch: number; readonly ownerHeartbeat: number | null }],
      { readonly run: number; readonly owner: string | null }
    >(
      `select run, owner from runs where id = @id and epoch = @epoch and ended_at is null
        and (select beat from owners where owners.owner = runs.owner) is @ownerHeartbeat`,
    )
    this.#give = db.prepare<[{ readonly run: number; readonly owner: string; readonly ends: 0 | 1 }], RunRecord>(
      `update runs set owner = @owner, epoch = epoch + 1, counted = 0,
          attempts = case when (owner is null and counted = 0) or ${GOT_FURTHER} then 1 else attempts + 1 end,
          taken = (select coalesce(max(seq) + 1, 0) from entries where entries.run = runs.run),
          taken_id = (select coalesce(max(id), 0) from entries)
        where run = @run and (@ends = 1 or ${HAS_ROOM}) returning ${RUN_COLUMNS}`,
    )
  }

  /** As the store's `claim`. */
  claim(seen: SeenRun, taker: Taker): RunRow | undefined {
    const found = this.#seen.get({ id: seen.id, epoch: seen.epoch, ownerHeartbeat: seen.ownerHeartbeat })
    return found && this.give(found.run, found.owner, taker)
  }

  /** Gives a run, by its number, to somebody in the place of its owner; undefined where its key has no slot for it. */
  give(run: number, before: string | null, { owner, heartbeat, ends }: Taker): RunRow | undefined {
    const record = this.#give.get({ run, owner, ends: ends ? 1 : 0 })
    if (!record) return undefined
    if (before !== null) this.#owners.lose(before)
    this.#owners.show(owner, heartbeat)
    const { concurrency_key: key, concurrency_limit: limit, tenant } = record
    this.#slots.level([{ key, limit, tenant }])
    return decodeRun(record)
  }
}
