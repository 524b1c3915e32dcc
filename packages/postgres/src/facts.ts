import { askedWords, factLineage, rankFacts } from '@reprise/core'
import type { AuditNote, FactFilter, FactQuery, FactsErased, FactsOf, NewFact, StoredFact } from '@reprise/core'
import { insertNotes, noteRecords } from './audit.ts'
import type { Database } from './database.ts'
import { decodeRecord, FACT_COLUMNS, putFact } from './fact-rows.ts'
import type { FactRecord } from './fact-rows.ts'
import { lockLineages } from './lineage-lock.ts'
import type { Lineages } from './lineages.ts'
import type { Statement } from './statement.ts'
import { checkFact, checkNotes } from './texts.ts'
import { Vacuum } from './vacuum.ts'

const DEFAULT_LIMIT = 100

/** How many facts are looked at, at most. */
const LOOKED_AT = 1_000

/**
 * Keeps facts. In a store that is not encrypted their words stand beside them for full-text search; in one that is, they stand
 * nowhere: those of a scope are decrypted and looked through.
 */
export class Facts {
  readonly #db: Database
  readonly #lineages: Lineages
  readonly #vacuum: Vacuum

  constructor(db: Database, lineages: Lineages) {
    this.#db = db
    this.#lineages = lineages
    this.#vacuum = new Vacuum(db)
  }

  /** As the store's `keepFact`. */
  async keep(fact: NewFact, note?: AuditNote): Promise<void> {
    const { tables } = this.#db
    checkFact(this.#db.name, fact)
    if (note) checkNotes(this.#db.name, [note])
    const lineageId = factLineage(fact.scope)
    // As the writer does: a key is made once its lineage is locked, and else no connection is held meanwhile.
    const made = this.#lineages.encrypted ? undefined : await this.#lineages.make([{ lineageId }])
    await this.#db.transaction(async (tx) => {
      if (!made) await lockLineages(tx, tables.runs, [lineageId], 'shared')
      await this.#lineages.refuseRotated(tx, tables)
      const kept = (made ?? (await this.#lineages.make([{ lineageId }]))).get(lineageId)
      if (!kept) throw new Error('A lineage of facts is never erased as one of runs')
      const { text, values } = putFact(tables, fact, kept)
      await tx.query(text, values)
      if (note) await tx.query(insertNotes(tables, '$1'), [noteRecords([{ note }])])
    })
  }

  /** As the store's `facts`. */
  async list({ before, limit = DEFAULT_LIMIT, ...of }: FactFilter): Promise<readonly StoredFact[]> {
    const fits = await this.#fitting(of)
    if (!fits) return []
    const values = [...fits.values, limit, ...(before === undefined ? [] : [before])]
    const older = before === undefined ? '' : `and id < $${values.length}`
    const text = `select ${FACT_COLUMNS.join(', ')} from ${this.#db.tables.facts}
      where ${fits.text} ${older} order by id desc limit $${fits.values.length + 1}`
    return this.#read({ text, values })
  }

  /** As the store's `search`. */
  async search({ scope, memory, words, limit }: FactQuery): Promise<readonly StoredFact[]> {
    const asked = askedWords(words)
    if (asked.length === 0) return []
    if (this.#lineages.encrypted)
      return rankFacts(await this.list({ ...scope, memory, limit: LOOKED_AT }), asked, limit)
    const text = `select ${FACT_COLUMNS.join(', ')} from ${this.#db.tables.facts}
      where lineage_id = $1 and memory = $2 and words @@ $3::tsquery order by id desc limit ${LOOKED_AT}`
    // A word is of letters and digits alone: between quotes it is taken as it is.
    const any = asked.map((word) => `'${word}'`).join(' | ')
    return rankFacts(await this.#read({ text, values: [factLineage(scope), memory, any] }), asked, limit)
  }

  /** As the store's `eraseFacts`. */
  async erase(of: FactsOf, note?: AuditNote): Promise<FactsErased> {
    if (note) checkNotes(this.#db.name, [note])
    const fits = await this.#fitting(of)
    if (!fits) return { facts: 0 }
    const { tables } = this.#db
    const gone = await this.#db.transaction(async (tx) => {
      const deleted = await tx.query<Pick<FactRecord, 'lineage_id' | 'key_id'>>(
        `delete from ${tables.facts} where ${fits.text} returning lineage_id, key_id`,
        fits.values,
      )
      if (note && deleted.length > 0) await tx.query(insertNotes(tables, '$1'), [noteRecords([{ note }])])
      return deleted
    })
    if (gone.length === 0) return { facts: 0 }
    await this.#dropKeys(gone.flatMap(({ lineage_id: lineage, key_id: id }) => (id === null ? [] : [[lineage, id]])))
    return { facts: gone.length, ...(!(await this.#vacuum.clean()) && { pending: true as const }) }
  }

  /** Lets go of the keys of scopes that have no facts any more, once nobody can write one meanwhile. */
  async #dropKeys(keys: readonly (readonly [lineage: string, id: string])[]): Promise<void> {
    const ids = new Map(keys)
    if (ids.size === 0) return
    const { facts, runs } = this.#db.tables
    await this.#db.transaction(async (tx) => {
      await lockLineages(tx, runs, [...ids.keys()], 'alone')
      const unused = await tx.query<{ lineage: string }>(
        `select lineage from unnest($1::text[]) old (lineage)
          where not exists (select 1 from ${facts} f where f.lineage_id = old.lineage)`,
        [[...ids.keys()]],
      )
      await this.#lineages.drop(unused.map(({ lineage }) => ({ lineage, id: ids.get(lineage) ?? '' })))
    })
  }

  /** The condition that finds facts, from `$1` on; undefined where one is meant whose scope has no key, and so no facts. */
  async #fitting({ tenant, user, memory, key }: FactsOf): Promise<Statement | undefined> {
    const values: unknown[] = []
    const given = (value: unknown): string => `$${values.push(value)}`
    const where = ['true']
    if (tenant !== undefined) where.push(tenant === null ? 'tenant is null' : `tenant = ${given(tenant)}`)
    if (user !== undefined) where.push(user === null ? 'user_id is null' : `user_id = ${given(user)}`)
    if (memory !== undefined) where.push(`memory = ${given(memory)}`)
    if (key !== undefined) {
      const lineageId = factLineage({ tenant: tenant ?? null, user: user ?? null })
      const place = await this.#placeOf(lineageId, key)
      if (place === undefined) return undefined
      where.push(`lineage_id = ${given(lineageId)}`, `place = ${given(place)}`)
    }
    return { text: where.join(' and '), values }
  }

  async #placeOf(lineageId: string, key: string): Promise<string | undefined> {
    const [known] = await this.#db.query<Pick<FactRecord, 'key_id'>>(
      `select key_id from ${this.#db.tables.facts} where lineage_id = $1 limit 1`,
      [lineageId],
    )
    if (!known) return undefined
    const ciphers = await this.#lineages.find([{ lineageId, keyId: known.key_id }])
    return ciphers.get(lineageId)?.address(key)
  }

  /** But for those of scopes that were erased: the key does not come back with a backup of the data. */
  async #read({ text, values }: Statement): Promise<readonly StoredFact[]> {
    const [records] = await Promise.all([
      this.#db.query<FactRecord>(text, values),
      this.#lineages.refuseRotated(this.#db, this.#db.tables),
    ])
    const found = records.map((record) => ({ record, lineageId: record.lineage_id, keyId: record.key_id }))
    const ciphers = await this.#lineages.find(found)
    return found.flatMap(({ record, lineageId }) => {
      const cipher = ciphers.get(lineageId)
      return cipher ? decodeRecord(record, cipher) : []
    })
  }
}
