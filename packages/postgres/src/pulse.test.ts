import { expect, test } from 'vitest'
import { beginning } from '@reprise/testing/store-suite'
import { postgres } from './postgres.ts'
import { freshSchema, serverUrl } from './testing.fixture.ts'

test('a thread beats for an owner that has runs, until it lets go of the store', { tags: 'slow' }, async () => {
  await using store = postgres(await serverUrl(), { schema: freshSchema() })
  await store.commit([beginning('r1')])
  const letGo = store.hold('ann')
  store.keepAlive('ann', 20)
  const beat = async (): Promise<number | undefined> => (await store.owners())[0]?.heartbeat
  const before = await beat()
  await expect.poll(beat).not.toBe(before)
  await letGo()

  const last = await beat()
  await store.run('r1')
  expect(await beat()).toBe(last)
})
