import type { Digest } from '../values/digest.ts'
import type { AuditNote } from './audit.ts'
import type { EntryKind, EntryPlace } from './entry.ts'
import type { NewFact } from './fact.ts'
import type { InboxMessage } from './message.ts'
import type { RunRow } from './run.ts'
import type { ScheduleChange } from './schedule.ts'
import type { Secret } from './secret.ts'

/** An entry with its body as text: what a store keeps and gives back to the byte. */
export interface StoredEntry extends EntryPlace {
  readonly kind: EntryKind
  /** JSON. A store keeps large parts of it once, as blobs, and gives back the same text. */
  readonly text: string
  readonly digest: Digest
}

/** What a change of status writes into a run's row. */
export type RowChange = Pick<RunRow, 'status' | 'waiting' | 'waits' | 'wakeAt' | 'endedAt' | 'totals'>

/** The row of a run that begins: the first of its continuations, which waits for `waiting` alone, where it does not say otherwise. */
export type NewRun = Omit<RunRow, Derived> & Partial<Pick<RunRow, Derived>>

/** What the row of a run that begins need not say. @default the run itself and 1; null for what stands after them */
type Derived =
  | 'waits'
  | 'sessionId'
  | 'turn'
  | 'root'
  | 'round'
  | 'tenant'
  | 'user'
  | 'concurrency'
  | 'expireAt'
  | 'deadlineAt'

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
  /** Facts that the run has learned, each in the place of the one of its key; not again where its entries stand already. */
  readonly facts?: readonly NewFact[]
  /** Whether the result is to say how many secrets the lineage has: a store need not. @default it does not say */
  readonly countSecrets?: true
}

/**
 * What came of one run's write: a refusal concerns that run alone. `stale`: the run has another owner by now, or its
 * journal does not end where the entries begin, or it has ended and the write changes its row without entries, or the
 * schedule that the write `fires` has another etag. `exists`: a run with the id of `create`, or of one that it begins, was
 * there, or one that has its turn of its session, or its lineage was erased or is of another tenant.
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
