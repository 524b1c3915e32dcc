import type { Statement } from './statement.ts'

/**
 * What became of a file. `right`: the lines add up. `review`: they do not, or there is no statement in it, and a person
 * decides. `accepted`, `corrected`: the person has. `failed`: the reader came to no end, and reads it again next time.
 */
export type Status = 'right' | 'review' | 'accepted' | 'corrected' | 'failed'

/** A file and what was read from it. */
export interface Extracted {
  readonly file: string
  readonly status: Status
  /** Null where there is none in it, as far as is known. */
  readonly statement: Statement | null
  /** What was wrong with it when it was read. */
  readonly problems: readonly string[]
}

/** Whether somebody must still act. */
export function isOpen({ status }: Extracted): boolean {
  return status === 'review' || status === 'failed'
}
