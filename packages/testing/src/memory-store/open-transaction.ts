import { StoreError } from '@reprise/core'
import type {
  AuditNote,
  Beginning,
  InboxMessage,
  LineageSecrets,
  RunRow,
  Secret,
  StoredEntry,
  Within,
} from '@reprise/core'
import { fresh, noRun } from './kept-run.ts'
import type { MemoryTables } from './tables.ts'

/** What a transaction reaches of its store. */
export interface Reach {
  readonly begin: (beginning: Beginning) => void
  readonly send: (message: InboxMessage, secrets: readonly Secret[], note: AuditNote | undefined) => void
  readonly run: (runId: string) => RunRow | undefined
  readonly newest: (root: string) => RunRow | undefined
  readonly entries: (runId: string) => readonly StoredEntry[]
  readonly inbox: (runId: string) => readonly InboxMessage[]
  readonly secrets: (lineageId: string, from: number) => LineageSecrets
}

/** A message that is to be left. */
interface Sent {
  readonly message: InboxMessage
  readonly secrets: readonly Secret[]
  readonly note: AuditNote | undefined
}

/** A transaction that is open: what it is to write is at hand within it, and nowhere else before its commit. */
export class OpenTransaction {
  readonly tables: MemoryTables
  /** The store within it. */
  readonly within: Within
  /** What it fails with though nobody could wait to hear of it. */
  refused: { readonly error: unknown } | undefined
  readonly #reach: Reach
  readonly #begun = new Map<string, Beginning & { readonly as: RunRow }>()
  readonly #sent: Sent[] = []
  readonly #committed: (() => void)[] = []

  constructor(tables: MemoryTables, reach: Reach, isSync: boolean) {
    this.tables = tables
    this.#reach = reach
    this.within = {
      begin: (beginning) => this.#begin(beginning),
      send: (message, secrets = [], note) => this.#send({ message, secrets, note }),
      run: (runId) => this.#row(runId),
      newest: (root) => this.#begun.get(root)?.as ?? reach.newest(root),
      entries: (runId) => this.#begun.get(runId)?.entries ?? reach.entries(runId),
      inbox: (runId) => this.#inbox(runId),
      secrets: (lineageId, from) => this.#secrets(lineageId, from),
      ...(isSync && {
        refuse: (error: unknown) => {
          this.refused ??= { error }
        },
      }),
      committed: (then) => void this.#committed.push(then),
    }
  }

  /** @throws StoreError where somebody else has begun one of its runs meanwhile. */
  check(): void {
    const taken = [...this.#begun.keys()].find((runId) => this.#reach.run(runId) !== undefined)
    if (taken === undefined) return
    throw new StoreError({
      code: 'store_busy',
      message: `The run "${taken}" was begun while a transaction was open that begins it: nothing of that is kept. Try again.`,
      retryable: true,
    })
  }

  /** Writes all of it. */
  commit(): void {
    for (const beginning of this.#begun.values()) this.#reach.begin(beginning)
    for (const { message, secrets, note } of this.#sent) this.#reach.send(message, secrets, note)
    for (const then of this.#committed) then()
  }

  #begin(beginning: Beginning): boolean {
    const { row, entries } = beginning
    const first = this.#row(row.lineageId)
    const isShut = first !== undefined && (first.erasedAt !== null || first.tenant !== (row.tenant ?? null))
    if (isShut || this.#row(row.id)) return false
    this.#begun.set(row.id, { ...beginning, as: fresh(row, entries).row })
    return true
  }

  #send(sent: Sent): boolean {
    const { message } = sent
    if (!this.#row(message.runId)) throw noRun(message.runId)
    if (this.#inbox(message.runId).some(({ dedupe }) => dedupe === message.dedupe)) return false
    this.#sent.push(sent)
    return true
  }

  #row(runId: string): RunRow | undefined {
    return this.#begun.get(runId)?.as ?? this.#reach.run(runId)
  }

  #inbox(runId: string): readonly InboxMessage[] {
    const sent = this.#sent.flatMap(({ message }) => (message.runId === runId ? message : []))
    return [...this.#reach.inbox(runId), ...sent]
  }

  #secrets(lineageId: string, from: number): LineageSecrets {
    const { token, secrets } = this.#reach.secrets(lineageId, 0)
    const own = [
      ...[...this.#begun.values()].flatMap((begun) => (begun.as.lineageId === lineageId ? (begun.secrets ?? []) : [])),
      ...this.#sent.flatMap((sent) => (this.#row(sent.message.runId)?.lineageId === lineageId ? sent.secrets : [])),
    ].filter((one, at, all) => ![...secrets, ...all.slice(0, at)].some((other) => other.token === one.token))
    return { token, secrets: [...secrets, ...own].slice(from) }
  }
}
