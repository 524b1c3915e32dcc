import type { RunWrite } from '@reprise/core'
import { PLAIN } from '@reprise/format'
import type { Cipher } from '@reprise/format'
import type { Database } from './database.ts'
import type { Lineages } from './lineages.ts'

/** Thrown where a run has come meanwhile whose lineage was not asked for: the write is made again. */
export class Unasked extends Error {}

/**
 * How the lineages of some writes are kept. It is asked for before their transaction: keys may stand in another database, and
 * who holds a connection waits for no other.
 */
export class Ciphers {
  readonly #isEncrypted: boolean
  readonly #asked: ReadonlySet<string>
  readonly #found: ReadonlyMap<string, Cipher>
  readonly #lineageOf: ReadonlyMap<string, string>

  private constructor(
    isEncrypted: boolean,
    asked: ReadonlySet<string>,
    found: ReadonlyMap<string, Cipher>,
    lineageOf: ReadonlyMap<string, string>,
  ) {
    this.#isEncrypted = isEncrypted
    this.#asked = asked
    this.#found = found
    this.#lineageOf = lineageOf
  }

  /** Asks for those of the runs that writes concern, and makes the keys of lineages that begin. */
  static async of(
    db: Database,
    lineages: Lineages,
    writes: readonly RunWrite[],
    others: readonly string[] = [],
  ): Promise<Ciphers> {
    const created = writes.flatMap(({ create, begins = [] }) => [
      ...(create ? [create] : []),
      ...begins.map(({ row }) => row),
    ])
    const lineageOf = new Map(created.map(({ id, lineageId }) => [id, lineageId]))
    if (lineages.encrypted) {
      const ids = writes.flatMap(({ runId, messages = [] }) => [runId, ...messages.map((message) => message.runId)])
      const rows = await db.query<{ id: string; lineage_id: string }>(
        `select id, lineage_id from ${db.tables.runs} where id = any($1::text[])`,
        [[...new Set([...ids, ...lineageOf.keys(), ...others])]],
      )
      for (const { id, lineage_id } of rows) lineageOf.set(id, lineage_id)
      if (created.length > 0) await lineages.make(created)
    }
    const asked = new Set(lineageOf.values())
    const found = asked.size > 0 ? await lineages.find([...asked]) : new Map<string, Cipher>()
    return new Ciphers(lineages.encrypted, asked, found, lineageOf)
  }

  /** How a lineage is kept; undefined where it was erased, or its key is gone. */
  ofLineage(lineageId: string): Cipher | undefined {
    if (this.#asked.has(lineageId)) return this.#found.get(lineageId)
    if (this.#isEncrypted) throw new Unasked()
    return PLAIN
  }

  /** How the lineage of a run is kept that gets a message; undefined where there is no such run. */
  ofRun(runId: string): Cipher | undefined {
    const lineageId = this.#lineageOf.get(runId)
    if (lineageId === undefined) return this.#isEncrypted ? undefined : PLAIN
    return this.#found.get(lineageId)
  }
}
