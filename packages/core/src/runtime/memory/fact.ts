// A fact as whoever looks at it is given it.
import type { FactOrigin, StoredFact } from '../../contracts/fact.ts'
import type { Json } from '../../values/json.ts'

/** What is known of a person, or of a tenant. */
export interface Fact {
  readonly tenant: string | null
  /** Null for what is known of the tenant. */
  readonly user: string | null
  /** The name of the memory that it stands in. */
  readonly memory: string
  readonly key: string
  readonly value: Json
  /** When it was written last, in milliseconds since 1970. */
  readonly at: number
  /** The call of a run that has kept it, or who has set it. */
  readonly origin: FactOrigin
  /** Rises with each write of any fact: of the last fact of a page, it is the `before` of the next. */
  readonly id: number
}

/** Decodes a stored fact. */
export function decodeFact({ scope, text, ...fact }: StoredFact): Fact {
  // It was JSON when it was written.
  return { ...scope, ...fact, value: JSON.parse(text) as Json }
}
