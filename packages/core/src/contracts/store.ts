import type { AuditEntry, AuditFilter, AuditNote } from './audit.ts'
import type { FactStore } from './fact.ts'
import type { EarlyResult, InboxMessage } from './message.ts'
import type { QueueRow } from './queue.ts'
import type { EndedStatus, RunFilter, RunRow } from './run.ts'
import type { ScheduleStore } from './schedule.ts'
import type { LineageSecrets, Secret } from './secret.ts'
import type { OverdueFilter, OwnerHeartbeat, SeenRun, Taker, TakeFilter } from './take.ts'
import type { Used } from './totals.ts'
import type { Within } from './within.ts'
import type { RunWrite, StoredEntry, WriteResult } from './write.ts'

/**
 * What came of an erasure: how many runs the lineage has, or the ids of those that have not ended and so keep it.
 * `pending`: nothing of it can be read any more, but its text may be found in the store's files until somebody else, who
 * reads them just then, is done; the store goes on by itself until it is gone.
 */
export type Erasure =
  | { readonly kind: 'erased'; readonly runs: number; readonly pending?: true }
  | { readonly kind: 'active'; readonly runIds: readonly string[] }

/** The word of an erasure: what is left of a lineage whose runs are gone as well. */
export interface ErasureWord {
  readonly lineageId: string
  readonly by: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** What a store tells as it happens: that a run has messages, or that there may be runs to take. */
export type Hint = { readonly kind: 'mail'; readonly runId: string } | { readonly kind: 'work' }

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
 * Where runs live. A store is passive: it has no clock and starts nothing.
 * The contract is a suite in `@reprise/testing`; every store passes it.
 */
export interface Store extends ScheduleStore, FactStore {
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
   * Left alone are: what is queued for a moment after `now` (`wakeAt`) and owned by nobody; what is queued and was to be begun by `now`
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
   * @throws StoreError with code `run_erased` where its lineage was erased.
   */
  sendEarly(message: InboxMessage, limit: number): Promise<EarlyResult>
  /** The messages for one run, oldest first. */
  inbox(runId: string): Promise<readonly InboxMessage[]>
  /** The runs of an owner that have messages. */
  mail(owner: string): Promise<readonly string[]>

  /**
   * Deletes runs that have ended before a moment and stand so, the oldest first, with all that belongs to them alone: what
   * other runs use as well stays.
   *
   * A run goes together with its children and theirs, however and whenever those ended, and none of them before: a child is
   * part of what its parent used, and would stand in the way of a run that begins anew under its parent's id. None of them
   * goes while one of them has not ended. Continuations are one run, which stands as the newest of them does: all that are there go with that one, with
   * what is below them. Those that are more than `KEPT_CONTINUATIONS` before it, the first aside, by whose id all are known,
   * go earlier, by how and when they ended themselves. A fork goes by itself, unless a run has taken it up as its child.
   *
   * Of a session none goes without the others: its newest turn says how and when, and all of its lineage, forks among it, must have
   * ended by then.
   *
   * A run with much to delete, or with many that go with it, may go in several writes: its row stands until the last of them,
   * with `erasedAt`, its id is taken, and its entries are refused. What was cut short then goes with the next call, whatever that asks for.
   *
   * Messages for runs that are not there go too, where they were left before that moment, unless a tenant is given: they are
   * nobody's yet.
   *
   * @param endedBefore in milliseconds since 1970.
   * @param tenant whose runs alone are looked at. @default everybody's
   * @param limit no other run is begun with once so many are deleted. 1 or more.
   * @returns the ids of what was deleted, children before their parents: more than `limit` where more went with the last run.
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
   * rows stay and say so; that no run begins in the lineage outlives them. Nothing is done while one of the runs has not
   * ended; what was begun is finished by doing it again, and by opening the store: nothing of it can be read from its first
   * write on.
   *
   * @param lineageId of the runs; the first of them may be gone.
   * @param by who wants it: it is told to whoever would read such a run.
   * @param at milliseconds since 1970.
   * @param note that it is done: kept by its first write, and not again. Where that write was lost after the key, a note
   * that says `by` alone is kept instead by what finishes it, its source being `unknown`.
   */
  erase(lineageId: string, by: string, at: number, note?: AuditNote): Promise<Erasure>

  /**
   * Notes that lineages were erased which have no run here, as those of another store that is moved to this one: no run begins
   * in them. What is noted of one already stays.
   */
  noteErased(words: readonly ErasureWord[]): Promise<void>

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
