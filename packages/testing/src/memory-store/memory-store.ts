import { NO_TOTALS } from '@reprise/core'
import type {
  AuditEntry,
  AuditFilter,
  AuditNote,
  EarlyResult,
  EndedStatus,
  Erasure,
  ErasureWord,
  InboxMessage,
  LineageSecrets,
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
import { AllKept } from './all-kept.ts'
import { Claims } from './claims.ts'
import { collect } from './gc.ts'
import { freeOf, hasRoom, overdueOf } from './in-line.ts'
import { type Erased, eraseRun, fits, type Kept, newestOf, noRun, wasErased } from './kept-run.ts'
import { queueOf } from './queue.ts'
import type { MemoryStore, MemoryTables } from './tables.ts'
import { Transactions } from './transactions.ts'
import { Writer } from './writer.ts'
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
  readonly #kept = new AllKept()
  readonly #claims = new Claims(this.#kept)
  readonly #writer = new Writer(this.#kept, this.#claims)
  readonly #transactions: Transactions

  constructor(transacts: Store['transacts']) {
    this.transacts = transacts
    this.#transactions = new Transactions(
      {
        begin: (beginning) => void this.#writer.write(asWrite(beginning)),
        send: (message, secrets, note) => void this.#send(message, secrets, note),
        run: (runId) => this.#kept.runs.get(runId)?.row,
        newest: (root) => newestOf(this.#kept.all, root),
        entries: (runId) => this.#entries(runId, 0),
        inbox: (runId) => this.#kept.runs.get(runId)?.inbox ?? [],
        secrets: (lineageId, from) => this.#kept.secrets.of(lineageId, from),
      },
      transacts,
    )
  }

  async commit(writes: readonly RunWrite[]): Promise<readonly WriteResult[]> {
    return writes.map((write) => this.#writer.write(write))
  }

  transact(
    runId: string,
    epoch: number,
    effect: (handle: unknown) => RunWrite | Promise<RunWrite>,
  ): Promise<WriteResult> {
    const isHere = (): boolean => this.#kept.runs.get(runId)?.row.epoch === epoch
    const given = (write: RunWrite | Promise<RunWrite>): RunWrite | Promise<RunWrite> =>
      this.transacts === 'sync' ? atOnce(write) : write
    return this.#transactions.ofTool<RunWrite | undefined, WriteResult>(
      (tables) => (isHere() ? given(effect(tables)) : undefined),
      (write) => {
        const result: WriteResult = write ? this.#writer.write(write) : { kind: 'stale' }
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
    const kept = this.#kept.runs.get(id)
    if (kept?.row.epoch !== epoch || this.#claims.beatOf(kept.row) !== ownerHeartbeat || kept.row.endedAt !== null)
      return undefined
    return taker.ends || hasRoom(kept, this.#kept.all) ? this.#claims.give(kept, taker) : undefined
  }

  async take(taker: Taker, filter: TakeFilter): Promise<readonly RunRow[]> {
    const all = this.#kept.all
    const free = freeOf(all, filter, (row) => this.#claims.beatOf(row))
    return free.flatMap((kept) => (hasRoom(kept, this.#kept.all) ? this.#claims.give(kept, taker) : []))
  }

  async overdue(filter: OverdueFilter): Promise<readonly RunRow[]> {
    return overdueOf(this.#kept.all, filter, (row) => this.#claims.beatOf(row))
  }

  async heartbeat(owner: string, beat: number): Promise<number> {
    return this.#claims.hear(owner, beat)
  }

  async owned(owner: string): Promise<readonly string[]> {
    return this.#kept.ownedBy(owner).flatMap(({ row }) => (row.endedAt === null ? [row.id] : []))
  }

  async owners(): Promise<readonly OwnerHeartbeat[]> {
    const rows = this.#kept.all.flatMap(({ row }) => (row.endedAt === null ? row : []))
    const owners = new Set(rows.flatMap(({ owner }) => owner ?? []))
    return [...owners].map((owner) => ({ owner, heartbeat: this.#kept.owners.beatOf(owner) }))
  }

  async queue(now: number): Promise<readonly QueueRow[]> {
    return queueOf(this.#kept.runs.values(), now)
  }

  async run(runId: string): Promise<RunRow | undefined> {
    return this.#kept.runs.get(runId)?.row
  }

  async newest(root: string): Promise<RunRow | undefined> {
    return newestOf(this.#kept.all, root)
  }

  async used(runIds: readonly string[]): Promise<readonly Used[]> {
    return runIds.map((id) => {
      const row = this.#kept.runs.get(id)?.row
      return row ? this.#kept.kin.used(row) : NO_TOTALS
    })
  }

  async runs({ after, limit = DEFAULT_LIMIT, order = 'oldest', ...filter }: RunFilter): Promise<readonly RunRow[]> {
    const created = this.#kept.all.map(({ row }) => row)
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
    const kept = this.#kept.runs.get(runId)
    const erased = this.#kept.erased.get(kept?.row.lineageId ?? runId)
    if (erased) throw wasErased(runId, erased)
    return kept?.entries.slice(from) ?? []
  }

  async send(message: InboxMessage, secrets: readonly Secret[] = [], note?: AuditNote): Promise<boolean> {
    return this.#send(message, secrets, note)
  }

  #send(message: InboxMessage, secrets: readonly Secret[], note?: AuditNote): boolean {
    const { inbox, row } = this.#find(message.runId)
    this.#kept.secrets.keep(row.lineageId, secrets)
    if (inbox.some(({ dedupe }) => dedupe === message.dedupe)) return false
    inbox.push(message)
    if (note) this.#kept.audit.add([note])
    return true
  }

  async sendEarly(message: InboxMessage, limit: number): Promise<EarlyResult> {
    const { runId } = message
    if (this.#kept.runs.has(runId)) return 'begun'
    const erased = this.#kept.erased.get(runId)
    if (erased) throw wasErased(runId, erased)
    return this.#kept.early.leave(message, limit)
  }

  async inbox(runId: string): Promise<readonly InboxMessage[]> {
    return this.#kept.runs.get(runId)?.inbox.slice() ?? []
  }

  async mail(owner: string): Promise<readonly string[]> {
    return this.#kept.ownedBy(owner).flatMap(({ row, inbox }) => (inbox.length > 0 ? [row.id] : []))
  }

  readonly keepSchedule: Store['keepSchedule'] = async (change) => this.#kept.schedules.keep(change)
  readonly schedules: Store['schedules'] = async (filter) => this.#kept.schedules.list(filter)
  readonly dueSchedules: Store['dueSchedules'] = async (filter) => this.#kept.schedules.due(filter)
  readonly deleteSchedule: Store['deleteSchedule'] = async (name) => this.#kept.schedules.delete(name)

  readonly keepFact: Store['keepFact'] = async (fact, note) => {
    this.#kept.facts.keep(fact)
    if (note) this.#kept.audit.add([note])
  }
  readonly facts: Store['facts'] = async (filter) => this.#kept.facts.list(filter)
  readonly search: Store['search'] = async (query) => this.#kept.facts.search(query)
  readonly eraseFacts: Store['eraseFacts'] = async (of, note) => {
    const facts = this.#kept.facts.erase(of)
    if (note && facts > 0) this.#kept.audit.add([note])
    return { facts }
  }

  async gc(
    endedBefore: number,
    statuses: readonly EndedStatus[],
    limit: number,
    tenant?: string,
  ): Promise<readonly string[]> {
    if (tenant === undefined) this.#kept.early.forget(endedBefore)
    const deleted = collect(this.#kept, { endedBefore, statuses, tenant }, limit)
    this.#kept.secrets.forgetAllBut(new Set(this.#kept.all.map(({ row }) => row.lineageId)))
    return deleted
  }

  async secrets(lineageId: string, from: number): Promise<LineageSecrets> {
    return this.#kept.secrets.of(lineageId, from)
  }

  async erase(lineageId: string, by: string, at: number, note?: AuditNote): Promise<Erasure> {
    const runs = this.#kept.all.filter(({ row }) => row.lineageId === lineageId)
    if (runs.length === 0) this.#find(lineageId)
    const active = runs.filter(({ row }) => row.endedAt === null)
    if (active.length > 0) return { kind: 'active', runIds: active.map(({ row }) => row.id) }
    if (note && runs.some(({ row }) => row.erasedAt === null)) this.#kept.audit.add([note])
    const erased = this.#noteErased({ lineageId, by, at })
    for (const kept of runs) eraseRun(kept, erased.at)
    this.#kept.secrets.forget(lineageId)
    return { kind: 'erased', runs: runs.length }
  }

  async noteErased(words: readonly ErasureWord[]): Promise<void> {
    for (const word of words) this.#noteErased(word)
  }

  async audit(filter: AuditFilter): Promise<readonly AuditEntry[]> {
    return this.#kept.audit.list(filter)
  }

  async note(notes: readonly AuditNote[]): Promise<void> {
    this.#kept.audit.add(notes)
  }

  async pruneAudit(before: number, limit: number): Promise<number> {
    return this.#kept.audit.prune(before, limit)
  }

  // What it holds outlives it, so that a test may close a runtime and give its store to the next.
  async close(): Promise<void> {}

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Who erased it first stays. */
  #noteErased({ lineageId, by, at }: ErasureWord): Erased {
    const { erased } = this.#kept
    const first = erased.get(lineageId) ?? { by, at }
    erased.set(lineageId, first)
    return first
  }

  #find(runId: string): Kept {
    const kept = this.#kept.runs.get(runId)
    if (kept) return kept
    throw noRun(runId)
  }
}
