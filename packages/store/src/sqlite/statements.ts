import type { Digest, InboxMessage, NewRun, RowChange, Secret, StoredEntry } from '@reprise/core'
import { inboxPlace, kindCode, SECRETS } from '@reprise/format'
import type { Cipher, Stored } from '@reprise/format'
import type { SqliteDatabase } from './database.ts'
import type { Lineages } from './lineages.ts'
import type { Owners } from './owners.ts'
import { encodeChange, encodeRun, RUN_COLUMNS } from './rows.ts'
import type { RunChange, RunRecord } from './rows.ts'

/** What a writer says to its database: each statement prepared once. */
export class Statements {
  readonly #lineages: Lineages
  readonly #owners: Owners
  readonly #insertRun
  readonly #insertEntry
  readonly #insertBlob
  readonly #insertBlobRef
  readonly #selectHash
  readonly #changeRun
  readonly #releaseRun
  readonly #adoptRun
  readonly #keepParent
  readonly #clearRun
  readonly #insertTag
  readonly #deleteMessage
  readonly #selectOpen
  readonly #leaveMessage
  readonly #insertSecret
  readonly #countSecrets
  readonly #selectShut
  readonly #isWhose
  readonly #selectTurn

  constructor(db: SqliteDatabase, lineages: Lineages, owners: Owners) {
    this.#lineages = lineages
    this.#owners = owners
    this.#insertRun = db.prepare<[Omit<RunRecord, 'run'>]>(
      `insert into runs (${RUN_COLUMNS}) values (null, @id, @kind, @name, @version, @parent_id, @parent_key,
        @lineage_id, @fork_of, @fork_seq, @session_id, @turn, @root, @round, @status, @waiting, @waits, @wake_at, @priority, @tags, @tenant,
        @user_id, @concurrency_key, @concurrency_limit, @expire_at, @deadline_at, @owner, @epoch,
        @attempts, @created_at, @ended_at, @erased_at, @totals)`,
    )
    this.#insertTag = db.prepare<[tag: string, run: number]>('insert or ignore into run_tags (tag, run) values (?, ?)')
    this.#insertEntry = db.prepare<[number, number, string, number, number, number, Stored, Buffer]>(
      'insert into entries (run, seq, key, kind, attempt, at, body, hash) values (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#insertBlob = db.prepare<[Digest, Buffer]>('insert or ignore into blobs (address, bytes) values (?, ?)')
    this.#insertBlobRef = db.prepare<[number, Digest]>('insert or ignore into blob_refs (run, address) values (?, ?)')
    this.#selectHash = db
      .prepare<[number, number], Buffer>('select hash from entries where run = ? and seq = ?')
      .pluck()
    this.#changeRun = db.prepare<[...RunChange, number]>(
      'update runs set status = ?, waiting = ?, waits = ?, wake_at = ?, ended_at = ?, totals = ? where run = ?',
    )
    this.#releaseRun = db.prepare<[counted: 0 | 1, run: number]>(
      'update runs set owner = null, counted = ? where run = ?',
    )
    this.#adoptRun = db.prepare<[parentId: string, parentKey: string, id: string, root: string]>(
      'update runs set parent_id = ?, parent_key = ? where (id = ? or (root = ? and round > 1)) and parent_id is null',
    )
    this.#keepParent = db.prepare<[before: string, id: string]>(
      `update runs set (parent_id, parent_key) = (select parent_id, parent_key from runs as before where before.id = ?)
       where id = ? and parent_id is null and root is not null`,
    )
    this.#clearRun = db.prepare<[run: number]>('update runs set attempts = 0 where run = ?')
    this.#deleteMessage = db.prepare<[number, string]>('delete from inbox where run = ? and dedupe = ?')
    this.#selectOpen = db.prepare<[id: string], { run: number; lineage_id: string }>(
      'select run, lineage_id from runs where id = ? and ended_at is null',
    )
    this.#leaveMessage = db.prepare<[run: number, dedupe: string, kind: string, body: Stored, at: number]>(
      'insert into inbox (run, dedupe, kind, body, at) values (?, ?, ?, ?, ?) on conflict (run, dedupe) do nothing',
    )
    this.#insertSecret = db.prepare<[token: string, value: Stored, run: number]>(
      `insert into secrets (lineage_id, token, value) select lineage_id, ?, ? from runs where run = ?
        on conflict (lineage_id, token) do nothing`,
    )
    this.#countSecrets = db
      .prepare<[runId: string], number>(
        'select count(*) from secrets where lineage_id = (select lineage_id from runs where id = ?)',
      )
      .pluck()
    this.#isWhose = db
      .prepare<[run: number, tenant: string | null, user: string | null], number>(
        'select 1 from runs where run = ? and tenant is ? and user_id is ?',
      )
      .pluck()
    this.#selectTurn = db
      .prepare<[sessionId: string, turn: number], number>('select 1 from runs where session_id = ? and turn = ?')
      .pluck()
    this.#selectShut = db
      .prepare<[id: string, tenant: string | null], number>(
        'select 1 from runs where id = ? and (erased_by is not null or tenant is not ?)',
      )
      .pluck()
  }

  /** Leaves a message where there is such a run that has not ended. */
  leaveMessage({ runId, dedupe, kind, body, at }: InboxMessage): void {
    const open = this.#selectOpen.get(runId)
    const cipher = open && this.#lineages.find(open.lineage_id)
    if (!cipher) return
    this.#leaveMessage.run(open.run, dedupe, kind, cipher.seal(JSON.stringify(body), runId, inboxPlace(dedupe)), at)
  }

  /** @returns the run's number. */
  insertRun(row: NewRun): number {
    const run = Number(this.#insertRun.run(encodeRun(row)).lastInsertRowid)
    for (const tag of row.tags) this.#insertTag.run(tag, run)
    if (row.owner !== null) this.#owners.begin(row.owner, 0)
    return run
  }

  insertEntry(run: number, { seq, key, kind, attempt, at }: StoredEntry, body: Stored, hash: Digest): void {
    this.#insertEntry.run(run, seq, key, kindCode(kind), attempt, at, body, Buffer.from(hash, 'base64url'))
  }

  insertBlob(run: number, address: Digest, part: Stored): void {
    this.#insertBlob.run(address, typeof part === 'string' ? Buffer.from(part) : part)
    this.#insertBlobRef.run(run, address)
  }

  /** Keeps a secret of the run's lineage, where it has it not yet. */
  insertSecret(run: number, cipher: Cipher, { token, value }: Secret): void {
    this.#insertSecret.run(token, cipher.seal(value, SECRETS, token), run)
  }

  /** How many secrets the run's lineage has. */
  countSecrets(runId: string): number {
    return this.#countSecrets.get(runId) ?? 0
  }

  /** Tells whether no run may come of another: it was erased (one that is being deleted was not), or is another tenant's. */
  isShut(runId: string, tenant: string | null): boolean {
    return this.#selectShut.get(runId, tenant) !== undefined
  }

  /** Tells whether a run is the same tenant's and person's as one that is to begin. */
  isWhose(run: number, { tenant = null, user = null }: NewRun): boolean {
    return this.#isWhose.get(run, tenant, user) !== undefined
  }

  /** Tells whether a session has a run that is this turn of it. */
  hasTurn({ sessionId = null, turn = null }: NewRun): boolean {
    return sessionId !== null && turn !== null && this.#selectTurn.get(sessionId, turn) !== undefined
  }

  hashAt(run: number, seq: number): Digest | undefined {
    return this.#selectHash.get(run, seq)?.toString('base64url')
  }

  /** Makes a run that has no parent the child of another. */
  adoptRun(runId: string, parentId: string, parentKey: string): void {
    this.#adoptRun.run(parentId, parentKey, runId, runId)
  }

  /** Gives a run that goes on in the place of another the parent that this has by now. */
  keepParent(runId: string, before: string): void {
    this.#keepParent.run(before, runId)
  }

  changeRun(run: number, change: RowChange): void {
    this.#changeRun.run(...encodeChange(change), run)
  }

  /** @param counted whether whoever takes it next counts that as if its owner had died with it. */
  releaseRun(run: number, counted: boolean): void {
    this.#releaseRun.run(counted ? 1 : 0, run)
  }

  /** Counts a run's attempts from zero. */
  clearRun(run: number): void {
    this.#clearRun.run(run)
  }

  deleteMessage(run: number, dedupe: string): void {
    this.#deleteMessage.run(run, dedupe)
  }
}
