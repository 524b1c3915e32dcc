// What must not work: writing in every disguise, and queries that would never end.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { CallContext } from '@reprise/core'
import { call, resultOf } from '../call.fixture.ts'
import { tempFolder } from '../temp-folder.fixture.ts'
import { queryProcesses, worked } from './query-processes.fixture.ts'
import { querySqlite } from './query-sqlite.ts'

let shop: Buffer
let folder: string
let file: string

beforeAll(() => {
  const db = new Database(':memory:')
  db.exec(`
    create table orders (id integer primary key, note text);
    insert into orders values (1, 'first');
    create table log (line text);
    create view orders_view as select * from orders;
    create trigger orders_in instead of insert on orders_view begin insert into log values ('in'); end;
    create virtual table words using fts5(word);
  `)
  shop = db.serialize()
  db.close()
})

beforeEach(() => {
  folder = tempFolder({ 'shop.db': shop })
  file = join(folder, 'shop.db')
})

function state(): string[] {
  return readdirSync(folder).map(
    (name) =>
      `${name} ${createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')}`,
  )
}

const NUMBERS = 'with recursive n(x) as (select 1 union all select x + 1 from n)'
const ENDLESS = `${NUMBERS} select count(*) from n`

/** Waits until a query process of a process works. */
async function busyProcess(of: number | undefined): Promise<string> {
  const before = new Map(queryProcesses(of).map((pid) => [pid, worked(pid)]))
  const busy = () => queryProcesses(of).find((pid) => worked(pid) - (before.get(pid) ?? 0) > 50)
  await expect.poll(busy).toBeDefined()
  return busy() ?? ''
}

/** Half a gigabyte takes a while to fill: `npm run thorough` tries all of them, `npm test` the first. */
function sampled<T>(rows: T[]): T[] {
  return process.env['REPRISE_ALL'] ? rows : rows.slice(0, 1)
}

describe('nothing is written, here or elsewhere:', () => {
  test.each([
    ["insert into orders values (2, 'x')"],
    ["insert into orders values (2, 'x') returning *"],
    ['update orders set note = 1'],
    ['update orders set note = 1 returning *'],
    ['delete from orders'],
    ['delete from orders returning *'],
    ["replace into orders values (1, 'x')"],
    ['with t as (select 5 as id) insert into orders (id) select id from t'],
    ['with t as (select 5 as id) insert into orders (id) select id from t returning *'],
    ['with t as (select 1) update orders set note = 1 returning *'],
    ['WITH t AS (SELECT 1) DELETE FROM orders RETURNING *'],
    ["with t as (select 1) replace into orders values (1, 'x') returning *"],
    ["insert into orders_view values (2, 'x')"],
    ["with t as (select 1) insert into orders_view values (2, 'x') returning *"],
    ["insert into words(words) values ('optimize')"],
    ["with t as (select 1) insert into words(words) values ('rebuild') returning *"],
    ['create table t (a)'],
    ['create temp table t (a)'],
    ['create table t as select * from orders'],
    ['create index i on orders (note)'],
    ['create view v as select 1'],
    ['drop table orders'],
    ['alter table orders rename to o'],
    ['reindex'],
    ['analyze'],
    ['vacuum'],
    ["vacuum into 'FOLDER/copy.db'"],
    ["VACUUM main INTO 'FOLDER/copy.db'"],
    ["attach 'FOLDER/other.db' as other"],
    ["attach database 'file:FOLDER/other.db?mode=rwc' as other"],
    ["attach ':memory:' as other"],
    ['detach main'],
    ['pragma journal_mode = wal'],
    ['pragma journal_mode'],
    ['pragma user_version = 7'],
    ['pragma writable_schema = on'],
    ['pragma query_only = off'],
    ['pragma wal_checkpoint(truncate)'],
    ['pragma incremental_vacuum'],
    ['pragma optimize'],
    ["pragma temp_store_directory = 'FOLDER'"],
    ['pragma table_info(orders)'],
    ['begin immediate'],
    ['savepoint s'],
    ['commit'],
    ['rollback'],
    ['explain select 1'],
    ['explain query plan select 1'],
    ['select 1; delete from orders'],
    ['select 1; select 2'],
    ['select 1; ; vacuum'],
    ["select 1; attach 'FOLDER/other.db' as other"],
    [';delete from orders'],
    ['/* select */ delete from orders'],
    ['/**/delete from orders'],
    ['/* /* */ delete from orders -- */ select 1'],
    ['-- select\ndelete from orders'],
    ['--\rselect 1\ndelete from orders'],
    ['\uFEFFdelete from orders'],
    ['\u00A0select 1'],
    ['select\u0000 1; delete from orders'],
    ['selectx'],
    ['(select 1)'],
    ['/* never closed'],
    ['-- only this'],
    [''],
    [' \n\t'],
    [';'],
    ["select load_extension('x')"],
    ["select writefile('FOLDER/x', 'x')"],
    ["select readfile('/etc/passwd')"],
    ["select edit('x')"],
    ["select fts3_tokenizer('simple', x'4141414141414141')"],
    ['select * from pragma_user_version(7)'],
    ['select * from pragma_wal_checkpoint'],
    ['select * from sqlite_dbpage'],
    ['select * from other.orders'],
    ["select * from 'FOLDER/other.db'.orders"],
  ])('%s', async (sql) => {
    const before = state()
    const { told, attempts } = await call(querySqlite({ file }), { sql: sql.replaceAll('FOLDER', folder) })
    expect(attempts).toEqual([{ code: expect.stringMatching(/^(?:not_a_query|bad_sql)$/) as string }])
    expect(told).toMatch(
      /^(?:The statement .*, and this tool only reads: one SELECT, WITH \.\.\. SELECT or VALUES\. For the tables use: SELECT name, sql FROM sqlite_schema\.|SQLite says: .* Mend the query and call again\.)$/s,
    )
    expect(state()).toEqual(before)
  })

  test('a query that is too long is not run', async () => {
    expect(await call(querySqlite({ file }), { sql: `select ${'1 + '.repeat(10_000)}1` })).toEqual({
      told: 'The query is longer than 20000 characters. Make it shorter.',
      attempts: [{ code: 'sql_too_long' }],
    })
  })

  test('comments without end take no time to refuse', async () => {
    const before = process.cpuUsage()
    await call(querySqlite({ file }), { sql: '/*a*/'.repeat(3_990) + 'x' })
    await call(querySqlite({ file }), { sql: `/*${'*'.repeat(19_000)}` })
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000)
  })
})

describe('a query is stopped', () => {
  test.each([
    ['that counts for ever', ENDLESS],
    ['that looks for ever for one row', `${NUMBERS} select x from n where x < 0`],
    [
      'over a product of many rows',
      `with n(x) as (select value from json_each('[${'1,'.repeat(99)}1]')) select count(*) from n a, n b, n c, n d, n e, n f`,
    ],
  ])('%s', async (_, sql) => {
    expect(await call(querySqlite({ file, timeoutMs: 100 }), { sql })).toEqual({
      told: 'The query took longer than 100 ms and was stopped. Make it look at fewer rows.',
      attempts: [{ code: 'query_timeout' }],
    })
  })

  test.each(
    sampled([
      [
        'that puts long texts together',
        `select group_concat(printf('%.*c', 1000000, 'x')) from (${NUMBERS} select x from n)`,
      ],
      ['that sorts for ever', `${NUMBERS} select x from n order by printf('%.*c', 10000, 'x') desc`],
      ['with a value of a gigabyte', "select hex(zeroblob(499999999)) || ''"],
      [
        'that makes one text longer and longer',
        `with recursive n(x) as (select 'xxxxxxxx' union all select x || x from n) select count(*) from n`,
      ],
    ]),
  )('%s, before the machine has no memory left', async (_, sql) => {
    const { told, attempts } = await call(querySqlite({ file, timeoutMs: 80_000 }), { sql })
    expect(attempts).toEqual([{ code: expect.stringMatching(/^(?:query_memory|bad_sql)$/) as string }])
    expect(told).toMatch(/^(?:The query took too much memory and was stopped\.|SQLite says: string or blob too big\.)/)
  })

  test.skipIf(process.platform !== 'linux')('when its call is aborted', { tags: 'slow' }, async () => {
    const aborting = new AbortController()
    onTestFinished(() => aborting.abort())
    const context = { signal: aborting.signal } as CallContext
    const running = querySqlite({ file, timeoutMs: 600_000 }).execute({ sql: ENDLESS }, context)
    const pid = await busyProcess(process.pid)
    aborting.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false)
  })

  test('while others go on', { tags: 'slow' }, async () => {
    const endless = Array.from({ length: 2 }, () => call(querySqlite({ file, timeoutMs: 300 }), { sql: ENDLESS }))
    const short = Array.from({ length: 6 }, () => resultOf(querySqlite({ file }), { sql: 'select id from orders' }))
    expect(await Promise.all(short)).toEqual(Array.from({ length: 6 }, () => ({ columns: ['id'], rows: [[1]] })))
    expect((await Promise.all(endless)).map(({ attempts }) => attempts)).toEqual([
      [{ code: 'query_timeout' }],
      [{ code: 'query_timeout' }],
    ])
  })

  test.skipIf(process.platform !== 'linux')('when the program that asked is killed', { tags: 'slow' }, async () => {
    const program = `
      import { querySqlite } from ${JSON.stringify(new URL('query-sqlite.ts', import.meta.url).href)}
      const tool = querySqlite({ file: ${JSON.stringify(file)}, timeoutMs: 600_000 })
      await tool.execute({ sql: ${JSON.stringify(ENDLESS)} }, { signal: new AbortController().signal })
    `
    const asking = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'inherit' })
    onTestFinished(() => void asking.kill('SIGKILL'))
    const pid = await busyProcess(asking.pid)
    asking.kill('SIGKILL')
    await once(asking, 'exit')
    await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false)
  })
})
