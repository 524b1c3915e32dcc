// How runs are counted that have not ended: by how much is looked at for it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { selectQueue } from './queue.ts'
import { Journal } from './rows.fixture.ts'

let journal: Journal
beforeAll(async () => {
  journal = await Journal.open()
  await journal.insert(5000, 'ended', { status: "'completed'", ended_at: '1' })
  await journal.insert(100, 'queued')
  await journal.insert(40, 'waiting', { status: "'waiting'", waiting_kind: "'timer'", wake_at: '1000' })
  await journal.insert(20, 'owned', { status: "'running'", owner: "'ann'" })
  await journal.insert(10, 'given back', { status: "'running'" })
  await journal.client.query(`
    insert into ${journal.tables.entries} (run, seq, key, kind, attempt, at, body, hash)
      select run, seq, 'run', 0, 1, seq, '{}', '' from ${journal.tables.runs}, generate_series(0, 19) seq where ended_at is null`)
  await journal.leave('waiting 7')
})
afterAll(() => journal[Symbol.asyncDispose]())

test.each(['never seen them', 'counted them'])(
  'no run that has ended is looked at, nor more than the last entry of those that were given back, where Postgres has %s',
  { tags: 'slow' },
  async (when) => {
    if (when === 'counted them') await journal.client.query('analyze')
    const text = selectQueue(journal.tables)

    // Each once in the index, and once where it stands.
    expect(await journal.rowsRead(text, [999])).toBeLessThanOrEqual(2 * 170)
    expect(await journal.rowsRead(text, [999], 'entries')).toBe(10)
  },
)

test('they are counted by how they stand', async () => {
  const own = { kind: 'agent', name: 'support' }
  const rows = await journal.store.queue(999.5)

  expect(rows).toHaveLength(3)
  expect(rows).toEqual(
    expect.arrayContaining([
      { ...own, status: 'queued', waiting: null, runs: 100, owned: 0, ready: 100, readySince: 1764000000000 },
      { ...own, status: 'running', waiting: null, runs: 30, owned: 20, ready: 10, readySince: 19 },
      { ...own, status: 'waiting', waiting: 'timer', runs: 40, owned: 0, ready: 1, readySince: 0 },
    ]),
  )
})
