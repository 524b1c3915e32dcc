import type { Digest } from '../values/digest.ts'
import type { Json } from '../values/json.ts'
import type { Given } from '../values/steps.ts'
import type { AuditEntry, AuditFilter, AuditNote } from './audit.ts'
import type { DefinitionRef, EntryKind, EntryPlace } from './entry.ts'
import type { QueueRow } from './queue.ts'
import type { EndedStatus, RunFilter, RunRow } from './run.ts'
import type { ScheduleChange, ScheduleStore } from './schedule.ts'
import type { Used } from './totals.ts'

/** An entry with its body as text: what a store keeps and gives back to the byte. */
export interface StoredEntry extends EntryPlace {
  readonly kind: EntryKind
  /** JSON. A store keeps large parts of it once, as blobs, and gives back the same text. */
  readonly text: string
  readonly digest: Digest
}

/** A value that a lineage keeps secret, and what stands for it wherever its text would appear. */
export interface Secret {
  /** `secret_` and 22 characters of base64url. */
  readonly token: string
  readonly value: string
}

/** What a lineage keeps secret. */
export interface LineageSecrets {
  /** The token of a value: always the same in this lineage, and another one in every other. */
  readonly token: (value: string) => string
  readonly secrets: readonly Secret[]
}

/**
 * What came of an erasure: how many runs the lineage has, or the ids of those that have not ended and so keep it.
 * `pending`: nothing of it can be read any more, but its text may be found in the store's files until somebody else, who
 * reads them just then, is done; the store goes on by itself until it is gone.
 */
export type Erasure =
  | { readonly kind: 'erased'; readonly runs: number; readonly pending?: true }
  | { readonly kind: 'active'; readonly runIds: readonly string[] }

/** What a change of status writes into a run's row. */
export type RowChange = Pick<RunRow, 'status' | 'waiting' | 'waits' | 'wakeAt' | 'endedAt' | 'totals'>

/** The row of a run that begins: the first of its continuations, which waits for `waiting` alone, where it does not say otherwise. */
export type NewRun = Omit<RunRow, Derived> & Partial<Pick<RunRow, Derived>>

/** What the row of a run that begins need not say. @default the run itself and 1; null for what stands after them */
type Derived = 'waits' | 'root' | 'round' | 'tenant' | 'user' | 'concurrency' | 'expireAt' | 'deadlineAt'

/** A run that a write begins. */
export interface Beginning {
  readonly row: NewRun
  /** One or more, from the first on. */
  readonly entries: readonly StoredEntry[]
  /** Secrets of its lineage whose tokens stand in the entries. */
  readonly secrets?: readonly Secret[]
}

/** All that one run writes in one commit. */
export interface RunWrite {
  readonly runId: string
  /** The writer's epoch: the store refuses the write when the run has another owner by now (invariant 8). */
  readonly epoch: number
  /** The row of a run that this write begins; its owner and epoch are the writer's. */
  readonly create?: NewRun
  /**
   * The schedule whose moment begins the run of `create`, as it stands from then on. Where it has another etag by now than
   * the one that was seen, the write is refused as `stale`; where the run stands already from the same writer, so does this.
   */
  readonly fires?: ScheduleChange
  readonly entries: readonly StoredEntry[]
  readonly row?: RowChange
  /** The marks of the messages that became entries with this write: they leave the inbox. */
  readonly consumed?: readonly string[]
  /**
   * Messages for runs, those that this write begins among them, left with it; one for a run that is not there, or has ended, is
   * dropped.
   */
  readonly messages?: readonly InboxMessage[]
  /**
   * Gives the run up: nobody owns it afterwards. `counted` where it could not be brought further: whoever takes it next
   * counts that as if its owner had died with it.
   */
  readonly release?: true | 'counted'
  /** The run got further, or has shown that it ends nobody, though no entry says so: its attempts are counted from zero. */
  readonly sound?: true
  /**
   * Runs that begin with this write, each at its own epoch: all of them, or, where the write is refused, none. One that goes
   * on in the place of this one, and names no parent, has this one's: that may have come when this one was under way.
   */
  readonly begins?: readonly Beginning[]
  /**
   * Runs that become children of this one with this write, each at a key of its and with all that it went on as: one that
   * has a parent keeps that.
   */
  readonly adopts?: readonly { readonly runId: string; readonly parentKey: string }[]
  /** Secrets whose tokens stand in the entries; one that the lineage has already is left as it is. */
  readonly secrets?: readonly Secret[]
  /** Who did what, kept with this write; not again where its entries stand already. */
  readonly audit?: readonly AuditNote[]
  /** Whether the result is to say how many secrets the lineage has: a store need not. @default it does not say */
  readonly countSecrets?: true
}

/**
 * What came of one run's write: a refusal concerns that run alone. `stale`: the run has another owner by now, or its
 * journal does not end where the entries begin, or it has ended and the write changes its row without entries, or the
 * schedule that the write `fires` has another etag. `exists`: a run with the id of `create`, or of one that it begins, was
 * there, or its lineage was erased or is of another tenant.
 * A write whose entries all stand there already, from the same owner, and of the same tenant and user where it begins the
 * run, counts as written and adds nothing: its commit
 * happened though its caller saw an error (fault 6).
 */
export type WriteResult =
  | {
      readonly kind: 'written'
      /** How many secrets the run's lineage has, this write's among them: for a write that has `countSecrets`. */
      readonly secrets?: number
    }
  | { readonly kind: 'stale' }
  | { readonly kind: 'exists' }

/** A message from outside for a run, kept until its owner has journaled it. */
export interface InboxMessage {
  readonly runId: string
  /** A second message of one run with the same mark is dropped. */
  readonly dedupe: string
  readonly kind: 'cancel' | 'resolve' | 'signal' | 'approval' | 'child' | 'rewind'
  readonly body: Json
  readonly at: number
}

/** What a store tells as it happens: that a run has messages, or that there may be runs to take. */
export type Hint = { readonly kind: 'mail'; readonly runId: string } | { readonly kind: 'work' }
/** What came of a message for a run that is not there. */
export type EarlyResult = 'left' | 'known' | 'full' | 'begun'

/** Who takes runs, and a heartbeat that it never gave before. */
export interface Taker {
  readonly owner: string
  readonly heartbeat: number
  /** There where a run is taken to write how it ends, and not to be driven: its concurrency keeps nobody from that. */
  readonly ends?: true
}

/** An owner of runs, and its last heartbeat: one that lives gives another all the time. */
export interface OwnerHeartbeat {
  readonly owner: string
  readonly heartbeat: number
}

/** A run as it was seen by whoever is about to take it. */
export interface SeenRun extends Pick<RunRow, 'id' | 'epoch'> {
  /** The heartbeat of its owner; null where it had none. */
  readonly ownerHeartbeat: number | null
}

/** Which runs somebody takes. */
export interface TakeFilter {
  /** Milliseconds since 1970: what waits for a time is taken once that has come. */
  readonly now: number
  /** Owners that drive nothing any more, with the heartbeats at which they were seen: one that has beaten since keeps its runs. */
  readonly gone: readonly OwnerHeartbeat[]
  /** Whose runs are taken alone. @default everybody's */
  readonly tenant?: string
  /** What the taker can drive: runs of other definitions are left to others, and stand in nobody's way. */
  readonly definitions: readonly Pick<DefinitionRef, 'kind' | 'name'>[]
  /**
   * `sound` leaves the suspects out, and `suspects` takes them alone: the runs whose next claim counts on, and that have
   * `SUSPECT_FROM` attempts or more. Of suspects, those with the fewest attempts come first, then the newest. @default both
   */
  readonly only?: 'sound' | 'suspects'
  /**
   * `newest` gives what was created last first, however urgent the rest is, and `oldest` what was created first. It changes
   * nothing for suspects. @default 'urgent'
   */
  readonly order?: 'urgent' | 'newest' | 'oldest'
  /** The ids of runs that are left alone. */
  readonly except: readonly string[]
  /** 1 or more. */
  readonly limit: number
}

/** Which runs are asked for that are late. */
export type OverdueFilter = Pick<TakeFilter, 'now' | 'gone' | 'except' | 'limit' | 'tenant'>

/**
 * How many continuations before the newest are kept: as many are asked whether they have heard a signal that is repeated.
 *
 * @example
 * ```ts
 * import { KEPT_CONTINUATIONS, type RunRow } from '@reprise/core'
 *
 * // In the `gc` of a store of yours: whether a continuation goes before the newest does.
 * function mayGo({ round }: RunRow, newest: RunRow): boolean {
 *   return round > 1 && round < newest.round - KEPT_CONTINUATIONS
 * }
 * ```
 */
export const KEPT_CONTINUATIONS = 10

/**
 * From how many attempts on a run may be what ends its owners.
 *
 * @example
 * ```ts
 * import { type RunRow, SUSPECT_FROM } from '@reprise/core'
 *
 * // In the `take` of a store of yours. Its next claim counts on where it has an owner, or was released as 'counted'.
 * function isSuspect({ attempts, owner }: RunRow, counted: boolean): boolean {
 *   return attempts >= SUSPECT_FROM && (owner !== null || counted)
 * }
 * ```
 */
export const SUSPECT_FROM = 3

/**
 * The key under which a transactional tool's ctx carries the handle of its transaction; a store's `tx` reads it.
 *
 * @example
 * ```ts
 * import { TX } from '@reprise/core'
 *
 * class Transaction {
 *   readonly rows = new Map<string, unknown>()
 * }
 * // What a store of yours offers its transactional tools as `store.tx(ctx)`.
 * function tx(ctx: object): Transaction {
 *   if (TX in ctx && ctx[TX] instanceof Transaction) return ctx[TX]
 *   throw new Error('store.tx(ctx) is for the execute of a transactional tool, with its own ctx.')
 * }
 * ```
 */
export const TX = Symbol.for('reprise.tx')

/**
 * A store within a transaction of the application's: what is written is there if and only if that is committed, and what is
 * read is as it stands there, with what was written before. All of it is given at once where the transaction is synchronous.
 */
export interface Within {
  /**
   * Begins a run that nobody owns; false where one with its id is there, or its lineage was erased or is of another tenant, and
   * nothing is written then. That is no error of the database: the application's transaction stands.
   */
  begin(beginning: Beginning): Given<boolean>
  /** As the store's. */
  send(message: InboxMessage, secrets?: readonly Secret[], note?: AuditNote): Given<boolean>
  run(runId: string): Given<RunRow | undefined>
  newest(root: string): Given<RunRow | undefined>
  entries(runId: string): Given<readonly StoredEntry[]>
  inbox(runId: string): Given<readonly InboxMessage[]>
  /**
   * As the store's. The key that it makes for a lineage may stay where the transaction is rolled back: nothing is encrypted by
   * it then, and a run of that id would have it.
   */
  secrets?(lineageId: string, from: number): Given<LineageSecrets>
  /**
   * Says that what was asked for has failed: whoever runs a synchronous transaction cannot wait to hear of it, so the
   * transaction fails with the first such error, and nothing of it is kept. Absent where it is asynchronous.
   */
  refuse?(error: unknown): void
  /**
   * Calls a function once the transaction is committed, where the store hears of that: it may not be called though it is, and
   * never is where it is rolled back.
   */
  committed?(then: () => void): void
}

/**
 * Where runs live. A store is passive: it has no clock and starts nothing.
 * The contract is a suite in `@reprise/testing`; every store passes it.
 */
export interface Store extends ScheduleStore {
  /**
   * Writes everything or, on an error, nothing; a run whose write is refused leaves the others untouched (invariant 8).
   * When it resolves, what is `written` survives what the store promises to survive.
   *
   * @returns one result a write, in their order.
   * @throws StoreError when nothing was written.
   */
  commit(writes: readonly RunWrite[]): Promise<readonly WriteResult[]>

  /**
   * How many commits may be under way at a time, where one has to wait for a server: no run writes in two of them.
   *
   * @default 1
   */
  readonly commitsAtOnce?: number

  /** How an effect runs in `transact`: `sync` where it must not be a promise. */
  readonly transacts: 'sync' | 'async'

  /**
   * Runs an effect on the store's own database and writes what it returns, in one transaction. Where the run stands at
   * another epoch, the effect does not run; where its write is refused, nothing of it is kept.
   * Absent where the store has no such database.
   *
   * @param effect gets the handle that `tx` hands to tools; when it throws, nothing is kept and it is rethrown,
   * unless the store itself failed meanwhile: then that is thrown, also where the effect caught it. The handle is of no use
   * once the effect has ended. With code `tx_lost` where the effect has rolled itself back and went on, and `tx_refused` where
   * what it asked of a runtime within the transaction failed (`Within.refuse`).
   */
  transact?(
    runId: string,
    epoch: number,
    effect: (handle: unknown) => RunWrite | Promise<RunWrite>,
  ): Promise<WriteResult>

  /**
   * Gives what the store is within a transaction of the application's on its own database, or of a transactional tool.
   * Absent where it has no such database.
   *
   * @param tx what the application has of its transaction.
   * @throws DefinitionError with code `bad_tx`, saying what is taken, when it is none, or another database's.
   */
  within?(tx: object): Within

  /**
   * Gives a run that has not ended to `taker`, at the next epoch, where it still stands at the epoch, and its owner at the
   * heartbeat, at which it was seen; undefined where it does not: an owner that has beaten since then keeps it.
   *
   * `attempts` rises by one where the run had an owner, or was given up as `counted`, and no entry of a kind in `PROGRESS`
   * has come since then in it or in a run below it (its children and theirs); else it is one.
   *
   * A run with a `concurrency` that nobody owns is not given while as many runs of its key and tenant as its limit says are
   * owned, unless the taker is to end it. Two who take at once never come to more.
   */
  claim(seen: SeenRun, taker: Taker): Promise<RunRow | undefined>

  /**
   * Gives runs that somebody may take up now to `taker`, as `claim` does, all in one write: those that have not ended, are
   * owned by nobody or by one of `gone`, and are queued, running, waiting with a wake-up at or before `now`, or waiting
   * with a message in their inbox; one that was interrupted waits for its wake-up alone.
   *
   * Left alone are: what is queued for a moment after `now` (`wakeAt`); what is queued and was to be begun by `now`
   * (`expireAt`); what was to have ended by then (`deadlineAt`); and, of the runs of one `concurrency` key in one tenant, all
   * that would be more than its limit beside those that are owned. Runs of one key that are queued or running come in their
   * order, the most urgent first, whatever order the filter wants. What is left alone stands in nobody's way, however much it is.
   *
   * @returns the runs, the most urgent first (by priority downwards, then in the order of their creation), unless the
   * filter wants another order.
   */
  take(taker: Taker, filter: TakeFilter): Promise<readonly RunRow[]>

  /**
   * Gives the runs that are late and that nobody drives (owned by nobody, or by one of `gone`): those that are queued and were
   * to be begun by `now`, and those that were to have ended by then, and have not; none that is in quarantine. Nothing is
   * taken.
   */
  overdue(filter: OverdueFilter): Promise<readonly RunRow[]>

  /**
   * Shows that an owner lives: its heartbeat is another one from now on. It costs the same however many runs the owner has.
   *
   * @returns a number that is another one than before once runs were taken from the owner: while it stays, none was.
   */
  heartbeat(owner: string, beat: number): Promise<number>

  /** The ids of an owner's runs that have not ended. */
  owned(owner: string): Promise<readonly string[]>

  /**
   * Beats for an owner every `everyMs` until it lets go of the store or that is closed, whatever the event loop does: a tool that blocks it must
   * not cost its owner its runs (fault 11). Absent where nobody outside of the process can take them.
   */
  keepAlive?(owner: string, everyMs: number): void

  /**
   * Says that an owner uses the store until the function that is given back is called, which does nothing when called
   * again: then heartbeats for it are kept going no more. Once all who held it have let go, the store closes what it has open
   * until it is used again; what is in memory alone stays. A store that is closed stays closed.
   * Absent where a store cannot be opened again: then it is closed when the last runtime that it was given to is.
   */
  hold?(owner: string): () => Promise<void>

  /**
   * Tells of what happens as it happens: a hint, which may be lost, may come twice, and may come for nothing, so that looks
   * go on. What listens keeps no process alive, and begins anew by itself where its connection breaks. Absent where a store
   * cannot tell.
   *
   * @param owner who wants to know of the mail of its own runs.
   * @returns what ends it.
   */
  listen?(owner: string, onHint: (hint: Hint) => void): () => Promise<void>

  /** The owners of runs that have not ended. */
  owners(): Promise<readonly OwnerHeartbeat[]>

  /**
   * Counts the runs that have not ended, of all definitions, by how they stand: one row for each way that there is. What it
   * costs does not grow with the runs that have ended.
   *
   * @param now milliseconds since 1970: what waits for a time is ready once that has come, as for `take`.
   */
  queue(now: number): Promise<readonly QueueRow[]>

  run(runId: string): Promise<RunRow | undefined>
  /** The newest of the continuations that began with a run, which itself may be gone by now; undefined where there is none. */
  newest(root: string): Promise<RunRow | undefined>
  /**
   * Sums what the runs that came of each of some have used, by the totals of their rows: the runs below it, at any depth, and
   * the continuations before it with those below them. Neither its own totals nor a run that is gone are in it.
   *
   * The row of a workflow that has turns is of before 0.2: what its children used is in it, and they are not looked at.
   *
   * @returns one sum a run, in their order; zeros for a run that is not there.
   */
  used(runIds: readonly string[]): Promise<readonly Used[]>
  /**
   * The runs in the order of their creation, the oldest first where the filter does not say otherwise.
   *
   * @throws StoreError when `filter.after` is no run's id.
   */
  runs(filter: RunFilter): Promise<readonly RunRow[]>
  /**
   * A run's entries in their order, from one on; none where there is no such run, or it has none from there on. What it costs
   * does not grow with the entries before.
   *
   * @param from the seq of the first that is wanted. What is before it is not held against what was written. @default 0
   * @throws StoreError when what is stored is not what was written; with code `run_erased` when it was erased; with code
   * `run_going` when it is just being deleted.
   */
  entries(runId: string, from?: number): Promise<readonly StoredEntry[]>

  /**
   * Leaves a message; false when one with the same mark lies there.
   *
   * @param secrets whose tokens stand in its body: they are kept with it.
   * @param note who left it: kept with it, and not at all where one with the same mark lies there.
   * @throws StoreError when there is no such run.
   */
  send(message: InboxMessage, secrets?: readonly Secret[], note?: AuditNote): Promise<boolean>
  /**
   * Leaves a message for a run that is not there: the write that begins the run, whatever it comes of, moves all that wait for
   * it to its inbox, in their order. They are kept as those of a lineage of that id are.
   *
   * @param limit how many may wait for one run. 1 or more.
   * @returns `known` where one with the same mark waits, `full` where as many wait as may, and `begun` where there is such a
   * run by now: then nothing was left.
   */
  sendEarly(message: InboxMessage, limit: number): Promise<EarlyResult>
  /** The messages for one run, oldest first. */
  inbox(runId: string): Promise<readonly InboxMessage[]>
  /** The runs of an owner that have messages. */
  mail(owner: string): Promise<readonly string[]>

  /**
   * Deletes runs that have ended before a moment and stand so, the oldest first, with all that belongs to them alone: what
   * other runs use as well stays. A child stays as long as its parent is there, whose totals it is part of; of several continuations the first, by
   * whose id all are known, and the `KEPT_CONTINUATIONS` before the newest stay as long as that one.
   *
   * A run with much to delete may go in several writes: its row stands until the last of them, with `erasedAt`, its id is
   * taken, and its entries are refused. What was cut short then goes with the next call, whatever that asks for.
   *
   * Messages for runs that are not there go too, where they were left before that moment, unless a tenant is given: they are
   * nobody's yet.
   *
   * @param endedBefore in milliseconds since 1970.
   * @param tenant whose runs alone are looked at. @default everybody's
   * @returns the ids of what was deleted: no more than `limit`.
   */
  gc(endedBefore: number, statuses: readonly EndedStatus[], limit: number, tenant?: string): Promise<readonly string[]>

  /**
   * Copies the store to a file, as of one moment, while it is in use. Absent where there is nothing to copy.
   *
   * @throws StoreError when something stands at the path.
   */
  backup?(path: string): Promise<void>

  /**
   * Gives what a lineage keeps secret, from the `from`th secret on in the order in which they were written, and makes
   * the lineage's key where it has none. Absent where the store has no key: it keeps no secrets (invariant 10).
   */
  secrets?(lineageId: string, from: number): Promise<LineageSecrets>

  /**
   * Destroys what the runs of a lineage hold, and its key where it has one: entries, messages, secrets, tags, and parts
   * that no other run holds, and whose they were: `user` and `concurrency` of a row are null then, and `tenant` stays. The
   * rows stay and say so. Nothing is done while one of the runs has not ended; what was
   * begun is finished by doing it again, and by opening the store: nothing of it can be read from its first write on.
   *
   * @param lineageId of the runs; the first of them may be gone.
   * @param by who wants it: it is told to whoever would read such a run.
   * @param at milliseconds since 1970.
   * @param note that it is done: kept by its first write, and not again. Where that write was lost after the key, a note
   * that says `by` alone is kept instead by what finishes it, its source being `unknown`.
   */
  erase(lineageId: string, by: string, at: number, note?: AuditNote): Promise<Erasure>

  /** Who did what, in the order in which it was written down. Neither `gc` nor `erase` takes any of it. */
  audit(filter: AuditFilter): Promise<readonly AuditEntry[]>
  /** Keeps who did what, all of it or nothing: what is no part of another write. */
  note(notes: readonly AuditNote[]): Promise<void>
  /**
   * Forgets what was done before a moment, in milliseconds since 1970, the oldest first.
   *
   * @returns how much: no more than `limit`.
   */
  pruneAudit(before: number, limit: number): Promise<number>

  /** Closes the store for good, whoever uses it. */
  close(): Promise<void>
}
