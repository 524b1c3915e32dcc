import type {
  EndedStatus,
  Erasure,
  InboxMessage,
  LineageSecrets,
  OwnerHeartbeat,
  RunFilter,
  RunRow,
  RunWrite,
  Secret,
  SeenRun,
  Store,
  StoredEntry,
  TakeFilter,
  Taker,
  Used,
  WriteResult,
} from '@reprise/core'
import type { Encryption } from '@reprise/format'
import { problem } from './errors.ts'
import type { Opened } from './opened.ts'
import type { Place } from './postgres.ts'

/** A store in one schema of a Postgres database, opened at the first use. */
export class PostgresStore implements Store, AsyncDisposable {
  readonly #place: Place
  readonly #schema: string
  readonly #encryption: Encryption | undefined
  readonly #keys: Place | undefined
  readonly secrets?: (lineageId: string, from: number) => Promise<LineageSecrets>
  readonly transacts = 'async'
  #opening: Promise<Opened> | undefined
  #isClosed = false

  constructor(place: Place, schema: string, encryption: Encryption | undefined, keys: Place | undefined) {
    this.#place = place
    this.#schema = schema
    this.#encryption = encryption
    this.#keys = keys
    if (encryption)
      this.secrets = (lineageId, from) => this.#use(({ secretValues }) => secretValues.of(lineageId, from))
  }

  commit(writes: readonly RunWrite[]): Promise<readonly WriteResult[]> {
    return this.#use(({ writer }) => writer.commit(writes))
  }

  claim(seen: SeenRun, taker: Taker): Promise<RunRow | undefined> {
    return this.#use(({ take }) => take.claim(seen, taker))
  }

  take(taker: Taker, filter: TakeFilter): Promise<readonly RunRow[]> {
    return this.#use(({ take }) => take.take(taker, filter))
  }

  heartbeat(owner: string, heartbeat: number): Promise<number> {
    return this.#use(({ owners }) => owners.beat(owner, heartbeat))
  }

  owned(owner: string): Promise<readonly string[]> {
    return this.#use(({ owners }) => owners.owned(owner))
  }

  owners(): Promise<readonly OwnerHeartbeat[]> {
    return this.#use(({ owners }) => owners.all())
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

  send(message: InboxMessage, secrets: readonly Secret[] = []): Promise<boolean> {
    return this.#use(({ inbox }) => inbox.send(message, secrets))
  }

  inbox(runId: string): Promise<readonly InboxMessage[]> {
    return this.#use(({ inbox }) => inbox.of(runId))
  }

  mail(owner: string): Promise<readonly string[]> {
    return this.#use(({ inbox }) => inbox.mail(owner))
  }

  gc(endedBefore: number, statuses: readonly EndedStatus[], limit: number): Promise<readonly string[]> {
    return this.#use(({ gc }) => gc.collect(endedBefore, statuses, limit))
  }

  erase(lineageId: string, by: string, at: number): Promise<Erasure> {
    return this.#use(({ eraser }) => eraser.erase(lineageId, by, at))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const opening = this.#opening
    this.#opening = undefined
    const opened = await opening?.catch(() => undefined)
    await opened?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #use<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw problem('store_closed', this.#schema, 'is closed', 'Make another with postgres(url).')
    this.#opening ??= this.#open()
    return work(await this.#opening)
  }

  async #open(): Promise<Opened> {
    const { openStore } = await import('./open.ts')
    return openStore(this.#place, this.#schema, this.#encryption, this.#keys)
  }
}
