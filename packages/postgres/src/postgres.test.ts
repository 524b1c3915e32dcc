import { expect, test } from 'vitest'
import { postgres } from './postgres.ts'
import { freshSchema, serverUrl } from './testing.fixture.ts'

test('a store makes its tables at the first use, and another one finds them', async () => {
  const [url, schema] = [await serverUrl(), freshSchema()]
  await using one = postgres(url, { schema })
  await using other = postgres(url, { schema })
  await expect(Promise.all([one.run('nobody'), other.run('nobody')])).rejects.toThrow('get: to come')
})
