// How a page of runs is found: by query plans.
import type { RunFilter } from '@reprise/core'
import { beginning } from '@reprise/testing/store-suite'
import Database from 'better-sqlite3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { selectPage } from './runs.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-list-'))
const path = join(folder, 'runs.db')
afterAll(() => rmSync(folder, { recursive: true }))

beforeAll(async () => {
  const store = sqlite(path, { durability: 'process' })
  await store.commit(
    Array.from({ length: 300 }, (_, at) => beginning(`r${at}`, { tags: at % 3 === 0 ? ['all', 'third'] : ['all'] })),
  )
  await store.commit([beginning('child', { parentId: 'r7', tags: ['third'], tenant: 'acme', user: 'ann' })])
  await store.close()
})

const RUN = 'SEARCH runs USING INTEGER PRIMARY KEY (rowid=?)'
const AFTER = ['SCALAR SUBQUERY 1', 'SEARCH runs USING COVERING INDEX sqlite_autoindex_runs_1 (id=?)']

test.each<[RunFilter, string[]]>([
  // In the order of its rows, as far as the page goes.
  [{}, ['SCAN runs']],
  [{ after: 'r5' }, ['SEARCH runs USING INTEGER PRIMARY KEY (rowid>?)', ...AFTER]],
  [{ status: 'failed' }, ['SEARCH runs USING INDEX runs_status (status=?)']],
  [{ status: 'failed', after: 'r5' }, ['SEARCH runs USING INDEX runs_status (status=? AND rowid>?)', ...AFTER]],
  [{ name: 'support' }, ['SEARCH runs USING INDEX runs_name (name=?)']],
  [{ parentId: 'r7' }, ['SEARCH runs USING INDEX runs_parent (parent_id=?)']],
  [{ forkOf: 'r7' }, ['SEARCH runs USING INDEX runs_fork (fork_of=?)']],
  [{ tag: 'third' }, ['SEARCH run_tags USING PRIMARY KEY (tag=?)', RUN]],
  [{ tag: 'third', after: 'r5' }, ['SEARCH run_tags USING PRIMARY KEY (tag=? AND run>?)', ...AFTER, RUN]],
  [{ sessionId: 's' }, ['SEARCH runs USING INDEX runs_session (session_id=?)']],
  [{ sessionId: 's', order: 'newest' }, ['SEARCH runs USING INDEX runs_session (session_id=?)']],
  // What others have is not read for it.
  [{ tenant: 'acme' }, ['SEARCH runs USING INDEX runs_tenant (tenant=?)']],
  [{ user: 'ann' }, ['SEARCH runs USING INDEX runs_user (user_id=?)']],
  [{ tenant: 'acme', user: 'ann' }, ['SEARCH runs USING INDEX runs_tenant_user (tenant=? AND user_id=?)']],
  [{ tenant: 'acme', status: 'failed' }, ['SEARCH runs USING INDEX runs_tenant_status (tenant=? AND status=?)']],
  [{ tenant: 'acme', name: 'support', order: 'newest' }, ['SEARCH runs USING INDEX runs_tenant (tenant=?)']],
  [{ tenant: 'acme', after: 'r5' }, ['SEARCH runs USING INDEX runs_tenant (tenant=? AND rowid>?)', ...AFTER]],
  [{ tenant: 'acme', parentId: 'r7' }, ['SEARCH runs USING INDEX runs_parent (parent_id=?)']],
  [
    { tenant: 'acme', tag: 'third' },
    [
      'SEARCH runs USING INDEX runs_tenant (tenant=?)',
      'SEARCH run_tags USING COVERING INDEX run_tags_run (run=? AND tag=?)',
    ],
  ],
  [{ order: 'newest' }, ['SCAN runs']],
  [{ order: 'newest', after: 'r5' }, ['SEARCH runs USING INTEGER PRIMARY KEY (rowid<?)', ...AFTER]],
  [{ order: 'newest', status: 'failed' }, ['SEARCH runs USING INDEX runs_status (status=?)']],
  [{ order: 'newest', tag: 'third' }, ['SEARCH run_tags USING PRIMARY KEY (tag=?)', RUN]],
  [{ tag: 'third', status: 'failed' }, ['SEARCH run_tags USING PRIMARY KEY (tag=?)', RUN]],
  [
    { tag: 'third', parentId: 'r7' },
    [
      'SEARCH runs USING INDEX runs_parent (parent_id=?)',
      'SEARCH run_tags USING COVERING INDEX run_tags_run (run=? AND tag=?)',
    ],
  ],
])('a page of runs by %j is read off an index, in order, and sorts nothing', (filter, plan) => {
  using db = openToRead()
  const steps = db.explain(selectPage(filter), filter)

  expect(steps).toEqual(plan)
})

test('a page of a tag that all runs bear gives the oldest of them, page after page', async () => {
  const store = sqlite(path)
  const first = await store.runs({ tag: 'all', limit: 2 })
  const second = await store.runs({ tag: 'all', after: 'r1', limit: 2 })
  const thirds = await store.runs({ tag: 'third', after: 'r294', status: 'running' })
  const children = await store.runs({ tag: 'third', parentId: 'r7' })
  await store.close()

  expect([first, second, thirds, children].map((rows) => rows.map(({ id }) => id))).toEqual([
    ['r0', 'r1'],
    ['r2', 'r3'],
    ['r297', 'child'],
    ['child'],
  ])
})

/** Tells how SQLite would go about a statement. */
function openToRead() {
  const db = new Database(path, { readonly: true })
  return {
    explain: (sql: string, params: object): string[] =>
      db
        .prepare<[object], { detail: string }>(`explain query plan ${sql}`)
        .all({ ...params, limit: 100 })
        .map(({ detail }) => detail),
    [Symbol.dispose]: () => db.close(),
  }
}
