import { askedWords, digest, factLineage, factWords, rankFacts } from '@reprise/core'
import type { AuditNote, FactFilter, FactQuery, FactScope, FactsOf, NewFact, StoredFact } from '@reprise/core'
import { decodeFact, encodeFact } from '@reprise/format'
import type { Stored } from '@reprise/format'
import type { Audit } from './audit.ts'
import type { SqliteDatabase } from './database.ts'
import type { Lineages } from './lineages.ts'
import { overwriting } from './overwriting.ts'

const DEFAULT_LIMIT = 100

/** How many facts are looked at, at most. */
const LOOKED_AT = 1_000

/** A fact as the database keeps it. */
interface FactRecord {
  readonly id: number
  readonly lineage_id: string
  readonly tenant: string | null
  readonly user_id: string | null
  readonly memory: string
  readonly place: string
  readonly at: number
  readonly body: Stored
}

type Wanted = Readonly<Record<'tenant' | 'user' | 'memory' | 'place', string | null>> & {
  readonly anyTenant: 0 | 1
  readonly anyUser: 0 | 1
}

const FITS = `(@anyTenant or tenant is @tenant) and (@anyUser or user_id is @user)
  and (@memory is null or memory = @memory) and (@place is null or place = @place)`

/**
 * Keeps facts. In a store that is not encrypted their words stand in an index for full-text search beside them; in one that is,
 * they stand nowhere: those of a scope are decrypted and looked through.
 */
export class Facts {
  readonly #lineages: Lineages
  readonly #audit: Audit
  readonly #idAt
  readonly #insert
  readonly #index
  readonly #delete
  readonly #clear
  readonly #unindex
  readonly #page
  readonly #after
  readonly #having
  readonly #keep
  readonly #erase
  readonly #dropKeys

  constructor(db: SqliteDatabase, lineages: Lineages, audit: Audit) {
    this.#lineages = lineages
    this.#audit = audit
    this.#idAt = db
      .prepare<[lineage: string, memory: string, place: string], number>(
        'select id from facts where lineage_id = ? and memory = ? and place = ?',
      )
      .pluck()
    this.#insert = db.prepare<[Omit<FactRecord, 'id'>]>(
      `insert into facts (lineage_id, tenant, user_id, memory, place, at, body)
        values (@lineage_id, @tenant, @user_id, @memory, @place, @at, @body)`,
    )
    this.#delete = db.prepare<[id: number]>('delete from facts where id = ?')
    this.#clear = db.prepare<[lineage: string]>('delete from facts where lineage_id = ?')
    this.#index = db.prepare<[id: number | bigint, scope: string, words: string]>(
      'insert into fact_words (rowid, scope, words) values (?, ?, ?)',
    )
    this.#unindex = db.prepare<[id: number]>('delete from fact_words where rowid = ?')
    this.#page = db.prepare<[Wanted & { before: number; limit: number }], FactRecord>(
      `select * from facts where id < cast(@before as integer) and ${FITS} order by id desc limit cast(@limit as integer)`,
    )
    this.#after = db.prepare<[after: number, limit: number], FactRecord>(
      'select * from facts where id > ? order by id limit cast(? as integer)',
    )
    this.#having = db.prepare<[{ match: string; memory: string; limit: number }], FactRecord>(
      `select facts.* from fact_words join facts on facts.id = fact_words.rowid
        where fact_words match @match and memory = @memory order by facts.id desc limit cast(@limit as integer)`,
    )
    this.#keep = db.transaction((fact: NewFact, note?: AuditNote) => {
      this.put(fact)
      if (note) audit.add(note)
    })
    const erased = db.prepare<[Wanted], { id: number; lineage_id: string }>(
      `select id, lineage_id from facts where ${FITS}`,
    )
    const erase = db.transaction((wanted: Wanted, note?: AuditNote) => {
      const gone = erased.all(wanted)
      for (const { id } of gone) this.#forget(id)
      if (gone.length > 0) {
        if (note) this.#audit.add(note)
        lineages.soil()
      }
      return gone.map(({ lineage_id: lineageId }) => lineageId)
    })
    this.#erase = (wanted: Wanted, note?: AuditNote) => overwriting(db, () => erase.immediate(wanted, note))
    const isUsed = db.prepare<[lineage: string]>('select 1 from facts where lineage_id = ? limit 1')
    // Once it is certain that they are gone: until then another of the scope may have come.
    this.#dropKeys = db.transaction((lineageIds: readonly string[]) =>
      lineages.drop(lineageIds.filter((id) => isUsed.get(id) === undefined)),
    )
  }

  /** As the store's `keepFact`. */
  keep(fact: NewFact, note?: AuditNote): void {
    this.#keep.immediate(fact, note)
  }

  /** Writes a fact in the place of the one of its key. To be called inside of a transaction. */
  put(fact: NewFact): void {
    const { scope, memory, at } = fact
    const lineageId = factLineage(scope)
    if (this.#lineages.encrypted && !this.#lineages.find(lineageId)) {
      // What a restored backup has of a scope that was erased since, nobody can read any more.
      this.#clear.run(lineageId)
      // Under no id of a run: what is known of other keys stays.
      this.#lineages.make([{ id: '', lineageId }])
    }
    const { place, body } = encodeFact(fact, this.#lineages.of(lineageId))
    const before = this.#idAt.get(lineageId, memory, place)
    if (before !== undefined) this.#forget(before)
    const { tenant, user: user_id } = scope
    const { lastInsertRowid } = this.#insert.run({ lineage_id: lineageId, tenant, user_id, memory, place, at, body })
    if (!this.#lineages.encrypted) this.#index.run(lastInsertRowid, termOf(lineageId), factWords(fact).join(' '))
  }

  /** As the store's `facts`. */
  list({ before = Number.MAX_SAFE_INTEGER, limit = DEFAULT_LIMIT, ...of }: FactFilter): readonly StoredFact[] {
    const wanted = this.#wanted(of)
    return wanted ? this.#page.all({ ...wanted, before, limit }).flatMap(this.#decode) : []
  }

  /** Facts that were written after one, the oldest first. */
  after(id: number, limit: number): readonly StoredFact[] {
    return this.#after.all(id, limit).flatMap(this.#decode)
  }

  /** As the store's `search`. */
  search({ scope, memory, words, limit }: FactQuery): readonly StoredFact[] {
    const asked = askedWords(words)
    if (asked.length === 0) return []
    if (this.#lineages.encrypted) return rankFacts(this.list({ ...scope, memory, limit: LOOKED_AT }), asked, limit)
    // Between quotes a word is no operator.
    const any = asked.map((word) => `"${word}"`).join(' OR ')
    const match = `scope : "${termOf(factLineage(scope))}" AND words : (${any})`
    const found = this.#having.all({ match, memory, limit: LOOKED_AT })
    return rankFacts(found.flatMap(this.#decode), asked, limit)
  }

  /** As the store's `eraseFacts`, but for what stays in free pages: the files are to be scrubbed then. @returns how many. */
  erase(of: FactsOf, note?: AuditNote): number {
    const wanted = this.#wanted(of)
    if (!wanted) return 0
    const lineageIds = this.#erase(wanted, note)
    if (lineageIds.length > 0) this.#dropKeys.immediate([...new Set(lineageIds)])
    return lineageIds.length
  }

  #forget(id: number): void {
    this.#delete.run(id)
    if (!this.#lineages.encrypted) this.#unindex.run(id)
  }

  /** What fits; undefined where one is meant whose scope has no key, and so no facts. */
  #wanted({ tenant, user, memory, key }: FactsOf): Wanted | undefined {
    const whose = { tenant: tenant ?? null, user: user ?? null }
    const any = { anyTenant: tenant === undefined ? 1 : 0, anyUser: user === undefined ? 1 : 0 } as const
    const wanted = { ...whose, ...any, memory: memory ?? null, place: null }
    if (key === undefined) return wanted
    const cipher = this.#lineages.find(factLineage(whose))
    return cipher && { ...wanted, place: cipher.address(key) }
  }

  /** Nothing, where the scope was erased: its key does not come back with a backup of the data. */
  readonly #decode = (record: FactRecord): StoredFact | [] => {
    const { lineage_id: lineageId, tenant, user_id: user, memory, place, body, id, at } = record
    const scope: FactScope = { tenant, user }
    const cipher = this.#lineages.find(lineageId)
    return cipher ? { id, scope, memory, at, ...decodeFact({ scope, memory, place, body }, cipher) } : []
  }
}

/** What stands for a scope in the index, as one word. */
function termOf(lineageId: string): string {
  return Buffer.from(digest(lineageId), 'base64url').toString('hex')
}
