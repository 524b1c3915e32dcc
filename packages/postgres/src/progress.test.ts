import { expect, test } from 'vitest'
import { appending, beginning } from '@reprise/testing/store-suite'
import { Journal } from './rows.fixture.ts'

test('what a run below has written since is told from what it had, also once Postgres has frozen the rows', async () => {
  await using journal = await Journal.open()
  const { store } = journal
  await store.commit([beginning('r1')])
  await store.commit([beginning('child', { parentId: 'r1', parentKey: 'child:1' })])
  let epoch = 1
  const attempts = async (): Promise<number | undefined> =>
    (await store.claim({ id: 'r1', epoch: epoch++, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 0 }))?.attempts
  expect([await attempts(), await attempts()]).toEqual([1, 2])

  await store.commit([appending('child', 1)])
  await journal.client.query(`vacuum (freeze) ${journal.tables.entries}`)
  expect([await attempts(), await attempts()]).toEqual([1, 2])
  await journal.client.query(`vacuum full ${journal.tables.entries}`)
  expect(await attempts()).toBe(3)
})
