import type { Execution } from './execution.ts'

/** What all contexts of one run share. */
export interface Shared {
  readonly runId: string
  readonly execution: Execution
  /** The id of a child run by its key. */
  readonly childId: (key: string) => string
}
