// The whole contract with every part that is cut out of a body outside of the database, encrypted.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeSuite } from '@reprise/testing/store-suite'
import pg from 'pg'
import { afterAll, describe } from 'vitest'
import { postgres } from './postgres.ts'
import type { PostgresStore } from './postgres-store.ts'
import { emptySchema, freshSchema, inTransaction, serverUrl } from './testing.fixture.ts'
import { folder } from './folder.ts'

const path = mkdtempSync(join(tmpdir(), 'reprise-outside-'))
const schema = freshSchema()
let pool: pg.Pool | undefined
afterAll(async () => {
  await pool?.end()
  rmSync(path, { recursive: true })
})

describe('with blobs in a folder,', { tags: 'slow' }, () => {
  storeSuite('the Postgres store', {
    open: async () => {
      await emptySchema(schema)
      return open()
    },
    openAgain: () => open(),
    transaction: (_, work) => inTransaction(work),
  })
})

async function open(): Promise<PostgresStore> {
  pool ??= new pg.Pool({ connectionString: await serverUrl(), max: 8, pipeline: true })
  return postgres(pool, { schema, encryption: { key: Buffer.alloc(32, 7) }, blobs: folder(path), minBlobBytes: 1 })
}
