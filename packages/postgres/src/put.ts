import type { Digest } from '@reprise/core'

/** A blob that was put for a commit, which must be there by `until`: milliseconds since 1970 by the clock of the database. */
export interface Put {
  readonly name: string
  readonly until: number
}

/** What was put for one commit, by address. */
export type Puts = Map<Digest, Put>
