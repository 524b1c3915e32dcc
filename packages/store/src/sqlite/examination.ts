import type { QueueRow } from '@reprise/core'
import type { Process } from './processes.ts'

/** What is wrong with a store, as its error says it. */
export interface Fault {
  readonly code: string
  readonly message: string
}

/** An owner that has runs which have not ended. */
export interface FoundOwner {
  readonly owner: string
  readonly runs: number
  /** Whether its beat was seen to change. */
  readonly beats: boolean
}

/** How many runs stand in some way, and, where they wait, what for. */
export interface FoundRuns {
  readonly status: string
  readonly waiting: string | null
  readonly count: number
}

/** What a look at a store found. All of it is JSON. */
export interface Examination {
  readonly path: string
  /** When it was looked at, in milliseconds since 1970. */
  readonly at: number
  readonly bytes: number
  /** Of the log, before it was looked at. */
  readonly logBytes: number
  /** The sort of network file system that it lies on; null where none is known of. */
  readonly network: string | null
  /** The processes that have it open, but for this one; null where the system does not tell. */
  readonly openedBy: readonly Process[] | null
  /** Why it cannot be opened, or what is damaged; what follows is null then, as far as it was not found. */
  readonly fault: Fault | null
  readonly journalMode: string | null
  /** The version of its tables, 0 where it has none yet, and the one of this program. */
  readonly schema: { readonly found: number; readonly known: number } | null
  /** Whether it is encrypted, and why what was given does not open it. */
  readonly keys: { readonly encrypted: boolean; readonly fault: Fault | null } | null
  /**
   * Whether the log can be brought into the file; where it cannot, who reads it: null where the system does not tell.
   */
  readonly log: { readonly held: boolean; readonly readers: readonly Process[] | null } | null
  readonly owners: readonly FoundOwner[] | null
  readonly runs: readonly FoundRuns[] | null
  /** As the store's `queue`, at `at`; null of a store that was last used by a version which had none. */
  readonly queue: readonly QueueRow[] | null
  /** How many runs have ended and are kept, and when the first of them ended, in milliseconds since 1970. */
  readonly ended: { readonly runs: number; readonly firstEndedAt: number | null } | null
  /** The store to which it is moved, and whether all is there: nobody writes to it any more; null where it is not. */
  readonly moved: { readonly to: string; readonly done: boolean } | null
}
