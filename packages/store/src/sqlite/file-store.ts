import { resolve } from 'node:path'
import { RepriseError } from '@reprise/core'
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
import type { Encryption } from '@reprise/format'
import { Connection } from './connection.ts'
import type { SqliteDatabase } from './database.ts'
import { atOnce, EffectThrew, notPromised } from './effect.ts'
import { problem, toStoreError } from './errors.ts'
import { Holders } from './holders.ts'
import { IN_MEMORY } from './in-memory.ts'
import { Lending } from './lending.ts'
import type { Durability } from './open.ts'
import type { Opened } from './opened.ts'
import type { SqliteStore } from './sqlite-store.ts'
import { othersTurn, patiently } from './turns.ts'

/** A store in one SQLite file, opened at the first use, and again at the next one after those who held it are gone. */
export class FileStore implements SqliteStore {
  readonly #path: string
  readonly #durability: Durability
  readonly #encryption: Encryption | undefined
  readonly secrets?: (lineageId: string, from: number) => Promise<LineageSecrets>
  readonly transacts = 'sync'
  #opening: Promise<Connection> | undefined
  #connection: Connection | undefined
  /** Connections that come to their end. */
  #shutting: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined
  readonly #lending: Lending
  readonly #holders: Holders

  constructor(path: string, durability: Durability, encryption: Encryption | undefined) {
    this.#path = path
    this.#durability = durability
    this.#encryption = encryption
    this.#lending = new Lending(path, encryption !== undefined)
    this.#holders = new Holders(path, () => this.#shut())
    if (encryption)
      this.secrets = (lineageId, from) => this.#write(({ secretValues }) => secretValues.of(lineageId, from))
  }

  commit(writes: readonly RunWrite[]): Promise<readonly WriteResult[]> {
    return this.#write(({ writer }) => writer.commit(writes))
  }

  transact(
    runId: string,
    epoch: number,
    effect: (handle: unknown) => RunWrite | Promise<RunWrite>,
  ): Promise<WriteResult> {
    const atOnceOf = (handle: SqliteDatabase): RunWrite => atOnce(effect(handle))
    return this.#lending.committing((note) =>
      this.#write((opened) =>
        opened.writer.transact(runId, epoch, () => this.#lending.lend(opened, 'tool', note, atOnceOf)),
      ),
    )
  }

  transaction<T>(work: (tx: SqliteDatabase) => T): Promise<T> {
    const effect = (handle: SqliteDatabase): T => notPromised(work(handle))
    return this.#lending.committing((note) =>
      this.#write((opened) => opened.writer.lend(() => this.#lending.lend(opened, 'program', note, effect))),
    )
  }

  within(tx: object): Within {
    return this.#lending.within(tx)
  }

  tx(ctx: object): SqliteDatabase {
    return this.#lending.tx(ctx)
  }

  claim(seen: SeenRun, taker: Taker): Promise<RunRow | undefined> {
    return this.#write(({ writer }) => writer.claim(seen, taker))
  }

  async take(taker: Taker, filter: TakeFilter): Promise<readonly RunRow[]> {
    // Nobody waits for a worker that finds nothing: it only reads. Where it is all that goes on, nobody else shortens the log.
    const isAny = await this.#use(({ writer, shortenLog }) => {
      shortenLog()
      return writer.canTake(filter)
    })
    return isAny ? this.#write(({ writer }) => writer.take(taker, filter)) : []
  }

  overdue(filter: OverdueFilter): Promise<readonly RunRow[]> {
    return this.#use(({ writer }) => writer.overdue(filter))
  }

  heartbeat(owner: string, heartbeat: number): Promise<number> {
    this.#holders.heard(owner)
    return this.#write(({ owners, inPlace, shortenLog }) => {
      inPlace.check(true)
      shortenLog()
      return owners.beat(owner, heartbeat)
    })
  }

  owned(owner: string): Promise<readonly string[]> {
    return this.#use(({ owners }) => owners.owned(owner))
  }

  keepAlive(owner: string, everyMs: number): void {
    if (!this.#closing) this.#holders.keepAlive(owner, everyMs)
  }

  hold(owner: string): () => Promise<void> {
    return this.#holders.hold(owner)
  }

  owners(): Promise<readonly OwnerHeartbeat[]> {
    return this.#use(({ owners }) => owners.all())
  }

  run(runId: string): Promise<RunRow | undefined> {
    return this.#use(({ runs }) => runs.get(runId))
  }

  queue(now: number): Promise<readonly QueueRow[]> {
    return this.#use(({ queue }) => queue.count(now))
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
    return this.#write(({ inbox }) => inbox.send(message, secrets, note))
  }

  sendEarly(message: InboxMessage, limit: number): Promise<EarlyResult> {
    return this.#write(({ early }) => early.send(message, limit))
  }

  inbox(runId: string): Promise<readonly InboxMessage[]> {
    return this.#use(({ inbox }) => inbox.of(runId))
  }

  mail(owner: string): Promise<readonly string[]> {
    return this.#use(({ inbox }) => inbox.mail(owner))
  }

  readonly keepSchedule: Store['keepSchedule'] = (change) => this.#write(({ schedules }) => schedules.keep(change))
  readonly schedules: Store['schedules'] = (filter) => this.#use(({ schedules }) => schedules.list(filter))
  readonly dueSchedules: Store['dueSchedules'] = (filter) => this.#use(({ schedules }) => schedules.due(filter))
  readonly deleteSchedule: Store['deleteSchedule'] = (name, erases = false) =>
    this.#during(async (opened) => {
      const wasThere = await this.#writeTo(opened, ({ schedules }) => schedules.delete(name, erases))
      if (!wasThere || !erases) return wasThere
      return (await opened.scrubber.scrub()) || 'pending'
    })

  readonly keepFact: Store['keepFact'] = (fact, note) => this.#write(({ facts }) => facts.keep(fact, note))
  readonly facts: Store['facts'] = (filter) => this.#use(({ facts }) => facts.list(filter))
  readonly search: Store['search'] = (query) => this.#use(({ facts }) => facts.search(query))
  readonly eraseFacts: Store['eraseFacts'] = (of, note) =>
    this.#during(async (opened) => {
      const erased = await this.#writeTo(opened, ({ facts }) => facts.erase(of, note))
      if (erased === 0 || (await opened.scrubber.scrub())) return { facts: erased }
      return { facts: erased, pending: true }
    })

  async gc(
    before: number,
    statuses: readonly EndedStatus[],
    limit: number,
    tenant: string | null = null,
  ): Promise<readonly string[]> {
    const wanted = { before, statuses, tenant }
    // Whose a message will be is not known before its run is there.
    if (tenant === null) await this.#write(({ early }) => early.forget(before))
    let runs = await this.#use(({ gc }) => gc.candidates(wanted))
    const deleted: string[] = []
    for (let isCut = false; runs.length > 0 && (isCut || deleted.length < limit);) {
      const { ids, left, ...collected } = await this.#write(({ gc, writer }) => {
        const collected = gc.collect(runs, wanted, limit - deleted.length)
        for (const runId of collected.touched) writer.forget(runId)
        return collected
      })
      deleted.push(...ids)
      runs = left
      isCut = collected.isCut
      await othersTurn()
    }
    return deleted
  }

  async backup(path: string): Promise<void> {
    if (this.#path === IN_MEMORY)
      throw problem('store_no_backup', IN_MEMORY, 'is gone with its process', 'Back up a store in a file.')
    // Who opens it first also brings its tables up to date.
    await this.#use(() => undefined)
    try {
      const { backUp } = await import('./backup.ts')
      await backUp(this.#path, resolve(path))
    } catch (thrown) {
      throw toStoreError(thrown, this.#path)
    }
  }

  erase(lineageId: string, by: string, at: number, note?: AuditNote): Promise<Erasure> {
    // It stays open until what was erased is out of the files.
    return this.#during(async (opened) => {
      const { erasure, left } = await this.#writeTo(opened, ({ eraser, writer }) => {
        writer.forgetAll()
        return eraser.begin(lineageId, { by, at }, note)
      })
      if (erasure.kind === 'active') return erasure
      for (let runs = left; runs.length > 0; runs = await this.#writeTo(opened, ({ eraser }) => eraser.goOn(runs)))
        await othersTurn()
      return (await opened.scrubber.scrub()) ? erasure : { ...erasure, pending: true }
    })
  }

  noteErased(words: readonly ErasureWord[]): Promise<void> {
    return this.#write(({ lineages }) => lineages.noteErased(words))
  }

  audit(filter: AuditFilter): Promise<readonly AuditEntry[]> {
    return this.#use(({ audit }) => audit.list(filter))
  }

  note(notes: readonly AuditNote[]): Promise<void> {
    return this.#write(({ audit }) => audit.append(notes))
  }

  pruneAudit(before: number, limit: number): Promise<number> {
    return this.#write(({ audit }) => audit.prune(before, limit))
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    await this.#holders.end()
    await this.#shut()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Closes the file once what is under way is done; the next use opens it again. */
  #shut(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    this.#connection = undefined
    const before = this.#shutting.catch(() => undefined)
    this.#shutting = (async () => {
      await before
      const connection = await opening?.catch(() => undefined)
      try {
        await connection?.close()
      } catch (thrown) {
        throw toStoreError(thrown, this.#path)
      }
    })()
    return this.#shutting
  }

  /** Reads: nobody is waited for, but who recovers the log of a process that died. */
  #use<T>(work: (opened: Opened) => T): Promise<T> {
    return this.#during((opened) => this.#work(opened, work, (attempt) => patiently(attempt)))
  }

  /** Writes, when its turn has come. */
  #write<T>(work: (opened: Opened) => T): Promise<T> {
    return this.#during((opened) => this.#writeTo(opened, work))
  }

  /** Writes, when its turn has come, as a part of what is under way: a store that is closed meanwhile waits for it. */
  #writeTo<T>(opened: Opened, work: (opened: Opened) => T): Promise<T> {
    return this.#work(opened, work, (attempt) => opened.turns.take(attempt))
  }

  async #work<T>(opened: Opened, work: (opened: Opened) => T, bring: (attempt: () => T) => Promise<T>): Promise<T> {
    const attempt = (): T => {
      opened.inPlace.check()
      return work(opened)
    }
    // It is asked by whoever is at work in a transaction just now, and is no part of that: it waits until that is over.
    if (opened.db.inTransaction) await Promise.resolve()
    try {
      return await bring(attempt)
    } catch (thrown) {
      if (thrown instanceof EffectThrew) throw thrown.thrown
      const error = toStoreError(thrown, this.#path)
      if (RepriseError.is(error) && error.code === 'store_corrupt') opened.doubt()
      throw error
    }
  }

  async #during<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    const connection = this.#connection ?? (await this.#open())
    this.#refuseClosed()
    return connection.during(work)
  }

  #open(): Promise<Connection> {
    this.#refuseClosed()
    if (this.#opening) return this.#opening
    const opening = this.#connect()
    this.#opening = opening
    opening.then(
      (connection) => {
        if (this.#opening === opening) this.#connection = connection
      },
      () => {
        // A lock or a missing folder may be gone at the next use.
        if (this.#opening === opening) this.#opening = undefined
      },
    )
    return opening
  }

  async #connect(): Promise<Connection> {
    const { useFile } = await import('./open-files.ts')
    return new Connection(await useFile(this.#path, this.#durability, this.#encryption))
  }

  #refuseClosed(): void {
    if (this.#closing) throw problem('store_closed', this.#path, 'is closed', 'Make another with sqlite(path).')
  }
}
