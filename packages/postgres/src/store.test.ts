import pg from 'pg'
import { afterAll } from 'vitest'
import { storeSuite } from '@reprise/testing/store-suite'
import { postgres } from './postgres.ts'
import { emptySchema, freshSchema, serverUrl } from './testing.fixture.ts'

// Connections outlive the stores: to make some for each test would take longer than most tests.
const pools: pg.Pool[] = []
const poolOf = async (pipeline: boolean): Promise<pg.Pool> => {
  const known = pools.find(({ options }) => options.pipeline === pipeline)
  if (known) return known
  const pool = new pg.Pool({ connectionString: await serverUrl(), max: 8, pipeline })
  pools.push(pool)
  return pool
}
afterAll(() => Promise.all(pools.map((pool) => pool.end())))

const plain = { schema: freshSchema() }

storeSuite('the Postgres store', {
  open: async () => {
    await emptySchema(plain.schema)
    return postgres(await poolOf(true), plain)
  },
  openAgain: async () => postgres(await poolOf(true), plain),
})

const encrypted = { schema: freshSchema(), encryption: { key: Buffer.alloc(32, 7) } }

storeSuite('the Postgres store, encrypted, on connections without a pipeline', {
  open: async () => {
    await emptySchema(encrypted.schema)
    return postgres(await poolOf(false), encrypted)
  },
  openAgain: async () => postgres(await poolOf(false), encrypted),
})
