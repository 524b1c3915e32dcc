import type { AuditNote, Author } from './audit.ts'

/**
 * Whose facts are meant: those of a person (`user`), in a tenant or in none, or those of a tenant (`user` is null). One of the
 * two is there. A scope is a lineage of its own: it has a key of its own where the store is encrypted.
 */
export interface FactScope {
  readonly tenant: string | null
  readonly user: string | null
}

/** Where a fact comes from: a call of a run, or somebody who has set it. */
export type FactOrigin =
  /** `key` is the place of the call in the run's journal. */
  | { readonly kind: 'call'; readonly runId: string; readonly key: string }
  | { readonly kind: 'set'; readonly by: Author }

/** A fact that is to be kept: something that is known of a person or a tenant, whatever run learns it. */
export interface NewFact {
  readonly scope: FactScope
  /** The name of the memory that it stands in: 1 to 64 letters, digits, `_` or `-`. */
  readonly memory: string
  /** What it is known by in its memory and scope: 1 to 200 characters. A store that is encrypted keeps it so. */
  readonly key: string
  /** When it was written, in milliseconds since 1970. */
  readonly at: number
  /** JSON, which the store gives back to the byte, and keeps encrypted where it keeps entries so. */
  readonly text: string
  readonly origin: FactOrigin
}

/** A fact as a store keeps it. */
export interface StoredFact extends NewFact {
  /** Rises with each write of any fact: one that is written anew has another. */
  readonly id: number
}

/** Which facts are meant: all that fit, or one. */
export type FactsOf =
  | {
      /** @default whatever tenant, or none */
      readonly tenant?: string | null
      /** @default whatever person, or none */
      readonly user?: string | null
      /** @default all */
      readonly memory?: string
      readonly key?: never
    }
  | (FactScope & { readonly memory: string; readonly key: string })

/** Which facts are given. */
export type FactFilter = FactsOf & {
  /** Those written before the one of this id: the last of the page before. */
  readonly before?: number
  /** 1 to 1,000. @default 100 */
  readonly limit?: number
}

/** What is looked for in the facts of a memory. */
export interface FactQuery {
  readonly scope: FactScope
  readonly memory: string
  /** Words: what else stands among them is passed over. */
  readonly words: string
  /** 1 to 100. */
  readonly limit: number
}

/** What came of an erasure of facts; `pending` as in `Erasure`. */
export interface FactsErased {
  readonly facts: number
  readonly pending?: true
}

/** Where facts live: a part of every store. No run keeps them from being erased, and `gc` leaves them alone. */
export interface FactStore {
  /**
   * Writes a fact in the place of the one that its scope has by its key in the memory.
   *
   * @param note who did it: kept with it.
   */
  keepFact(fact: NewFact, note?: AuditNote): Promise<void>
  /** The facts that fit, the newest first. */
  facts(filter: FactFilter): Promise<readonly StoredFact[]>
  /**
   * The facts whose key or text has at least one of the words, whole and whatever their case; those with the most of them first,
   * and of these the newest. At most the newest 1,000 that have one are looked at, and in a store that is encrypted the newest
   * 1,000 of the memory: nothing of what it keeps stands in an index there.
   */
  search(query: FactQuery): Promise<readonly StoredFact[]>
  /**
   * Deletes facts, and the keys of scopes that have none any more: what they said is to be gone from the store's files.
   *
   * @param note who did it: kept with it, where anything is deleted.
   */
  eraseFacts(of: FactsOf, note?: AuditNote): Promise<FactsErased>
}
