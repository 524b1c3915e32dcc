import type { Store } from '@reprise/core'

/** How the suite gets the stores that it tries. */
export interface StoreMaker {
  /** Opens a store without runs. */
  open(): Promise<Store>
  /**
   * Opens the runs of the store that `open` gave last once more, as another process would.
   * Absent where no other process can; what needs it is skipped.
   */
  openAgain?(): Promise<Store>
}

/** The store that a test tries, and its like. */
export interface Bench {
  readonly store: Store
  /** Opens the same runs once more. */
  again(): Promise<Store>
}
