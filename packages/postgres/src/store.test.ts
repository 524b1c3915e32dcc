import pg from 'pg'
import { afterAll } from 'vitest'
import { storeSuite } from '@reprise/testing/store-suite'
import { postgres } from './postgres.ts'
import { freshSchema, serverUrl } from './testing.fixture.ts'

let schema = ''

storeSuite('the Postgres store', {
  open: async () => {
    schema = freshSchema()
    return postgres(await serverUrl(), { schema })
  },
  openAgain: async () => postgres(await serverUrl(), { schema }),
})

// A program's own pool has no pipeline, and is not ended by the store.
let pool: pg.Pool | undefined
const given = async (): Promise<pg.Pool> => (pool ??= new pg.Pool({ connectionString: await serverUrl(), max: 8 }))
afterAll(() => pool?.end())

const encryption = { key: Buffer.alloc(32, 7) }

storeSuite('the Postgres store, encrypted, on a pool of the program', {
  open: async () => {
    schema = freshSchema()
    return postgres(await given(), { schema, encryption })
  },
  openAgain: async () => postgres(await given(), { schema, encryption }),
})
