import pg from 'pg'
import { afterAll, describe } from 'vitest'
import { storeSuite } from '@reprise/testing/store-suite'
import { postgres } from './postgres.ts'
import type { PostgresStore } from './postgres-store.ts'
import { emptySchema, freshSchema, inTransaction, keysUrl, serverUrl } from './testing.fixture.ts'

// Connections outlive the stores: to make some for each test would take longer than most tests.
const pools = new Map<string, pg.Pool>()
const poolOf = (connectionString: string, pipeline: boolean): pg.Pool => {
  const name = `${connectionString} ${pipeline}`
  const pool = pools.get(name) ?? new pg.Pool({ connectionString, max: 8, pipeline })
  pools.set(name, pool)
  return pool
}
afterAll(() => Promise.all([...pools.values()].map((pool) => pool.end())))

const plain = freshSchema()

storeSuite('the Postgres store', {
  open: async () => {
    await emptySchema(plain)
    return openPlain()
  },
  openAgain: () => openPlain(),
  transaction: (_, work) => inTransaction(work),
})

async function openPlain(): Promise<PostgresStore> {
  return postgres(poolOf(await serverUrl(), true), { schema: plain })
}

const sealed = freshSchema()

describe('encrypted, with its keys in another database and without pipelines,', { tags: 'slow' }, () => {
  storeSuite('the Postgres store', {
    open: async () => {
      await emptySchema(sealed)
      await emptySchema(sealed, await keysUrl())
      return openSealed()
    },
    openAgain: () => openSealed(),
    transaction: (_, work) => inTransaction(work),
  })
})

async function openSealed(): Promise<PostgresStore> {
  const keys = poolOf(await keysUrl(), false)
  return postgres(poolOf(await serverUrl(), false), { schema: sealed, encryption: { key: Buffer.alloc(32, 7) }, keys })
}
