// What the runtime knows of a run that is driven here, whichever kind it is. session.ts and workflow-session.ts
// implement this; runtime/drive/driver.ts calls it, and runtime/drive/lease.ts calls `leaseLost` when the run has another owner
// (invariant 8).
import type { Used } from '../../contracts/totals.ts'
import type { RepriseError } from '../../values/errors.ts'
import type { Standing } from './row.ts'

/** A run of any kind while this runtime drives it. */
export interface Driven {
  /** What it has used so far, what is not committed yet among it. */
  readonly totals: Used
  /** Tells that messages lie in the run's inbox. */
  notify(): void
  /** Tries at once what was put off because a child of it was interrupted. */
  retry(): void
  /** Lets what is under way end, starts nothing more, and gives the run up as it then stands. */
  stop(): void
  /**
   * Tells that the run is not this runtime's any more: everything here is aborted.
   *
   * @param error why. @default that it has another owner by now
   */
  leaseLost(error?: RepriseError): void
  /** Lets go of all that this holds, where the run is not driven after all. */
  drop(): void
  /**
   * Drives the run as far as it goes.
   *
   * @returns how it stands when nothing is left to do here: it has ended, rests, was stopped or interrupted.
   * @throws StoreError: the run stays as it was last committed, and nothing says why.
   */
  drive(): Promise<Standing>
}
