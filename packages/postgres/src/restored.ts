import { DefinitionError } from '@reprise/core'
import pg from 'pg'
import { nameOf } from './errors.ts'
import { hasStore } from './exists.ts'
import { migrate } from './migrate.ts'
import { park } from './park.ts'
import { PoolDatabase } from './pool-database.ts'
import { checkSchema } from './tables.ts'

/** What a declaration came to. */
export interface Restored {
  /** The runs that had not ended at the moment to which the database was restored, but for those in `goOn`: they are in quarantine. */
  readonly parked: readonly string[]
}

/** How a restore is declared. */
export interface RestoredOptions {
  /** As `postgres` takes it. @default 'reprise' */
  readonly schema?: string
  /** Who says so: it stands in the reason for which the runs wait. */
  readonly by: string
  /**
   * The names of agents and workflows that make no call with the effect `once`, and start nothing that does: what their runs did
   * after that moment may be done again, by its keys, and they go on by themselves.
   *
   * @default none
   */
  readonly goOn?: readonly string[]
}

/**
 * Declares that a database was restored to an earlier moment, by a backup, by a log that was replayed up to it, or by a
 * failover that lost its last commits. What runs did after that moment is not known there, so those that had not ended go into
 * quarantine, and nobody goes on with them before somebody has looked and released them; schedules are paused. The runs of
 * definitions in `goOn` go on by themselves. Processes that worked before the restore can write to no run any more. Call it before anybody works on the database again.
 *
 * @param url the address of the database.
 * @returns the ids of the runs that wait.
 * @throws DefinitionError with code `no_store` where the schema holds no store; StoreError where the database cannot be written.
 * @example
 * ```ts no-run: it needs a Postgres
 * import { restored } from '@reprise/postgres'
 *
 * const { parked } = await restored('postgres://desk@127.0.0.1/desk', { by: 'ana' })
 * console.log(`${parked.length} runs wait for somebody`)
 * ```
 */
export async function restored(url: string, { schema = 'reprise', by, goOn = [] }: RestoredOptions): Promise<Restored> {
  checkSchema(schema)
  const name = nameOf(new pg.Client(url), schema)
  if (!(await hasStore(url, { schema })))
    throw new DefinitionError({
      code: 'no_store',
      message: `There is no store at ${name} which could have been restored. Check the address and the schema.`,
    })
  const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 10_000 })
  const db = new PoolDatabase(pool, name, schema, true)
  try {
    await migrate(db, schema)
    const reason = `The database was restored to an earlier moment, as ${by} has said, and what the run did after that is not known: calls with the effect "once" may have happened.`
    return { parked: await db.transaction((tx) => park(tx, db.tables, reason, goOn)) }
  } finally {
    await db.close()
  }
}
