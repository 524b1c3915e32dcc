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
  /**
   * Runs work in a transaction of a program's on the database of the store that `open` gave, as its users do, and commits it;
   * what the work throws, or its promise is rejected with, rolls all of it back, and is thrown.
   * Absent where there is no such database; what needs it is skipped.
   */
  transaction?(store: Store, work: (tx: object) => Done): Promise<void>
}

/** What is done at once where a store's transactions are synchronous, and later where they are not. */
export type Done = void | Promise<void>

/** The store that a test tries, and its like. */
export interface Bench {
  readonly store: Store
  /** Opens the same runs once more. */
  again(): Promise<Store>
  readonly transaction: StoreMaker['transaction']
}
