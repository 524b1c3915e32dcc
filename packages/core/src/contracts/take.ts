import type { DefinitionRef } from './entry.ts'
import type { RunRow } from './run.ts'

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
