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
