import type { SqliteDatabase } from './database.ts'
import { OTHER_PATH, problem } from './errors.ts'
import { APPLICATION_ID, MIGRATIONS } from './schema.ts'

/** What tells one database from another: its header's marks, and whether it has tables at all. */
export interface Identity {
  readonly applicationId: number
  readonly schema: number
  readonly tables: boolean
}

/**
 * Refuses a database that is not a journal, or one that a newer program made. An empty one passes.
 *
 * @throws StoreError with code `store_foreign` or `store_newer`.
 */
export function refuseIdentity({ applicationId, schema, tables }: Identity, path: string): void {
  if (applicationId !== APPLICATION_ID && (applicationId !== 0 || schema !== 0 || tables))
    throw problem(
      'store_foreign',
      path,
      `belongs to another program (application_id ${applicationId}), and was left as it is`,
      OTHER_PATH,
      { found: applicationId, expected: APPLICATION_ID },
    )
  if (schema > MIGRATIONS.length)
    throw problem(
      'store_newer',
      path,
      `has schema ${schema}, but this program knows up to ${MIGRATIONS.length}: it was left as it is`,
      'Upgrade @reprise/store to the version that wrote it, or choose another path.',
      { found: schema, known: MIGRATIONS.length },
    )
}

/** Reads it in one statement, and so as of one moment: another process may make the database meanwhile. */
export function identityOf(db: SqliteDatabase): Identity {
  const [applicationId = 0, schema = 0, tables = 0] =
    db
      .prepare<[], [number, number, number]>(
        `select application_id, user_version, exists (select 1 from sqlite_schema)
        from pragma_application_id, pragma_user_version`,
      )
      .raw()
      .get() ?? []
  return { applicationId, schema, tables: tables === 1 }
}
