import type { DefinitionRef, Waiting } from './entry.ts'
import type { RunStatus } from './run.ts'

/** How runs of one definition stand that have not ended: those of one status that wait for the same, as far as they wait. */
export interface QueueRow extends Pick<DefinitionRef, 'kind' | 'name'> {
  readonly status: Exclude<RunStatus, 'completed' | 'failed' | 'cancelled'>
  /** What they wait for soonest; null where they do not wait. */
  readonly waiting: Waiting['kind'] | null
  /** How many there are: 1 or more. */
  readonly runs: number
  /** How many of them somebody owns. */
  readonly owned: number
  /** How many of them nobody owns, and could be taken now. */
  readonly ready: number
  /**
   * Since when the one of them that has been ready for longest could be taken, in milliseconds since 1970: since it was
   * created, where it was never taken, else since its last entry, its wake-up or its first message. null where none is ready.
   */
  readonly readySince: number | null
}
