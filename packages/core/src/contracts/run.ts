import type { DefinitionRef, Waiting } from './entry.ts'
import type { Totals } from './totals.ts'

/** Where a run stands. */
export type RunStatus = 'queued' | 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled' | 'quarantined'

/** How a run stands that has ended. */
export type EndedStatus = 'completed' | 'failed' | 'cancelled'

/** That of the runs of one key no more than `limit` are under way at a time. Runs of one key in two tenants are apart. */
export interface Concurrency {
  readonly key: string
  /** 1 or more. */
  readonly limit: number
}

/** A run's row: what is known of it without reading its journal. Totals are as of the last change of status. */
export interface RunRow {
  readonly id: string
  readonly kind: DefinitionRef['kind']
  readonly name: string
  readonly version: number
  /** The run that this one is a child of, and the key of its step there. */
  readonly parentId: string | null
  readonly parentKey: string | null
  /** The root of the runs that belong together: a fork, a child and a run that goes on for another are of its lineage. */
  readonly lineageId: string
  /** The run that this one was forked from, and how many of its entries were taken over. */
  readonly forkOf: string | null
  readonly forkSeq: number | null
  /**
   * The conversation that this run is a turn of, and which it is, from 1: no two runs of a session have one turn. Null for any
   * other run, what came of a turn (its children and forks) among them.
   */
  readonly sessionId: string | null
  readonly turn: number | null
  /** The first of the continuations that this run is one of, by `continueAs`, and which it is, from 1: itself, where it is the first. */
  readonly root: string
  readonly round: number
  readonly status: RunStatus
  /** What it waits for soonest; null where it does not wait. */
  readonly waiting: Waiting | null
  /** All that it waits for. */
  readonly waits: readonly Waiting[]
  /** When a run that waits for time goes on, in milliseconds since 1970. */
  readonly wakeAt: number | null
  /** The higher, the sooner a worker takes it. */
  readonly priority: number
  readonly tags: readonly string[]
  /**
   * Whose run it is, a customer of the program's say, and the person whose data it holds; null where it was not said. What
   * comes of it (children, forks, continuations) has the same.
   */
  readonly tenant: string | null
  readonly user: string | null
  /** How many runs of its key are under way at a time; null where it has none, and any number may be. */
  readonly concurrency: Concurrency | null
  /** When a run that nobody has begun by then is not begun any more, in milliseconds since 1970; null for never. */
  readonly expireAt: number | null
  /** By when it must have ended, in milliseconds since 1970; null for any time. */
  readonly deadlineAt: number | null
  /** Who drives it now; null when nobody does. */
  readonly owner: string | null
  /** Rises by one with each owner. */
  readonly epoch: number
  /** How many owners in a row have taken it; one that let go of it, or got it or a run below it further, begins the count anew. */
  readonly attempts: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly endedAt: number | null
  /** When its lineage was erased, or, of a run that is just being deleted, when it had ended: of what it held, nothing can be read any more. */
  readonly erasedAt: number | null
  /** Of the run alone as it is stored; where it is read from a runtime, with the runs that came of it. */
  readonly totals: Totals
}

/** Which runs to list. */
export interface RunFilter {
  readonly status?: RunStatus
  readonly name?: string
  readonly tag?: string
  /** Of this tenant, and of this person. */
  readonly tenant?: string
  readonly user?: string
  /** Children of this run. */
  readonly parentId?: string
  /** Forks of this run. */
  readonly forkOf?: string
  /** Turns of this session. */
  readonly sessionId?: string
  /** Runs that were created at this moment or later, in milliseconds since 1970. */
  readonly createdFrom?: number
  /** Runs that were created before this moment, in milliseconds since 1970. */
  readonly createdBefore?: number
  /** Runs after this one, in the order asked for: the last of the page before. */
  readonly after?: string
  /** By creation. @default 'oldest' first */
  readonly order?: 'oldest' | 'newest'
  /** 1 to 1,000. @default 100 */
  readonly limit?: number
}
