import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, describe, expect, test } from 'vitest'
import { beginning, sampleEntry } from '@reprise/testing/store-suite'
import { APPLICATION_ID, MIGRATIONS } from './schema.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-'))
afterAll(() => rmSync(folder, { recursive: true }))

const INSTRUCTIONS = 'You help customers. '.repeat(300)

async function written(name: string): Promise<Database.Database> {
  const path = join(folder, name)
  const store = sqlite(path)
  const body = { instructions: INSTRUCTIONS, input: 'hello' }
  for (const id of ['r1', 'r2'])
    await store.commit([{ ...beginning(id), entries: [sampleEntry(0, body), sampleEntry(1)] }])
  await store.close()
  return new Database(path)
}

describe('the stored format', () => {
  test('is this, to the byte', async () => {
    const db = await written('pinned.db')
    const pragmas = ['application_id', 'user_version', 'page_size'].map((name) => db.pragma(name, { simple: true }))
    const entries = db
      .prepare('select run, seq, key, kind, attempt, at, body, hex(hash) hash from entries order by id')
      .all()

    expect(pragmas).toEqual([0x52707365, 6, 8192])
    expect(db.prepare('select * from meta').all()).toEqual([{ schema: 6, format: 2, keys: null }])
    expect(entries.slice(0, 2)).toEqual([
      {
        run: 1,
        seq: 0,
        key: 'agent:1/turn:0/call:0',
        kind: 7,
        attempt: 1,
        at: 1_764_000_000_000,
        body: '~[[16,"7eQSnnaCiaLTV5J7JrL1jpv2IOxoRQ3d4YluuXyRrbg"]]\n{"instructions":,"input":"hello"}',
        hash: '91F86F92D7BFD569BC45880F3FBA394DD985A40C8C6D53D88A97974E4007A948',
      },
      {
        run: 1,
        seq: 1,
        key: 'agent:1/turn:1/call:0',
        kind: 7,
        attempt: 1,
        at: 1_764_000_000_001,
        body: '{"name":"find_order","result":1}',
        hash: '82AC9C3323036F2E3893DA75B2AD20AD937DEB474710C154EE8AF6DAED8C4903',
      },
    ])
    db.close()
  })

  test('has all tables from the first version', async () => {
    const db = await written('tables.db')
    const tables = db.prepare("select name from sqlite_schema where type = 'table' order by name").pluck().all()

    expect(tables).toEqual([
      'audit',
      'batch_lines',
      'batches',
      'blob_refs',
      'blobs',
      'budgets',
      'early',
      'entries',
      'fact_words',
      'fact_words_config',
      'fact_words_content',
      'fact_words_data',
      'fact_words_docsize',
      'fact_words_idx',
      'facts',
      'inbox',
      'meta',
      'owners',
      'reservations',
      'run_tags',
      'runs',
      'schedules',
      'secrets',
      'sqlite_sequence',
    ])
    db.close()
  })

  test('keeps what several runs say at length once, and notes who says it', async () => {
    const db = await written('shared.db')

    expect(db.prepare('select bytes from blobs').pluck().all()).toEqual([Buffer.from(JSON.stringify(INSTRUCTIONS))])
    expect(db.prepare('select run from blob_refs order by run').pluck().all()).toEqual([1, 2])
    db.close()
  })
})

test('a run of 1,000 turns with results of 2 KB takes less than 3.6 KB a turn', async () => {
  const [path, begun] = [join(folder, 'long.db'), join(folder, 'begun.db')]
  const other = sqlite(begun, { durability: 'process' })
  await other.commit([beginning('r1')])
  await other.close()
  const store = sqlite(path, { durability: 'process' })
  await store.commit([beginning('r1')])
  for (let turn = 0; turn < 1000; turn++) {
    const reply = sampleEntry(2 * turn + 1, { asked: 'x'.repeat(43), reply: `${turn} `.padEnd(440, 'abc ') })
    const result = sampleEntry(2 * turn + 2, {
      name: 'find_order',
      asked: 'x'.repeat(43),
      result: `${turn} `.padEnd(2048, 'abc '),
    })
    await store.commit([{ runId: 'r1', epoch: 1, entries: [reply] }])
    await store.commit([{ runId: 'r1', epoch: 1, entries: [result] }])
  }
  await store.close()

  expect((statSync(path).size - statSync(begun).size) / 1000).toBeLessThan(3600)
})

test('the runs of a database that kept a beat with each run get their waits, rounds, tags and owners', async () => {
  const path = join(folder, 'beats.db')
  const older = new Database(path)
  for (const step of MIGRATIONS.slice(0, 4)) older.exec(step)
  older.exec(`
    pragma application_id = ${APPLICATION_ID};
    pragma user_version = 4;
    insert into runs (id, lineage_id, kind, name, version, status, waiting, tags, owner, epoch, beat, attempts, created_at, ended_at, totals)
      select id, 'r', kind, 'a', 1, status, waiting, tags, owner, 1, beat, 1, 0, ended_at, '{}'
      from (
        select 'r' as id, 'workflow' as kind, 'completed' as status, null as waiting, '[]' as tags, null as owner, 0 as beat, 5 as ended_at
        union all values
          ('r~2', 'workflow', 'completed', null, '["web"]', null, 0, 6),
          ('r~3', 'workflow', 'running', null, '["web","late"]', 'ann', 7, null),
          ('other', 'agent', 'running', null, '[]', 'ann', 9, null),
          ('odd~7', 'agent', 'waiting', '{"kind":"in-doubt","key":"k","tool":"mail"}', '[]', null, 0, null)
      );
  `)
  older.close()
  const store = sqlite(path)

  expect((await store.runs({})).map(({ id, root, round }) => [id, root, round])).toEqual([
    ['r', 'r', 1],
    ['r~2', 'r', 2],
    ['r~3', 'r', 3],
    ['other', 'other', 1],
    ['odd~7', 'odd~7', 1],
  ])
  expect((await store.newest('r'))?.id).toBe('r~3')
  const doubt = { kind: 'in-doubt', key: 'k', id: 'k', tool: 'mail' }
  expect(await store.run('odd~7')).toMatchObject({ waiting: doubt, waits: [doubt] })
  expect(await store.run('r')).toMatchObject({ waiting: null, waits: [] })
  expect(await store.owners()).toEqual([{ owner: 'ann', heartbeat: 9 }])
  expect((await store.owned('ann')).toSorted()).toEqual(['other', 'r~3'])
  expect((await store.runs({ tag: 'web' })).map(({ id }) => id)).toEqual(['r~2', 'r~3'])
  await store.close()
})

test('the runs of a database that knew no lineages get those of their roots', async () => {
  const path = join(folder, 'older.db')
  const older = new Database(path)
  for (const step of MIGRATIONS.slice(0, 2)) older.exec(step)
  older.exec(`
    pragma application_id = ${APPLICATION_ID};
    pragma user_version = 2;
    insert into runs (id, parent_id, kind, name, version, status, tags, epoch, beat, attempts, created_at, totals)
      select id, parent, 'agent', 'a', 1, 'completed', '[]', 1, 0, 1, 0, '{}'
      from (select 'r' as id, null as parent union all values ('c', 'r'), ('g', 'c'), ('s', null));
  `)
  older.close()
  const store = sqlite(path)

  expect((await store.runs({})).map(({ id, lineageId }) => [id, lineageId])).toEqual([
    ['r', 'r'],
    ['c', 'r'],
    ['g', 'r'],
    ['s', 's'],
  ])
  await store.close()
})
