// How a page of runs is found: by how much is looked at for it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunFilter } from '@reprise/core'
import { Journal } from './rows.fixture.ts'
import { selectPage } from './runs.ts'

let journal: Journal
beforeAll(async () => {
  journal = await Journal.open()
  await journal.insert(3000, 'r', {
    tags: "case when n % 1000 = 3 then array['all', 'rare'] else array['all'] end",
    status: "case when n % 50 = 4 then 'failed' when n % 2 = 0 then 'completed' else 'waiting' end",
    ended_at: 'case when n % 2 = 0 then n end',
    parent_id: "case when n % 100 = 0 then 'r 7' end",
    fork_of: "case when n % 100 = 1 then 'r 7' end",
    tenant: "case when n % 100 = 2 then 'acme' when n % 10 = 6 then 'big' when n > 100 then 'other' end",
    session_id: "case when n % 100 = 3 then 's' end",
    turn: 'case when n % 100 = 3 then n end',
    user_id: "case when n % 200 = 2 then 'ann' when n > 100 then 'bob' end",
  })
  await journal.client.query('analyze')
})
afterAll(() => journal[Symbol.asyncDispose]())

test.each<RunFilter>([
  {},
  { after: 'r 5' },
  { status: 'completed' },
  { status: 'completed', after: 'r 2000' },
  { status: 'waiting', order: 'newest' },
  { status: 'cancelled' },
  { name: 'support' },
  { name: 'nobody' },
  { parentId: 'r 7' },
  { parentId: 'r 7', after: 'r 2000' },
  { forkOf: 'r 7', order: 'newest' },
  { tag: 'all' },
  { tag: 'all', after: 'r 2000' },
  { tag: 'rare' },
  { tag: 'rare', status: 'completed' },
  { tenant: 'acme' },
  { tenant: 'acme', after: 'r 2000' },
  { tenant: 'acme', status: 'completed' },
  { tenant: 'big', status: 'failed' },
  { tenant: 'other', order: 'newest' },
  { tenant: 'acme', user: 'ann' },
  { tenant: 'acme', user: 'bob' },
  { tenant: 'other', user: 'ann' },
  { user: 'ann' },
  { user: 'nobody' },
  { sessionId: 's' },
  { sessionId: 's', order: 'newest' },
  { sessionId: 's', after: 'r 2000' },
  { order: 'newest' },
  { order: 'newest', after: 'r 5' },
])('a page of runs by %j is read off an index, and no more of it than the page', async (filter) => {
  const { text, values } = selectPage(journal.tables, { ...filter, limit: 10 })

  expect(await journal.rowsRead(text, values)).toBeLessThanOrEqual(35)
})

test('a page of a tag that all runs bear gives the oldest of them, page after page', async () => {
  const pages = [
    { tag: 'all', limit: 2 },
    { tag: 'all', after: 'r 1', limit: 2 },
    { tag: 'rare', after: 'r 3' },
  ]
  const found = await Promise.all(pages.map((filter) => journal.store.runs(filter)))

  expect(found.map((rows) => rows.map(({ id }) => id))).toEqual([
    ['r 0', 'r 1'],
    ['r 2', 'r 3'],
    ['r 1003', 'r 2003'],
  ])
})
