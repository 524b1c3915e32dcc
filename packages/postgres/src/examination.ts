import type { QueueRow } from '@reprise/core'

/** What is wrong, as its error says it. */
export interface Fault {
  readonly code: string
  readonly message: string
}

/** The server, and what it was told of the store's commits. */
export interface FoundServer {
  /** As the server says it: `18.4`. */
  readonly version: string
  /** Whether it is a standby, which cannot be written. */
  readonly isStandby: boolean
  /** The values of `fsync`, `full_page_writes` and `synchronous_commit` for this user on this database: `off` loses commits. */
  readonly durability: Readonly<Record<'fsync' | 'full_page_writes' | 'synchronous_commit', string>>
  /** Whether it vacuums by itself. */
  readonly autovacuums: boolean
  /** How many transactions ago the oldest row of the database may have been written, and at how many it is vacuumed for that alone. */
  readonly transactionIds: { readonly age: number; readonly vacuumedAt: number }
}

/** An owner that has runs which have not ended. */
export interface FoundOwner {
  readonly owner: string
  readonly runs: number
  /** Whether its heartbeat was seen to change. */
  readonly beats: boolean
}

/** A table of the store. */
export interface FoundTable {
  readonly name: string
  /** On the disk, with its indexes. */
  readonly bytes: number
  /** How many rows it has, and how many are deleted and not cleaned away: both are the server's estimates. */
  readonly rows: number
  readonly deadRows: number
  /** How long ago it was last vacuumed, in milliseconds; null where it never was, as far as the server remembers. */
  readonly vacuumedAgoMs: number | null
}

/** What looks at the database as it was at its beginning, or writes to it: what was deleted since is kept. */
export interface FoundHolder {
  readonly kind: 'transaction' | 'prepared transaction' | 'replication slot'
  /** The process of the server that it is of; null where it is of none. */
  readonly pid: number | null
  /** What the program, the prepared transaction or the slot is called; '' for a program that does not say. */
  readonly name: string
  /** Of a transaction: `active`, `idle in transaction`. */
  readonly state: string | null
  /** For how long the transaction has been open, in milliseconds; null for a slot. */
  readonly openMs: number | null
  /** How many transactions have begun since. */
  readonly transactions: number
}

/** Whether the blobs of a store are where they should be. */
export interface FoundBlobs {
  /** Whether some stand outside of the database, or are to be deleted there. */
  readonly areOutside: boolean
  /** How many were looked for, taken at random, and the names of those that are not there. */
  readonly looked: number
  readonly missing: readonly string[]
  /** Why they could not be looked for: no place was given, or it failed. */
  readonly fault: Fault | null
}

/** What a look at a store on Postgres found. All of it is JSON. */
export interface Examination {
  /** Its address without the user and the password, and its schema. */
  readonly place: string
  /** When it was looked at, in milliseconds since 1970, by the clock of this process. */
  readonly at: number
  readonly server: FoundServer
  /** The version of its tables, the least that a program must know to use them, and the one of this program. */
  readonly schema: { readonly found: number; readonly least: number; readonly known: number }
  /** Why this program cannot use them; what follows is null then. */
  readonly fault: Fault | null
  /** Whether it is encrypted, and why what was given does not open it. */
  readonly keys: { readonly encrypted: boolean; readonly fault: Fault | null } | null
  readonly owners: readonly FoundOwner[] | null
  /** As the store's `queue`, at `at`. */
  readonly queue: readonly QueueRow[] | null
  /** How many runs have ended and are kept, by an estimate, and when the first of them ended, in milliseconds since 1970. */
  readonly ended: { readonly runs: number; readonly firstEndedAt: number | null } | null
  /** The largest first. */
  readonly tables: readonly FoundTable[] | null
  /** Whether this user is shown what others do: else `heldBy` may be null although there is somebody. */
  readonly seesOthers: boolean | null
  /** What has kept the server for the longest from cleaning away what was deleted. */
  readonly heldBy: FoundHolder | null
  /**
   * Whether a hint that was sent was heard: false where a pooler passes none on, or another database was listened to; null where
   * there is no address to listen at.
   */
  readonly hears: boolean | null
  readonly blobs: FoundBlobs | null
}
