import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { beginning, sampleMessage } from '@reprise/testing/store-suite'
import { sqlite } from './sqlite.ts'
import { SELECT_OVERDUE } from './overdue.ts'
import { selectDue, selectFree } from './take.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-'))
const path = join(folder, 'runs.db')
afterAll(() => rmSync(folder, { recursive: true }))

const many = (count: number, name: string, rest: Parameters<typeof beginning>[1]) =>
  Array.from({ length: count }, (_, index) => beginning(`${name} ${index}`, { owner: null, ...rest }))

beforeAll(async () => {
  const store = sqlite(path, { durability: 'process' })
  await store.commit([
    ...many(5000, 'ended', { status: 'completed', endedAt: 1, wakeAt: 1, priority: 9 }),
    ...many(2000, 'waiting', { status: 'waiting', wakeAt: 1000, priority: 9 }),
    ...many(3000, 'foreign', { status: 'queued', name: 'other', priority: 9 }),
    ...many(3000, 'foreign, due', { status: 'waiting', name: 'other', wakeAt: 1, priority: 9 }),
    ...many(1000, 'owned', { status: 'running', owner: 'ann', priority: 9 }),
    ...many(2000, 'for later', { status: 'queued', wakeAt: 1000, priority: 9 }),
    ...many(2000, 'in line', { status: 'queued', concurrency: { key: 'a', limit: 1 }, priority: 9 }),
    ...many(1, 'before them', { status: 'running', owner: 'ann', concurrency: { key: 'a', limit: 1 } }),
    ...many(2000, 'in time', { status: 'waiting', deadlineAt: 1000, expireAt: 1, owner: 'ann' }),
    ...many(3, 'queued', { status: 'queued' }),
    ...many(2, 'of acme', { status: 'queued', tenant: 'acme' }),
    beginning('of acme, due', { owner: null, tenant: 'acme', status: 'waiting', wakeAt: 1 }),
  ])
  await store.send(sampleMessage('waiting 7', 'a'))
  await store.close()
})

const HELD = 'SEARCH held USING INDEX runs_slots (concurrency_key=? AND tenant=?)'

const MINE = { now: 999, gone: [], definitions: [{ kind: 'agent', name: 'support' } as const], except: [], limit: 3 }

describe('take, among thousands of runs that have ended, wait, are driven or are another fleet’s,', () => {
  test.each(['as they are', 'after analyze'])('goes through none of them, with the statistics of SQLite %s', (when) => {
    const db = new Database(path)
    if (when === 'after analyze') db.exec('analyze')
    const plan = db
      .prepare<[unknown], { detail: string }>(`explain query plan ${selectFree('urgent')}`)
      .all({ now: 999, gone: '[]', definitions: '[]', except: '[]', suspects: 0, tenant: null, limit: 3 })
      .map(({ detail }) => detail)

    expect(plan.filter((detail) => detail.includes(' runs '))).toEqual([
      'SEARCH runs USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH runs USING INDEX runs_runnable (kind=? AND name=?)',
      'SEARCH runs USING COVERING INDEX sqlite_autoindex_runs_1 (id=?)',
      'SEARCH runs USING INDEX runs_owner (owner=? AND status=?)',
      'SEARCH runs USING INDEX runs_wake (kind=? AND name=? AND wake_at>? AND wake_at<?)',
      'SEARCH runs USING INTEGER PRIMARY KEY (rowid=?)',
    ])
    expect(plan.filter((detail) => detail.includes(' held '))).toEqual(Array.from({ length: 2 }, () => HELD))
    // What can run is not sorted before it is put together with the rest: a long queue is not read to its end.
    expect(plan.filter((detail) => detail === 'USE TEMP B-TREE FOR ORDER BY')).toHaveLength(1)
    expect(plan.filter((detail) => detail.includes(' inbox'))).toEqual([
      'SCAN inbox USING COVERING INDEX sqlite_autoindex_inbox_1',
    ])
    db.close()
  })

  test('goes through no other tenant’s runs where it is for one tenant', async () => {
    const db = new Database(path)
    const plan = db
      .prepare<[unknown], { detail: string }>(`explain query plan ${selectFree('urgent', 'tenant')}`)
      .all({ now: 999, gone: '[]', definitions: '[]', except: '[]', suspects: 0, tenant: 'acme', limit: 3 })
      .map(({ detail }) => detail)
    db.close()

    expect(plan.filter((detail) => detail.includes('runs USING INDEX'))).toEqual([
      'SEARCH runs USING INDEX runs_tenant_runnable (tenant=? AND kind=? AND name=?)',
      'SEARCH runs USING INDEX runs_owner (owner=? AND status=?)',
      'SEARCH runs USING INDEX runs_tenant_wake (tenant=? AND kind=? AND name=? AND wake_at>? AND wake_at<?)',
    ])
  })

  test('finds the oldest, the newest, what is due and what is late by indexes of their own', () => {
    const db = new Database(path)
    db.exec('analyze')
    const given = { now: 999, gone: '[]', definitions: '[]', except: '[]', suspects: 0, tenant: null, limit: 3 }
    const stepsOf = (sql: string): { detail: string; parent: number }[] =>
      db.prepare<[unknown], { detail: string; parent: number }>(`explain query plan ${sql}`).all(given)
    const planOf = (sql: string): string[] => stepsOf(sql).map(({ detail }) => detail)
    for (const order of ['oldest', 'newest'] as const) {
      const steps = stepsOf(selectFree(order))
      const look = steps.find(({ detail }) => detail === 'SEARCH runs USING INDEX runs_age (kind=? AND name=?)')
      // It is read in its order, and no further than it must.
      expect(steps.filter(({ parent }) => parent === look?.parent).map(({ detail }) => detail)).not.toContain(
        'USE TEMP B-TREE FOR ORDER BY',
      )
      expect(look).toBeDefined()
    }
    expect(planOf(selectDue())).toContain(
      'SEARCH runs USING INDEX runs_delayed (kind=? AND name=? AND wake_at>? AND wake_at<?)',
    )
    const late = planOf(SELECT_OVERDUE).filter((detail) => detail.includes('runs_'))
    expect(late).toEqual([
      'SEARCH runs USING INDEX runs_expire (expire_at>? AND expire_at<?)',
      'SEARCH runs USING INDEX runs_deadline (deadline_at>? AND deadline_at<?)',
    ])
    db.close()
  })

  test('looks in indexes that hold only what can run, and only what waits for a time', () => {
    const db = new Database(path)
    db.exec('analyze')
    const rows = db.prepare("select idx, cast(stat as integer) from sqlite_stat1 where tbl = 'runs'").raw().all()

    expect(Object.fromEntries(rows as [string, number][])).toMatchObject({
      runs_runnable: 3005,
      runs_age: 3005,
      runs_delayed: 2000,
      runs_in_line: 2000,
      runs_slots: 1,
      runs_deadline: 2000,
      runs_wake: 5001,
      runs_tenant_runnable: 2,
      runs_tenant_wake: 1,
      runs_owner: 3001,
    })
    db.close()
  })

  test('gives the few that may be taken up', async () => {
    const store = sqlite(path)
    const taken = await store.take({ owner: 'bob', heartbeat: 0 }, MINE)

    expect(taken.map(({ id }) => id)).toEqual(['waiting 7', 'queued 0', 'queued 1'])
    await store.close()
  })
})
