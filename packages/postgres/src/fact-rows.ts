import { factLineage, factWords } from '@reprise/core'
import type { NewFact, StoredFact } from '@reprise/core'
import { decodeFact, encodeFact } from '@reprise/format'
import type { Cipher } from '@reprise/format'
import type { Kept } from './lineages.ts'
import type { Statement } from './statement.ts'
import type { Tables } from './tables.ts'

/** A fact as the database gives it. */
export interface FactRecord {
  readonly id: number
  readonly lineage_id: string
  /** The id of the key of its scope; null in a store that is not encrypted. */
  readonly key_id: string | null
  readonly tenant: string | null
  readonly user_id: string | null
  readonly memory: string
  readonly place: string
  readonly at: number
  readonly body: string | null
  readonly sealed: Buffer | null
}

/** The columns of a fact, but for its words: these are only looked through. */
export const FACT_COLUMNS = [
  'id',
  'lineage_id',
  'key_id',
  'tenant',
  'user_id',
  'memory',
  'place',
  'at',
  'body',
  'sealed',
] as const satisfies readonly (keyof FactRecord)[]

/** The statement that writes a fact in the place of the one of its key, which becomes the newest of all. */
export function putFact({ facts }: Tables, fact: NewFact, { cipher, keyId }: Kept): Statement {
  const { scope, memory, at } = fact
  const { place, body } = encodeFact(fact, cipher)
  const isPlain = typeof body === 'string'
  const values = [
    factLineage(scope),
    keyId,
    scope.tenant,
    scope.user,
    memory,
    place,
    at,
    ...(isPlain ? [body, null] : [null, body]),
    isPlain ? factWords(fact) : null,
  ]
  // What a restored backup has of a scope that was erased since, nobody can read any more.
  const text = `with stale as (delete from ${facts} where lineage_id = $1 and key_id <> $2)
    insert into ${facts} (lineage_id, key_id, tenant, user_id, memory, place, at, body, sealed, words)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, array_to_tsvector($10::text[]))
    on conflict (lineage_id, memory, place) do update set id = default, key_id = excluded.key_id, at = excluded.at,
      body = excluded.body, sealed = excluded.sealed, words = excluded.words`
  return { text, values }
}

/** Turns a record into the fact that it keeps. */
export function decodeRecord(record: FactRecord, cipher: Cipher): StoredFact {
  const { id, tenant, user_id: user, memory, place, at, body, sealed } = record
  const scope = { tenant, user }
  return { id, scope, memory, at, ...decodeFact({ scope, memory, place, body: body ?? sealed ?? '' }, cipher) }
}
