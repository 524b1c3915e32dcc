import type { Digest, NewRun } from '@reprise/core'
import { chainStart } from '@reprise/format'
import type { Cipher } from '@reprise/format'
import type { SqliteDatabase } from './database.ts'
import type { Lineages } from './lineages.ts'

/** Where a run's journal ends. */
export interface Head {
  /** The run's number in this database. */
  readonly run: number
  readonly owner: string | null
  readonly epoch: number
  /** Whether the run has ended. */
  readonly ended: boolean
  /** The seq of the next entry. */
  readonly next: number
  /** The hash of the last entry. */
  readonly hash: Digest
  /** How its lineage is kept; undefined where it was erased, or its key is gone. */
  readonly cipher: Cipher | undefined
}

interface HeadRecord extends Pick<Head, 'run' | 'owner' | 'epoch'> {
  readonly lineage_id: string
  readonly ended: 0 | 1
  readonly seq: number | null
  readonly hash: Buffer | null
}

const SELECT_HEAD = `
  select runs.run, owner, epoch, lineage_id, ended_at is not null as ended, seq, hash from runs
  left join entries on entries.run = runs.run and seq = (select max(seq) from entries where run = runs.run)
  where runs.id = cast(? as text)`

/**
 * The heads of the runs in flight, so that appending reads nothing. They advance after the commit (invariant 8) and
 * hold as long as nobody else writes to the database: SQLite's data version tells.
 */
export class Heads {
  readonly #lineages: Lineages
  readonly #select
  readonly #dataVersion
  readonly #committed = new Map<string, Head>()
  /** What the open transaction would make of them; undefined for a run that is no longer in flight. */
  readonly #pending = new Map<string, Head | undefined>()
  #seen: unknown

  constructor(db: SqliteDatabase, lineages: Lineages) {
    this.#lineages = lineages
    this.#select = db.prepare<[string], HeadRecord>(SELECT_HEAD)
    this.#dataVersion = db.prepare('pragma data_version').pluck()
  }

  /** Begins a transaction: to be called inside it, when nobody else can write any more. */
  begin(): void {
    const version = this.#dataVersion.get()
    if (version !== this.#seen) this.#committed.clear()
    this.#seen = version
    this.#pending.clear()
  }

  /** Gives a run's head, or undefined where there is no such run. */
  get(runId: string): Head | undefined {
    const heads = this.#pending.has(runId) ? this.#pending : this.#committed
    return heads.get(runId) ?? this.#load(runId)
  }

  /** Gives the head of a run that has no entries yet. */
  fresh(run: number, { id, owner, epoch, endedAt }: NewRun): Omit<Head, 'cipher'> {
    return { run, owner, epoch, ended: endedAt !== null, next: 0, hash: chainStart(id) }
  }

  /** Notes where a run's journal ends once the open transaction is committed; undefined ends the run's flight. */
  set(runId: string, head: Head | undefined): void {
    this.#pending.set(runId, head)
  }

  /** Takes over what the committed transaction noted. */
  advance(): void {
    for (const [runId, head] of this.#pending)
      if (head) this.#committed.set(runId, head)
      else this.#committed.delete(runId)
    this.#pending.clear()
  }

  /** Forgets a run whose owner is about to change. */
  drop(runId: string): void {
    this.#committed.delete(runId)
  }

  /** Forgets everything: what is committed is no longer known. */
  forget(): void {
    this.#committed.clear()
    this.#pending.clear()
  }

  #load(runId: string): Head | undefined {
    const record = this.#select.get(runId)
    if (record === undefined) return undefined
    const { run, owner, epoch, lineage_id, ended, seq, hash } = record
    const end = { next: (seq ?? -1) + 1, hash: hash?.toString('base64url') ?? chainStart(runId) }
    return { run, owner, epoch, ended: ended === 1, ...end, cipher: this.#lineages.find(lineage_id) }
  }
}
