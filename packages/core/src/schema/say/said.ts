import type { JsonSchema } from '../../contracts/schema.ts'
import type { Fitting } from '../raw/fits.ts'
import type { Raw } from '../raw/raw.ts'

/** What a value of the strict form cannot be restored for: a key that stands twice, or a text that is no JSON. */
export interface Misfit {
  /** From the root to the place; those who restore what it stands in put theirs before it. */
  readonly keys: PropertyKey[]
  /** One sentence. */
  readonly message: string
  readonly found: string
}

/** One value that is being restored. */
export interface Restoring {
  readonly misfits: Misfit[]
  readonly fitting: Fitting
}

/**
 * Turns a value of the strict form into one that the user's schema takes, in a copy; what does not fit it reports.
 * Gives undefined where it is restoring that value already: an alternative of itself is none.
 */
export type Restore = (value: unknown, restoring: Restoring) => unknown

/** A part of a schema in strict form, with the way back for its values where they differ from the user's. */
export interface Said {
  readonly json: JsonSchema
  readonly restore?: Restore | undefined
  /** Whether it is text that holds JSON: beside other shapes nobody could tell what a text says. */
  readonly isJsonText?: boolean | undefined
}

/** One translation of one schema: what its parts need of the whole. */
export interface Speaker {
  /** What error messages call the schema: `Tool "refund_order": input`. */
  readonly where: string
  /** The library that the schema is of. */
  readonly vendor: string
  /** The whole schema, for what references point at. */
  readonly root: Raw
  /** Gives a part without what a strict schema cannot say and words can: the same for the same, each time. */
  readonly apart: (raw: Raw, path: string) => Raw
  /** What two schemas of one place are together: the same for the same, each time. */
  readonly pair: (one: Raw, other: Raw) => Raw
  /** Says a part. The path leads from the root to it, as error messages show it: `.items[].when`. */
  readonly say: (raw: unknown, path: string) => Said
  /** Gives the strict form that a strict reference points at. Holds once the whole schema is said. */
  readonly follow: (ref: string) => JsonSchema | undefined
  /** Notes that values of this schema differ from their strict form, and must be restored. */
  readonly differs: () => void
}
