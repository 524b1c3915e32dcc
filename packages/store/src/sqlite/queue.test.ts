// How runs are counted that have not ended: off indexes that hold none of the others.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { beginning, sampleMessage } from '@reprise/testing/store-suite'
import { QUEUE_STATEMENTS } from './queue.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-queue-'))
const path = join(folder, 'runs.db')
afterAll(() => rmSync(folder, { recursive: true }))

const many = (count: number, name: string, rest: Parameters<typeof beginning>[1]) =>
  Array.from({ length: count }, (_, index) => beginning(`${name} ${index}`, { owner: null, ...rest }))

beforeAll(async () => {
  const store = sqlite(path, { durability: 'process' })
  await store.commit([
    ...many(3_000, 'ended', { status: 'completed', endedAt: 1 }),
    ...many(500, 'queued', { status: 'queued' }),
    ...many(200, 'waiting', { status: 'waiting', wakeAt: 1_000 }),
    ...many(100, 'owned', { owner: 'ann' }),
    ...many(20, 'given back', { status: 'running' }),
  ])
  await store.send(sampleMessage('waiting 7', 'a'))
  await store.close()
})

test.each(['as they are', 'after analyze'])(
  'no run that has ended is looked at, with the statistics of SQLite %s',
  (when) => {
    const db = new Database(path)
    if (when === 'after analyze') db.exec('analyze')
    const planOf = (sql: string): readonly string[] =>
      db
        .prepare<[unknown], { detail: string }>(`explain query plan ${sql}`)
        .all({ now: 999, kind: '', name: '' })
        .map(({ detail }) => detail)
        .filter((detail) => / (runs|inbox|entries)\b/.test(detail))
    expect(Object.fromEntries(Object.entries(QUEUE_STATEMENTS).map(([name, sql]) => [name, planOf(sql)]))).toEqual({
      IDLE: ['SCAN runs USING INDEX runs_idle'],
      OWNED: ['SEARCH runs USING INDEX runs_owner (owner>?)'],
      MAIL: ['SCAN inbox USING INDEX sqlite_autoindex_inbox_1', 'SEARCH runs USING INTEGER PRIMARY KEY (rowid=?)'],
      GIVEN_BACK: [
        'SEARCH runs USING INDEX runs_idle (status=? AND kind=? AND name=?)',
        'SEARCH entries USING INDEX sqlite_autoindex_entries_1 (run=?)',
      ],
    })
    const rows = db.exec('analyze').prepare("select idx, cast(stat as integer) from sqlite_stat1 where tbl = 'runs'")
    expect(Object.fromEntries(rows.raw().all() as [string, number][])).toMatchObject({
      runs_idle: 720,
      runs_owner: 100,
    })
    db.close()
  },
)
