import { NO_TOTALS, PROGRESS } from '@reprise/core'
import type {
  AuditEntry,
  AuditFilter,
  AuditNote,
  EarlyResult,
  EndedStatus,
  Erasure,
  InboxMessage,
  LineageSecrets,
  NewRun,
  OverdueFilter,
  OwnerHeartbeat,
  QueueRow,
  RunFilter,
  RunRow,
  RunWrite,
  Secret,
  StoredEntry,
  SeenRun,
  Store,
  TakeFilter,
  Taker,
  Used,
  Within,
  WriteResult,
} from '@reprise/core'
import { Kin } from './kin.ts'
import { freeOf, hasRoom, overdueOf } from './in-line.ts'
import { KeptEarly } from './kept-early.ts'
import { KeptOwners } from './kept-owners.ts'
import {
  adopt,
  fits,
  eraseRun,
  finish,
  fresh,
  inPlaceOf,
  isKeptRound,
  isOne,
  isSame,
  isSameOwner,
  type Kept,
  newestOf,
  noRun,
  wasErased,
} from './kept-run.ts'
import { KeptSchedules } from './kept-schedules.ts'
import { KeptAudit } from './kept-audit.ts'
import { KeptSecrets } from './kept-secrets.ts'
import { queueOf } from './queue.ts'
import type { MemoryStore, MemoryTables } from './tables.ts'
import { Transactions } from './transactions.ts'
import { asWrite, atOnce } from './writes.ts'

/**
 * Makes an empty store in memory. It keeps what it is given as it is given: no copies, no hash chain. Nothing of it is
 * ever written to a disk, so it keeps secrets without being given a key.
 *
 * @param transacts how effects run in its transactions: `sync` as on SQLite, or `async` as on Postgres. @default 'sync'
 * @example
 * ```ts
 * import { defineTool } from '@reprise/core'
 * import { memoryStore } from '@reprise/testing'
 * import { z } from 'zod'
 *
 * const store = memoryStore()
 * const restock = defineTool({
 *   name: 'restock',
 *   description: 'Sets the stock of a product.',
 *   input: z.object({ sku: z.string(), count: z.int() }),
 *   effect: 'transactional',
 *   execute: ({ sku, count }, ctx) => {
 *     store.tx(ctx).set(sku, count)
 *     return count
 *   },
 * })
 * ```
 */
export function memoryStore({ transacts = 'sync' }: { readonly transacts?: Store['transacts'] } = {}): MemoryStore {
  return new Memory(transacts)
}

const DEFAULT_LIMIT = 100

class Memory implements MemoryStore {
  readonly transacts: Store['transacts']
  readonly #runs = new Map<string, Kept>()
  readonly #kin = new Kin((id) => this.#runs.get(id)?.row)
  readonly #owners = new KeptOwners()
  readonly #secrets = new KeptSecrets()
  readonly #early = new KeptEarly()
  readonly #schedules = new KeptSchedules()
  readonly #audit = new KeptAudit()
  readonly #transactions: Transactions

  constructor(transacts: Store['transacts']) {
    this.transacts = transacts
    this.#transactions = new Transactions(
      {
        begin: (beginning) => void this.#write(asWrite(beginning)),
        send: (message, secrets, note) => void this.#send(message, secrets, note),
        run: (runId) => this.#runs.get(runId)?.row,
        newest: (root) => newestOf([...this.#runs.values()], root),
        entries: (runId) => this.#entries(runId, 0),
        inbox: (runId) => this.#runs.get(runId)?.inbox ?? [],
        secrets: (lineageId, from) => this.#secrets.of(lineageId, from),
      },
      transacts,
    )
  }

  async commit(writes: readonly RunWrite[]): Promise<readonly WriteResult[]> {
    return writes.map((write) => this.#write(write))
  }

  transact(
    runId: string,
    epoch: number,
    effect: (handle: unknown) => RunWrite | Promise<RunWrite>,
  ): Promise<WriteResult> {
    const isHere = (): boolean => this.#runs.get(runId)?.row.epoch === epoch
    const given = (write: RunWrite | Promise<RunWrite>): RunWrite | Promise<RunWrite> =>
      this.transacts === 'sync' ? atOnce(write) : write
    return this.#transactions.ofTool<RunWrite | undefined, WriteResult>(
      (tables) => (isHere() ? given(effect(tables)) : undefined),
      (write) => {
        const result: WriteResult = write ? this.#write(write) : { kind: 'stale' }
        return { result, isKept: result.kind === 'written' }
      },
    )
  }

  transaction<T>(work: (tx: MemoryTables) => T | Promise<T>): Promise<T> {
    return this.#transactions.ofProgram(work)
  }

  within(tx: object): Within {
    return this.#transactions.within(tx)
  }

  tx(ctx: object): MemoryTables {
    return this.#transactions.tx(ctx)
  }

  async claim({ id, epoch, ownerHeartbeat }: SeenRun, taker: Taker): Promise<RunRow | undefined> {
    const kept = this.#runs.get(id)
    if (kept?.row.epoch !== epoch || this.#beatOf(kept.row) !== ownerHeartbeat || kept.row.endedAt !== null)
      return undefined
    return taker.ends || hasRoom(kept, [...this.#runs.values()]) ? this.#give(kept, taker) : undefined
  }

  async take(taker: Taker, filter: TakeFilter): Promise<readonly RunRow[]> {
    const all = [...this.#runs.values()]
    const free = freeOf(all, filter, (row) => this.#beatOf(row))
    return free.flatMap((kept) => (hasRoom(kept, [...this.#runs.values()]) ? this.#give(kept, taker) : []))
  }

  async overdue(filter: OverdueFilter): Promise<readonly RunRow[]> {
    return overdueOf([...this.#runs.values()], filter, (row) => this.#beatOf(row))
  }

  async heartbeat(owner: string, beat: number): Promise<number> {
    return this.#hear(owner, beat)
  }

  async owned(owner: string): Promise<readonly string[]> {
    return this.#ownedBy(owner).flatMap(({ row }) => (row.endedAt === null ? [row.id] : []))
  }

  async owners(): Promise<readonly OwnerHeartbeat[]> {
    const rows = [...this.#runs.values()].flatMap(({ row }) => (row.endedAt === null ? row : []))
    const owners = new Set(rows.flatMap(({ owner }) => owner ?? []))
    return [...owners].map((owner) => ({ owner, heartbeat: this.#owners.beatOf(owner) }))
  }

  async queue(now: number): Promise<readonly QueueRow[]> {
    return queueOf(this.#runs.values(), now)
  }

  async run(runId: string): Promise<RunRow | undefined> {
    return this.#runs.get(runId)?.row
  }

  async newest(root: string): Promise<RunRow | undefined> {
    return newestOf([...this.#runs.values()], root)
  }

  async used(runIds: readonly string[]): Promise<readonly Used[]> {
    return runIds.map((id) => {
      const row = this.#runs.get(id)?.row
      return row ? this.#kin.used(row) : NO_TOTALS
    })
  }

  async runs({ after, limit = DEFAULT_LIMIT, order = 'oldest', ...filter }: RunFilter): Promise<readonly RunRow[]> {
    const created = [...this.#runs.values()].map(({ row }) => row)
    const rows = order === 'newest' ? created.toReversed() : created
    const start = after === undefined ? 0 : rows.indexOf(this.#find(after).row) + 1
    return rows
      .slice(start)
      .filter((row) => fits(row, filter))
      .slice(0, limit)
  }

  async entries(runId: string, from = 0): Promise<readonly StoredEntry[]> {
    return this.#entries(runId, from)
  }

  #entries(runId: string, from: number): readonly StoredEntry[] {
    const kept = this.#runs.get(runId)
    if (kept && kept.row.erasedAt !== null) throw wasErased(kept)
    return kept?.entries.slice(from) ?? []
  }

  async send(message: InboxMessage, secrets: readonly Secret[] = [], note?: AuditNote): Promise<boolean> {
    return this.#send(message, secrets, note)
  }

  #send(message: InboxMessage, secrets: readonly Secret[], note?: AuditNote): boolean {
    const { inbox, row } = this.#find(message.runId)
    this.#secrets.keep(row.lineageId, secrets)
    if (inbox.some(({ dedupe }) => dedupe === message.dedupe)) return false
    inbox.push(message)
    if (note) this.#audit.add([note])
    return true
  }

  async sendEarly(message: InboxMessage, limit: number): Promise<EarlyResult> {
    return this.#runs.has(message.runId) ? 'begun' : this.#early.leave(message, limit)
  }

  async inbox(runId: string): Promise<readonly InboxMessage[]> {
    return this.#runs.get(runId)?.inbox.slice() ?? []
  }

  async mail(owner: string): Promise<readonly string[]> {
    return this.#ownedBy(owner).flatMap(({ row, inbox }) => (inbox.length > 0 ? [row.id] : []))
  }

  readonly keepSchedule: Store['keepSchedule'] = async (change) => this.#schedules.keep(change)
  readonly schedules: Store['schedules'] = async (filter) => this.#schedules.list(filter)
  readonly dueSchedules: Store['dueSchedules'] = async (filter) => this.#schedules.due(filter)
  readonly deleteSchedule: Store['deleteSchedule'] = async (name) => this.#schedules.delete(name)

  async gc(
    endedBefore: number,
    statuses: readonly EndedStatus[],
    limit: number,
    tenant?: string,
  ): Promise<readonly string[]> {
    if (tenant === undefined) this.#early.forget(endedBefore)
    const newest = new Map<string, RunRow>()
    for (const { row } of this.#runs.values())
      if (row.round > (newest.get(row.root)?.round ?? 0)) newest.set(row.root, row)
    const ended = [...this.#runs.values()]
      .filter(({ row: { endedAt, status } }) => endedAt !== null && endedAt < endedBefore && isOne(status, statuses))
      .filter(({ row }) => tenant === undefined || row.tenant === tenant)
      .filter(({ row }) => !isKeptRound(row, newest.get(row.root), endedBefore, statuses))
    const deleted: string[] = []
    for (const { row } of ended) {
      if (deleted.length === limit) break
      // Parents come before their children, which stay with them.
      if (row.parentId !== null && this.#runs.has(row.parentId)) continue
      this.#runs.delete(row.id)
      this.#kin.delete(row)
      deleted.push(row.id)
    }
    this.#secrets.forgetAllBut(new Set([...this.#runs.values()].map(({ row }) => row.lineageId)))
    return deleted
  }

  async secrets(lineageId: string, from: number): Promise<LineageSecrets> {
    return this.#secrets.of(lineageId, from)
  }

  async erase(lineageId: string, by: string, at: number, note?: AuditNote): Promise<Erasure> {
    const runs = [...this.#runs.values()].filter(({ row }) => row.lineageId === lineageId)
    if (runs.length === 0) this.#find(lineageId)
    const active = runs.filter(({ row }) => row.endedAt === null)
    if (active.length > 0) return { kind: 'active', runIds: active.map(({ row }) => row.id) }
    if (note && runs.some(({ row }) => row.erasedAt === null)) this.#audit.add([note])
    for (const kept of runs) eraseRun(kept, by, at)
    this.#secrets.forget(lineageId)
    return { kind: 'erased', runs: runs.length }
  }

  async audit(filter: AuditFilter): Promise<readonly AuditEntry[]> {
    return this.#audit.list(filter)
  }

  async note(notes: readonly AuditNote[]): Promise<void> {
    this.#audit.add(notes)
  }

  async pruneAudit(before: number, limit: number): Promise<number> {
    return this.#audit.prune(before, limit)
  }

  // What it holds outlives it, so that a test may close a runtime and give its store to the next.
  async close(): Promise<void> {}

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #give(kept: Kept, { owner, heartbeat }: Taker): RunRow {
    const { row } = kept
    if (row.owner !== null) this.#owners.loses(row.owner)
    this.#hear(owner, heartbeat)
    const progress = this.#progressOf(kept)
    const again = (row.owner !== null || kept.counted) && kept.taken === progress
    kept.taken = progress
    kept.counted = false
    kept.row = { ...row, owner, epoch: row.epoch + 1, attempts: again ? row.attempts + 1 : 1 }
    return kept.row
  }

  #hear(owner: string, beat: number): number {
    const active = (): Set<string | null> =>
      new Set([...this.#runs.values()].flatMap(({ row }) => (row.endedAt === null ? row.owner : [])))
    return this.#owners.beats(owner, beat, active)
  }

  /** How many entries that got it further a run and those below it have. */
  #progressOf({ row, entries }: Kept): number {
    const own = entries.filter(({ kind }) => PROGRESS.has(kind)).length
    const children = [...this.#runs.values()].filter((kept) => kept.row.parentId === row.id)
    return children.reduce((sum, child) => sum + this.#progressOf(child), own)
  }

  /** The beat of a run's owner; null where it has none. */
  #beatOf({ owner }: RunRow): number | null {
    return owner === null ? null : this.#owners.beatOf(owner)
  }

  #write(write: RunWrite): WriteResult {
    const kept = this.#keptFor(write)
    if (kept === undefined) return { kind: write.create ? 'exists' : 'stale' }
    const begins = (write.begins ?? []).map(asWrite)
    const begun = begins.map((begin) => this.#keptFor(begin))
    if (begun.includes(undefined)) return { kind: 'exists' }
    if (write.fires && !this.#runs.has(write.runId) && !this.#schedules.move(write.fires)) return { kind: 'stale' }
    this.#writeTo(kept, write)
    for (const [index, begin] of begins.entries()) {
      const to = begun[index]
      if (to) this.#writeTo(inPlaceOf(to, kept), begin)
    }
    if (!write.countSecrets) return { kind: 'written' }
    return { kind: 'written', secrets: this.#secrets.count(kept.row.lineageId) }
  }

  #writeTo(kept: Kept, write: RunWrite): void {
    if (!this.#runs.has(kept.row.id)) kept.inbox.push(...this.#early.move(kept.row.id))
    this.#runs.set(kept.row.id, kept)
    this.#kin.add(kept.row)
    const { owner } = kept.row
    if (owner !== null && !this.#owners.has(owner)) this.#hear(owner, 0)
    const fresh = write.entries.slice(kept.entries.length - (write.entries[0]?.seq ?? 0))
    kept.entries.push(...fresh)
    if (fresh.length > 0 || write.entries.length === 0) this.#audit.add(write.audit)
    const last = write.entries.at(-1)
    if (last !== undefined && last.seq !== kept.entries.length - 1) return
    finish(kept, write)
    this.#secrets.keep(kept.row.lineageId, write.secrets)
    for (const message of write.messages ?? []) this.#leave(message)
    for (const { runId, parentKey } of write.adopts ?? []) {
      const rounds = this.#kin.roundsOf(runId).flatMap((id) => this.#runs.get(id) ?? [])
      for (const row of adopt(rounds, kept.row.id, parentKey)) this.#kin.add(row)
    }
  }

  #leave(message: InboxMessage): void {
    const kept = this.#runs.get(message.runId)
    if (!kept || kept.row.endedAt !== null || kept.inbox.some(({ dedupe }) => dedupe === message.dedupe)) return
    kept.inbox.push(message)
  }

  /** Gives the run that a write goes on with, or would begin; undefined when the write is refused. */
  #keptFor({ runId, epoch, create, entries, row }: RunWrite): Kept | undefined {
    const found = this.#runs.get(runId)
    const next = found?.entries.length ?? 0
    const first = entries[0]?.seq ?? next
    if (first > next || entries.some(({ seq }, index) => seq !== first + index)) return undefined
    if (found === undefined) return create && !this.#isShut(create) ? fresh(create, entries) : undefined
    const own = found.row.epoch === epoch && (create === undefined || (isSameOwner(found.row, create) && first < next))
    // What ended a run may stand though its caller saw an error: then nothing else becomes of it.
    if (found.row.endedAt !== null && row && entries.length === 0) return undefined
    return own && entries.every((entry) => isSame(entry, found.entries[entry.seq])) ? found : undefined
  }

  /** Whether no run begins in a lineage: it was erased, or is another tenant's. */
  #isShut({ lineageId, tenant = null }: NewRun): boolean {
    const first = this.#runs.get(lineageId)?.row
    return first !== undefined && (first.erasedAt !== null || first.tenant !== tenant)
  }

  #find(runId: string): Kept {
    const kept = this.#runs.get(runId)
    if (kept) return kept
    throw noRun(runId)
  }

  #ownedBy(owner: string): readonly Kept[] {
    return [...this.#runs.values()].filter(({ row }) => row.owner === owner)
  }
}
