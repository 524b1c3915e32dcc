import type { RunRow, RunWrite, SealedEntry, Taker, WriteResult } from '@reprise/core'
import { chainNext, chainStart } from '../chain.ts'
import { BLOBS } from '../cipher.ts'
import type { Cipher } from '../cipher.ts'
import { encodeBody } from '../codec.ts'
import type { SqliteDatabase } from './database.ts'
import { Heads } from './heads.ts'
import type { Head } from './heads.ts'
import type { Lineages } from './lineages.ts'
import { Statements } from './statements.ts'

/** The head of a run that can be added to. */
type Open = Head & { readonly cipher: Cipher }

/** Thrown through a transaction to take it back: the effect's write was refused. */
class RolledBack {
  readonly result: WriteResult

  constructor(result: WriteResult) {
    this.result = result
  }
}

/**
 * Writes what runs have to say, in whole transactions. Each begins IMMEDIATE: nobody else writes from then on, so a
 * run's write is refused before its first row is written, and goes alone (invariant 8). A savepoint for each run
 * would do the same at a third more time: it copies every page that it touches.
 */
export class Writer {
  readonly #lineages: Lineages
  readonly #heads: Heads
  readonly #sql: Statements
  readonly #commit
  readonly #transact

  constructor(db: SqliteDatabase, lineages: Lineages) {
    this.#lineages = lineages
    this.#heads = new Heads(db, lineages)
    this.#sql = new Statements(db, lineages)
    this.#commit = db.transaction((writes: readonly RunWrite[]) => {
      this.#heads.begin()
      if (lineages.encrypted) lineages.make(writes.flatMap(({ create }) => create ?? []))
      return writes.map((write) => this.#write(write))
    })
    this.#transact = db.transaction((runId: string, epoch: number, effect: () => RunWrite): WriteResult => {
      this.#heads.begin()
      if (this.#heads.get(runId)?.epoch !== epoch) return { kind: 'stale' }
      // It is gone where the effect has ended this transaction and begun another.
      db.exec('savepoint effect')
      const write = effect()
      db.exec('release effect')
      const result = this.#write(write)
      if (result.kind !== 'written') throw new RolledBack(result)
      return result
    })
  }

  /** As the store's. */
  commit(writes: readonly RunWrite[]): readonly WriteResult[] {
    return this.#advancing(() => this.#commit.immediate(writes))
  }

  /** As the store's. */
  transact(runId: string, epoch: number, effect: () => RunWrite): WriteResult {
    try {
      return this.#advancing(() => this.#transact.immediate(runId, epoch, effect))
    } catch (thrown) {
      if (thrown instanceof RolledBack) return thrown.result
      throw thrown
    }
  }

  /** As the store's. */
  claim(seen: Pick<RunRow, 'id' | 'epoch' | 'beat'>, taker: Taker): RunRow | undefined {
    this.#heads.drop(seen.id)
    return this.#sql.claimRun(seen, taker)
  }

  /** Forgets a run that is deleted. */
  forget(runId: string): void {
    this.#heads.drop(runId)
  }

  /** Forgets where journals end, since somebody else has written to them on the same connection. */
  forgetAll(): void {
    this.#heads.forget()
  }

  #advancing<T>(transaction: () => T): T {
    try {
      const result = transaction()
      this.#heads.advance()
      return result
    } catch (thrown) {
      this.#heads.forget()
      throw thrown
    }
  }

  #write(write: RunWrite): WriteResult {
    let head = this.#headFor(write)
    if (head === undefined) return { kind: write.create ? 'exists' : 'stale' }
    for (const entry of write.entries) head = this.#append(write.runId, head, entry)
    const last = write.entries.at(-1)
    // A write that stands already, with others after it, has nothing left to do.
    if (last === undefined || last.seq === head.next - 1) this.#finish(write, head)
    return { kind: 'written' }
  }

  /** Gives the head that a write goes on from, of a run that it may begin; undefined when the write is refused. */
  #headFor({ runId, epoch, create, entries }: RunWrite): Open | undefined {
    const found = this.#heads.get(runId)
    const next = found?.next ?? 0
    const first = entries[0]?.seq ?? next
    if (first > next || entries.some(({ seq }, index) => seq !== first + index)) return undefined
    if (found === undefined) return create && this.#begin(create)
    const own = found.epoch === epoch && (create === undefined || (found.owner === create.owner && first < next))
    if (!own || !isOpen(found)) return undefined
    return entries.every((entry) => entry.seq >= next || this.#stands(runId, found, entry)) ? found : undefined
  }

  /** No run begins in a lineage that was erased. */
  #begin(row: RunRow): Open | undefined {
    const cipher = this.#lineages.find(row.lineageId)
    if (cipher === undefined || (row.lineageId !== row.id && this.#sql.isErased(row.lineageId))) return undefined
    return { ...this.#heads.fresh(this.#sql.insertRun(row), row), cipher }
  }

  // The commit happened though its caller saw an error (fault 6): the same hash stands at the same place.
  #stands(runId: string, { run, cipher }: Open, entry: SealedEntry): boolean {
    const before = entry.seq === 0 ? chainStart(runId) : this.#sql.hashAt(run, entry.seq - 1)
    return before !== undefined && this.#sql.hashAt(run, entry.seq) === chainNext(cipher, before, entry)
  }

  #append(runId: string, head: Open, entry: SealedEntry): Open {
    if (entry.seq < head.next) return head // it stands
    const { cipher } = head
    const hash = chainNext(cipher, head.hash, entry)
    const { body, blobs } = encodeBody(entry.text, cipher)
    this.#sql.insertEntry(head.run, entry, cipher.seal(body, runId, entry.seq), hash)
    for (const { address, text } of blobs) this.#sql.insertBlob(head.run, address, cipher.seal(text, BLOBS, address))
    return { ...head, next: entry.seq + 1, hash }
  }

  #finish({ runId, row, consumed = [], message, release, secrets = [] }: RunWrite, head: Open): void {
    for (const secret of secrets) this.#sql.insertSecret(head.run, head.cipher, secret)
    if (row) this.#sql.changeRun(head.run, row)
    if (message) this.#sql.leaveMessage(message)
    for (const dedupe of consumed) this.#sql.deleteMessage(head.run, dedupe)
    if (release) this.#sql.releaseRun(head.run)
    const inFlight = !release && (row?.endedAt ?? null) === null
    this.#heads.set(runId, inFlight ? head : undefined)
  }
}

function isOpen(head: Head): head is Open {
  return head.cipher !== undefined
}
