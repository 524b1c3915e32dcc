import type { Digest, InboxMessage, RowChange, RunRow, SealedEntry } from '@reprise/core'
import type { Blob } from '../codec.ts'
import { kindCode } from '../kinds.ts'
import type { SqliteDatabase } from './database.ts'
import { decodeRun, encodeChange, encodeRun, RUN_COLUMNS } from './rows.ts'
import type { RunChange, RunRecord } from './rows.ts'

/** What a writer says to its database: each statement prepared once. */
export class Statements {
  readonly #insertRun
  readonly #insertEntry
  readonly #insertBlob
  readonly #insertBlobRef
  readonly #selectHash
  readonly #changeRun
  readonly #releaseRun
  readonly #claimRun
  readonly #deleteMessage
  readonly #leaveMessage

  constructor(db: SqliteDatabase) {
    this.#insertRun = db.prepare<[Omit<RunRecord, 'run'>]>(
      `insert into runs (${RUN_COLUMNS}) values (null, @id, @kind, @name, @version, @parent_id, @parent_key,
        @lineage_id, @fork_of, @fork_seq, @status, @waiting, @wake_at, @priority, @tags, @owner, @epoch, @beat, @attempts, @created_at, @ended_at, @totals)`,
    )
    this.#insertEntry = db.prepare<[number, number, string, number, number, number, string, Buffer]>(
      'insert into entries (run, seq, key, kind, attempt, at, body, hash) values (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#insertBlob = db.prepare<[Digest, Buffer]>('insert or ignore into blobs (address, bytes) values (?, ?)')
    this.#insertBlobRef = db.prepare<[number, Digest]>('insert or ignore into blob_refs (run, address) values (?, ?)')
    this.#selectHash = db
      .prepare<[number, number], Buffer>('select hash from entries where run = ? and seq = ?')
      .pluck()
    this.#changeRun = db.prepare<[...RunChange, number]>(
      'update runs set status = ?, waiting = ?, wake_at = ?, ended_at = ?, totals = ? where run = ?',
    )
    this.#releaseRun = db.prepare<[number]>('update runs set owner = null where run = ?')
    this.#claimRun = db.prepare<[{ owner: string; id: string; epoch: number }], RunRecord>(
      `update runs set owner = @owner, epoch = epoch + 1, taken = length,
          attempts = case when owner is not null and taken = length then attempts + 1 else 1 end
        from (select coalesce(max(seq) + 1, 0) as length from entries where run = (select run from runs where id = @id))
        where id = @id and epoch = @epoch and ended_at is null returning ${RUN_COLUMNS}`,
    )
    this.#deleteMessage = db.prepare<[number, string]>('delete from inbox where run = ? and dedupe = ?')
    this.#leaveMessage = db.prepare<[string, string, string, number, string]>(
      `insert into inbox (run, dedupe, kind, body, at) select run, ?, ?, ?, ? from runs where id = ? and ended_at is null
        on conflict (run, dedupe) do nothing`,
    )
  }

  /** Leaves a message where there is such a run that has not ended. */
  leaveMessage({ runId, dedupe, kind, body, at }: InboxMessage): void {
    this.#leaveMessage.run(dedupe, kind, JSON.stringify(body), at, runId)
  }

  /** @returns the run's number. */
  insertRun(row: RunRow): number {
    return Number(this.#insertRun.run(encodeRun(row)).lastInsertRowid)
  }

  insertEntry(run: number, { seq, key, kind, attempt, at }: SealedEntry, body: string, hash: Digest): void {
    this.#insertEntry.run(run, seq, key, kindCode(kind), attempt, at, body, Buffer.from(hash, 'base64url'))
  }

  insertBlob(run: number, { address, text }: Blob): void {
    this.#insertBlob.run(address, Buffer.from(text))
    this.#insertBlobRef.run(run, address)
  }

  hashAt(run: number, seq: number): Digest | undefined {
    return this.#selectHash.get(run, seq)?.toString('base64url')
  }

  changeRun(run: number, change: RowChange): void {
    this.#changeRun.run(...encodeChange(change), run)
  }

  releaseRun(run: number): void {
    this.#releaseRun.run(run)
  }

  claimRun(id: string, owner: string, epoch: number): RunRow | undefined {
    const record = this.#claimRun.get({ owner, id, epoch })
    return record && decodeRun(record)
  }

  deleteMessage(run: number, dedupe: string): void {
    this.#deleteMessage.run(run, dedupe)
  }
}
