import type {
  Beginning,
  NewRun,
  OverdueFilter,
  RunRow,
  RunWrite,
  StoredEntry,
  SeenRun,
  TakeFilter,
  Taker,
  WriteResult,
} from '@reprise/core'
import { BLOBS, chainNext, chainStart, encodeBody } from '@reprise/format'
import type { Cipher } from '@reprise/format'
import type { Audit } from './audit.ts'
import { Claims } from './claims.ts'
import type { SqliteDatabase } from './database.ts'
import type { Early } from './early.ts'
import type { Facts } from './facts.ts'
import { unkept } from './handle.ts'
import type { Borrower } from './handle.ts'
import { Heads } from './heads.ts'
import type { Head } from './heads.ts'
import type { Lineages } from './lineages.ts'
import type { Owners } from './owners.ts'
import { Overdue } from './overdue.ts'
import type { Schedules } from './schedules.ts'
import { Slots } from './slots.ts'
import { Statements } from './statements.ts'
import { Take } from './take.ts'

/** The head of a run that can be added to. */
type Open = Head & { readonly cipher: Cipher }

/** What a write goes on from: the head of its run, or the row of one that begins in a lineage that is kept so. */
type Base = { readonly head: Open } | { readonly create: NewRun; readonly cipher: Cipher }

/** What is written beside runs. */
interface Beside {
  readonly schedules: Schedules
  readonly audit: Audit
  readonly early: Early
  readonly facts: Facts
}

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
  readonly #db: SqliteDatabase
  readonly #lineages: Lineages
  readonly #heads: Heads
  readonly #audit: Audit
  readonly #sql: Statements
  readonly #schedules: Schedules
  readonly #commit
  readonly #transact
  readonly #claim
  readonly #take: Take
  readonly #slots: Slots
  readonly #early: Early
  readonly #facts: Facts
  readonly #overdue: Overdue

  constructor(db: SqliteDatabase, lineages: Lineages, owners: Owners, { schedules, audit, early, facts }: Beside) {
    this.#audit = audit
    this.#early = early
    this.#facts = facts
    this.#db = db
    this.#lineages = lineages
    this.#schedules = schedules
    this.#heads = new Heads(db, lineages)
    this.#slots = new Slots(db)
    this.#sql = new Statements(db, lineages, owners)
    const claims = new Claims(db, owners, this.#slots)
    this.#claim = db.transaction((seen: SeenRun, taker: Taker) => claims.claim(seen, taker))
    this.#take = new Take(db, claims, this.#slots)
    this.#overdue = new Overdue(db)
    this.#commit = db.transaction((writes: readonly RunWrite[]) => {
      this.#heads.begin()
      if (lineages.encrypted) lineages.make(writes.flatMap(begunBy))
      return writes.map((write) => this.#write(write))
    })
    this.#transact = db.transaction((runId: string, epoch: number, effect: () => RunWrite): WriteResult => {
      this.#heads.begin()
      if (this.#heads.get(runId)?.epoch !== epoch) return { kind: 'stale' }
      const result = this.#write(this.#saved(effect))
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
      return this.#lending('tool', effect, (lent) => this.#transact.immediate(runId, epoch, lent))
    } catch (thrown) {
      if (thrown instanceof RolledBack) return thrown.result
      throw thrown
    }
  }

  /** Runs the work of a program in a transaction, within which `begin` may be called. */
  lend<T>(work: () => T): T {
    const transaction = this.#db.transaction((lent: () => T): T => {
      this.#heads.begin()
      return this.#saved(lent)
    })
    return this.#lending('program', work, (lent) => transaction.immediate(lent))
  }

  /** Begins a run that nobody owns, within the transaction that is lent just now; false where one with its id is there. */
  begin(beginning: Beginning): boolean {
    const { row } = beginning
    if (this.#lineages.encrypted) this.#lineages.make([row])
    if (this.#heads.get(row.id) || this.#write(asWrite(beginning)).kind !== 'written') return false
    // Its borrower may still take this back alone: nothing is known of the run but what can be read.
    this.#heads.set(row.id, undefined)
    return true
  }

  /** As the store's. */
  claim(seen: SeenRun, taker: Taker): RunRow | undefined {
    this.#lineages.refuseRotated()
    this.#heads.drop(seen.id)
    return this.#claim.immediate(seen, taker)
  }

  /** Whether there is a run that may be taken: it only reads. */
  canTake(filter: TakeFilter): boolean {
    this.#lineages.refuseRotated()
    return this.#take.isAny(filter)
  }

  /** As the store's. */
  take(taker: Taker, filter: TakeFilter): readonly RunRow[] {
    this.#lineages.refuseRotated()
    const rows = this.#take.take(taker, filter)
    for (const { id } of rows) this.#heads.drop(id)
    return rows
  }

  /** As the store's. */
  overdue(filter: OverdueFilter): readonly RunRow[] {
    this.#lineages.refuseRotated()
    return this.#overdue.of(filter)
  }

  /** Forgets a run that is deleted. */
  forget(runId: string): void {
    this.#heads.drop(runId)
  }

  /** Forgets where journals end, since somebody else has written to them on the same connection. */
  forgetAll(): void {
    this.#heads.forget()
  }

  /** The savepoint is gone where the effect has ended this transaction and begun another. */
  #saved<T>(effect: () => T): T {
    this.#db.exec('savepoint effect')
    const given = effect()
    this.#db.exec('release effect')
    return given
  }

  #lending<T, R>(borrower: Borrower, effect: () => T, transaction: (lent: () => T) => R): R {
    let isOver = false
    const lent = (): T => {
      isOver = false
      const given = effect()
      isOver = true
      return given
    }
    try {
      return this.#advancing(() => transaction(lent))
    } catch (thrown) {
      // The journal's own tables have no foreign keys.
      if (isOver && isForeignKey(thrown)) throw unkept(borrower)
      throw thrown
    }
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
    const base = this.#baseOf(write)
    if (base === undefined) return { kind: write.create ? 'exists' : 'stale' }
    const begins = (write.begins ?? []).map(asWrite)
    const bases = begins.map((begin) => this.#baseOf(begin))
    if (bases.includes(undefined)) return { kind: 'exists' }
    // A run that stands was begun together with its schedule's next moment.
    if (write.fires && 'create' in base && !this.#schedules.move(write.fires)) return { kind: 'stale' }
    this.#writeFrom(base, write)
    for (const [index, begin] of begins.entries()) {
      const from = bases[index]
      if (from) this.#writeFrom(from, begin)
      if (begin.create?.parentId === null) this.#sql.keepParent(begin.runId, write.runId)
    }
    return write.countSecrets ? { kind: 'written', secrets: this.#sql.countSecrets(write.runId) } : { kind: 'written' }
  }

  #writeFrom(base: Base, write: RunWrite): void {
    let head = 'head' in base ? base.head : this.#begin(base.create, base.cipher)
    const { next } = head
    for (const entry of write.entries) head = this.#append(write.runId, head, entry)
    const last = write.entries.at(-1)
    // What stands already was noted, and learned, then.
    if (head.next > next || write.entries.length === 0) {
      for (const note of write.audit ?? []) this.#audit.add(note)
      for (const fact of write.facts ?? []) this.#facts.put(fact)
    }
    // A write that stands already, with others after it, has nothing left to do.
    if (last === undefined || last.seq === head.next - 1) this.#finish(write, head)
  }

  /** Gives what a write goes on from, before anything is written; undefined when it is refused. */
  #baseOf({ runId, epoch, create, entries, row }: RunWrite): Base | undefined {
    const found = this.#heads.get(runId)
    const next = found?.next ?? 0
    const first = entries[0]?.seq ?? next
    if (first > next || entries.some(({ seq }, index) => seq !== first + index)) return undefined
    if (found === undefined) return create && this.#freshFor(create)
    const own =
      found.epoch === epoch &&
      (create === undefined || (found.owner === create.owner && first < next && this.#sql.isWhose(found.run, create)))
    // What ended a run may stand though its caller saw an error: then nothing else becomes of it.
    if (!own || !isOpen(found) || (found.ended && row && entries.length === 0)) return undefined
    return entries.every((entry) => entry.seq >= next || this.#stands(runId, found, entry))
      ? { head: found }
      : undefined
  }

  /** No run begins in a lineage that was erased, or is another tenant's, and none as a turn that its session has. */
  #freshFor(create: NewRun): Base | undefined {
    const cipher = this.#lineages.find(create.lineageId)
    const isShut = create.lineageId !== create.id && this.#sql.isShut(create.lineageId, create.tenant ?? null)
    return cipher === undefined || isShut || this.#sql.hasTurn(create) ? undefined : { create, cipher }
  }

  #begin(row: NewRun, cipher: Cipher): Open {
    const run = this.#sql.insertRun(row)
    this.#early.move(run, row, cipher)
    if (row.concurrency) this.#slots.levelOf(run)
    return { ...this.#heads.fresh(run, row), cipher }
  }

  // The commit happened though its caller saw an error (fault 6): the same hash stands at the same place.
  #stands(runId: string, { run, cipher }: Open, entry: StoredEntry): boolean {
    const before = entry.seq === 0 ? chainStart(runId) : this.#sql.hashAt(run, entry.seq - 1)
    return before !== undefined && this.#sql.hashAt(run, entry.seq) === chainNext(cipher, before, entry)
  }

  #append(runId: string, head: Open, entry: StoredEntry): Open {
    if (entry.seq < head.next) return head // it stands
    const { cipher } = head
    const hash = chainNext(cipher, head.hash, entry)
    const { body, blobs } = encodeBody(entry.text, cipher)
    this.#sql.insertEntry(head.run, entry, cipher.seal(body, runId, entry.seq), hash)
    for (const { address, text } of blobs) this.#sql.insertBlob(head.run, address, cipher.seal(text, BLOBS, address))
    return { ...head, next: entry.seq + 1, hash }
  }

  #finish(write: RunWrite, head: Open): void {
    const { runId, row, consumed = [], messages = [], adopts = [], release, sound, secrets = [] } = write
    for (const secret of secrets) this.#sql.insertSecret(head.run, head.cipher, secret)
    if (row) this.#sql.changeRun(head.run, row)
    for (const dedupe of consumed) this.#sql.deleteMessage(head.run, dedupe)
    for (const message of messages) this.#sql.leaveMessage(message)
    for (const child of adopts) this.#sql.adoptRun(child.runId, runId, child.parentKey)
    if (sound) this.#sql.clearRun(head.run)
    if (release) this.#sql.releaseRun(head.run, release === 'counted')
    if (row || release) this.#slots.levelOf(head.run)
    const inFlight = !release && (row?.endedAt ?? null) === null
    // What began as one that had ended may be changed by the same write.
    const after = row ? { ...head, ended: false } : head
    this.#heads.set(runId, inFlight ? after : undefined)
  }
}

function isForeignKey(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'SQLITE_CONSTRAINT_FOREIGNKEY'
}

/** The write that begins a run beside another's. */
function asWrite({ row, ...begin }: Beginning): RunWrite {
  return { runId: row.id, epoch: row.epoch, create: row, ...begin }
}

/** The rows of the runs that a write may begin. */
function begunBy({ create, begins = [] }: RunWrite): readonly NewRun[] {
  return [...(create ? [create] : []), ...begins.map(({ row }) => row)]
}

function isOpen(head: Head): head is Open {
  return head.cipher !== undefined
}
