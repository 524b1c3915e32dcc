import { DefinitionError, TX } from '@reprise/core'
import type {
  AuditEntry,
  AuditFilter,
  AuditNote,
  DueFilter,
  EndedStatus,
  EarlyResult,
  Erasure,
  ErasureWord,
  FactFilter,
  FactQuery,
  FactsErased,
  FactsOf,
  Hint,
  InboxMessage,
  LineageSecrets,
  NewFact,
  OverdueFilter,
  OwnerHeartbeat,
  QueueRow,
  RunFilter,
  RunRow,
  RunWrite,
  ScheduleChange,
  ScheduleFilter,
  Secret,
  SeenRun,
  Store,
  StoredEntry,
  StoredFact,
  StoredSchedule,
  TakeFilter,
  Taker,
  Used,
  Within,
  WriteResult,
} from '@reprise/core'
import type { Encryption } from '@reprise/format'
import { Ears } from './ears.ts'
import type { ExamineOptions } from './examine.ts'
import type { Examination } from './examination.ts'
import type { BlobsPlace } from './outside.ts'
import { problem } from './errors.ts'
import { Handle } from './handle.ts'
import type { PostgresTransaction } from './handle.ts'
import { channelOf, newsOf } from './hints.ts'
import { noteStore } from './open-stores.ts'
import type { Opened } from './opened.ts'
import type { KeysPlace, Place } from './place.ts'
import { pulse, warnOfNoPulse } from './pulse.ts'
import { tablesOf } from './tables.ts'
import { Use } from './use.ts'
import { runnerOf } from './tx-runner.ts'
import { type Inside, withinOf, type Withins } from './withins.ts'

/** After how many heartbeats of an owner, one a second, the journal's mark is counted on. */
const BEATS_A_MARK = 5

/** A store in one schema of a Postgres database, opened at the first use. */
export class PostgresStore implements Store, AsyncDisposable {
  readonly #place: Place
  readonly #schema: string
  readonly #encryption: Encryption | undefined
  readonly #keys: KeysPlace | undefined
  readonly #blobs: BlobsPlace | undefined
  readonly secrets?: (lineageId: string, from: number) => Promise<LineageSecrets>
  readonly transacts = 'async'
  /** While the server answers one, the next is on its way. */
  readonly commitsAtOnce = 2
  #opening: Promise<Use> | undefined
  /** Connections that come to their end. */
  #shutting: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined
  /** How often each owner holds it. */
  readonly #holders = new Map<string, number>()
  /** The owners whose beats a thread keeps going. */
  readonly #alive = new Set<string>()
  /** What tools work with that run now. */
  readonly #lent = new WeakSet<object>()
  readonly #ears: Ears
  readonly #listenUrl: string | undefined

  /** @param listenUrl the address at which hints are heard; undefined where none are. */
  constructor(
    place: Place,
    schema: string,
    encryption: Encryption | undefined,
    keys: KeysPlace | undefined,
    listenUrl: string | undefined,
    blobs: BlobsPlace | undefined,
  ) {
    this.#ears = new Ears(listenUrl, channelOf(schema), () => this.#holders.size > 1)
    this.#listenUrl = listenUrl
    this.#place = place
    this.#schema = schema
    this.#encryption = encryption
    this.#keys = keys
    this.#blobs = blobs
    if (encryption)
      this.secrets = (lineageId, from) => this.#use(({ secretValues }) => secretValues.of(lineageId, from))
  }

  commit(writes: readonly RunWrite[]): Promise<readonly WriteResult[]> {
    return this.#use(async ({ writer, teller }) => {
      const { results, freed } = await writer.commit(writes)
      teller.tell(newsOf(writes, results, freed))
      return results
    })
  }

  transact(
    runId: string,
    epoch: number,
    effect: (handle: unknown) => RunWrite | Promise<RunWrite>,
  ): Promise<WriteResult> {
    return this.#use(async ({ transactions, teller }) => {
      const writes: RunWrite[] = []
      const result = await transactions.transact(runId, epoch, async (handle) => {
        this.#lent.add(handle)
        const write = await effect(handle)
        writes.push(write)
        return write
      })
      teller.tell(newsOf(writes, [result]))
      return result
    })
  }

  /**
   * Gives a transactional tool the transaction that its effect and its entry share, on this store's database.
   * Tables of your own stand beside the journal's; the journal's are not to be touched.
   *
   * @param ctx what the tool's `execute` was given.
   * @throws DefinitionError outside of such a tool's `execute`.
   */
  tx(ctx: object): PostgresTransaction {
    const handle: unknown = TX in ctx ? ctx[TX] : undefined
    if (handle instanceof Handle && this.#lent.has(handle)) return handle
    throw new DefinitionError({
      code: 'tx_outside',
      message: `store.tx(ctx) was called where no transaction of the store of schema "${this.#schema}" is open. It gives a handle inside the execute of a tool with effect: 'transactional', with that tool's own ctx, on a runtime with this store. Declare the tool so, or use a client of your own for what is no such tool's work.`,
    })
  }

  /**
   * As the contract has it. It takes what `runnerOf` finds: clients of pg, and transactions of Kysely, Drizzle, postgres.js,
   * Prisma and PGlite.
   */
  within(tx: object): Within {
    const found = runnerOf(tx)
    const run = <T>(work: (inside: Inside, withins: Withins) => Promise<T>): Promise<T> =>
      this.#use(({ withins }) => withins.within(tx, found, (inside) => work(inside, withins)))
    return withinOf(run, this.#encryption !== undefined)
  }

  claim(seen: SeenRun, taker: Taker): Promise<RunRow | undefined> {
    return this.#use(({ take }) => take.claim(seen, taker))
  }

  take(taker: Taker, filter: TakeFilter): Promise<readonly RunRow[]> {
    return this.#use(({ take }) => take.take(taker, filter))
  }

  overdue(filter: OverdueFilter): Promise<readonly RunRow[]> {
    return this.#use(({ overdue }) => overdue.of(filter))
  }

  heartbeat(owner: string, heartbeat: number): Promise<number> {
    if (this.#alive.has(owner)) pulse.heard(owner)
    // What comes of it concerns nobody's heartbeat.
    if (heartbeat % BEATS_A_MARK === 0) this.#use(({ rewinds }) => rewinds.count()).catch(() => undefined)
    return this.#use(({ owners }) => owners.beat(owner, heartbeat))
  }

  owned(owner: string): Promise<readonly string[]> {
    return this.#use(({ owners }) => owners.owned(owner))
  }

  owners(): Promise<readonly OwnerHeartbeat[]> {
    return this.#use(({ owners }) => owners.all())
  }

  queue(now: number): Promise<readonly QueueRow[]> {
    return this.#use(({ queue }) => queue.count(now))
  }

  run(runId: string): Promise<RunRow | undefined> {
    return this.#use(({ runs }) => runs.get(runId))
  }

  newest(root: string): Promise<RunRow | undefined> {
    return this.#use(({ runs }) => runs.newest(root))
  }

  used(runIds: readonly string[]): Promise<readonly Used[]> {
    return this.#use(({ runs }) => runs.used(runIds))
  }

  runs(filter: RunFilter): Promise<readonly RunRow[]> {
    return this.#use(({ runs }) => runs.list(filter))
  }

  entries(runId: string, from = 0): Promise<readonly StoredEntry[]> {
    return this.#use(({ entries }) => entries.of(runId, from))
  }

  send(message: InboxMessage, secrets: readonly Secret[] = [], note?: AuditNote): Promise<boolean> {
    return this.#use(async ({ inbox, teller }) => {
      const isNew = await inbox.send(message, secrets, note)
      if (isNew) teller.tell({ isWork: false, mail: [message.runId], freed: [] })
      return isNew
    })
  }

  listen(owner: string, onHint: (hint: Hint) => void): () => Promise<void> {
    return this.#closing ? () => this.#closing ?? Promise.resolve() : this.#ears.add(owner, onHint)
  }

  sendEarly(message: InboxMessage, limit: number): Promise<EarlyResult> {
    return this.#use(({ early }) => early.send(message, limit))
  }

  inbox(runId: string): Promise<readonly InboxMessage[]> {
    return this.#use(({ inbox }) => inbox.of(runId))
  }

  mail(owner: string): Promise<readonly string[]> {
    return this.#use(({ owners }) => owners.mail(owner))
  }

  keepSchedule(change: ScheduleChange): Promise<boolean> {
    return this.#use(({ schedules }) => schedules.keep(change))
  }

  schedules(filter: ScheduleFilter): Promise<readonly StoredSchedule[]> {
    return this.#use(({ schedules }) => schedules.list(filter))
  }

  dueSchedules(filter: DueFilter): Promise<readonly StoredSchedule[]> {
    return this.#use(({ schedules }) => schedules.due(filter))
  }

  deleteSchedule(name: string): Promise<boolean> {
    return this.#use(({ schedules }) => schedules.delete(name))
  }

  keepFact(fact: NewFact, note?: AuditNote): Promise<void> {
    return this.#use(({ facts }) => facts.keep(fact, note))
  }

  facts(filter: FactFilter): Promise<readonly StoredFact[]> {
    return this.#use(({ facts }) => facts.list(filter))
  }

  search(query: FactQuery): Promise<readonly StoredFact[]> {
    return this.#use(({ facts }) => facts.search(query))
  }

  eraseFacts(of: FactsOf, note?: AuditNote): Promise<FactsErased> {
    return this.#use(({ facts }) => facts.erase(of, note))
  }

  gc(
    endedBefore: number,
    statuses: readonly EndedStatus[],
    limit: number,
    tenant?: string,
  ): Promise<readonly string[]> {
    return this.#use(async ({ gc, outside }) => {
      const deleted = await gc.collect(endedBefore, statuses, limit, tenant)
      await outside.clean()
      return deleted
    })
  }

  erase(lineageId: string, by: string, at: number, note?: AuditNote): Promise<Erasure> {
    return this.#use(async ({ eraser, outside }) => {
      const erasure = await eraser.erase(lineageId, by, at, note)
      const isLeft = erasure.kind === 'erased' && (await outside.bury()) !== undefined
      return isLeft ? { ...erasure, pending: true } : erasure
    })
  }

  noteErased(words: readonly ErasureWord[]): Promise<void> {
    return this.#use(({ eraser }) => eraser.note(words))
  }

  audit(filter: AuditFilter): Promise<readonly AuditEntry[]> {
    return this.#use(({ audit }) => audit.list(filter))
  }

  note(notes: readonly AuditNote[]): Promise<void> {
    return this.#use(({ audit }) => audit.append(notes))
  }

  pruneAudit(before: number, limit: number): Promise<number> {
    return this.#use(({ audit }) => audit.prune(before, limit))
  }

  /** Looks at the store as `examine` does, with what it was given. Throws what that throws. */
  async examine({ patienceMs }: Pick<ExamineOptions, 'patienceMs'> = {}): Promise<Examination> {
    const { examinePlace } = await import('./examine.ts')
    return examinePlace(this.#place, {
      schema: this.#schema,
      encryption: this.#encryption,
      keys: this.#keys,
      blobs: this.#blobs?.store,
      listenUrl: this.#listenUrl,
      patienceMs,
    })
  }

  keepAlive(owner: string, everyMs: number): void {
    if (this.#closing || this.#alive.has(owner)) return
    if (pulse.begin(owner, this.#place, tablesOf(this.#schema), everyMs)) this.#alive.add(owner)
    else warnOfNoPulse()
  }

  hold(owner: string): () => Promise<void> {
    this.#holders.set(owner, (this.#holders.get(owner) ?? 0) + 1)
    let ended: Promise<void> | undefined
    return () => (ended ??= this.#letGo(owner))
  }

  async #letGo(owner: string): Promise<void> {
    const others = (this.#holders.get(owner) ?? 1) - 1
    if (others > 0) return void this.#holders.set(owner, others)
    this.#holders.delete(owner)
    if (this.#alive.delete(owner)) await pulse.end(owner)
    if (this.#holders.size === 0) await this.#shut()
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    await Promise.all([this.#ears.close(), ...[...this.#alive].map((owner) => pulse.end(owner))])
    await this.#shut()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Closes the connections once what is under way is done; the next use makes others. */
  #shut(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    noteStore(this, false)
    const before = this.#shutting.catch(() => undefined)
    this.#shutting = (async () => {
      await before
      const use = await opening?.catch(() => undefined)
      await use?.close()
    })()
    return this.#shutting
  }

  async #use<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    if (this.#closing)
      throw problem('store_closed', `schema "${this.#schema}"`, 'is closed', 'Make another with postgres(url).')
    const opening = (this.#opening ??= this.#open())
    return (await opening).during(async (opened) => {
      if (opened.rewinds.isDoubtful) await opened.rewinds.settle()
      return work(opened)
    })
  }

  #open(): Promise<Use> {
    const opening = (async () => {
      const { openStore } = await import('./open.ts')
      return new Use(await openStore(this.#place, this.#schema, this.#encryption, this.#keys, this.#ears, this.#blobs))
    })()
    opening.then(
      () => this.#opening === opening && noteStore(this, true),
      // A server may be there at the next use.
      () => this.#opening === opening && (this.#opening = undefined),
    )
    return opening
  }
}
