import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeEach, expect, test } from 'vitest'
import { call, resultOf, told } from '../call.fixture.ts'
import { tempFolder } from '../temp-folder.fixture.ts'
import { querySqlite } from './query-sqlite.ts'

let file: string

beforeEach(() => {
  file = join(tempFolder(), 'shop.db')
  const db = new Database(file)
  db.exec(`
    create table orders (id integer primary key, note text, total real, scan blob);
    insert into orders values (1, 'first', 12.5, null), (2, 'with " and é', 0.1, x'00ff00');
    create view large as select * from orders where total > 10;
  `)
  db.close()
})

test('rows come as lists below the names of their columns', { tags: 'slow' }, async () => {
  expect(await told(querySqlite({ file }), { sql: 'select id, note, total from orders order by id' })).toBe(
    String.raw`{"columns":["id","note","total"],"rows":[[1,"first",12.5],[2,"with \" and é",0.1]]}`,
  )
})

test.each([
  ['select count(*) from large', [[1]]],
  ['with t as (select sum(total) as s from orders) select s > 12 from t', [[1]]],
  [
    "values (1, 'a'), (2, 'b')",
    [
      [1, 'a'],
      [2, 'b'],
    ],
  ],
  ['-- all of them\n/* really */ select 1;', [[1]]],
  ['SELECT 1 -- and no more', [[1]]],
  ["select name from pragma_table_info('orders') where pk", [['id']]],
  ["select json_extract('{\"a\":[1,2]}', '$.a[1]')", [[2]]],
  ['select 1 where false', []],
])('%s', async (sql, rows) => {
  expect(await resultOf(querySqlite({ file }), { sql })).toMatchObject({ rows })
})

test('what JSON cannot say comes as text', async () => {
  const sql = `select 9007199254740991, 9007199254740993, -9223372036854775808, 9e999, 1.5, null, scan, char(0) from orders where id = 2`
  expect(await resultOf(querySqlite({ file }), { sql })).toMatchObject({
    rows: [[9007199254740991, '9007199254740993', '-9223372036854775808', 'Infinity', 1.5, null, '(3 bytes)', '\0']],
  })
})

test('many rows are cut, and it is said', async () => {
  const sql = 'with recursive n(x) as (select 1 union all select x + 1 from n limit 1000) select x from n'
  expect(await resultOf(querySqlite({ file, maxRows: 3 }), { sql })).toEqual({
    columns: ['x'],
    rows: [[1], [2], [3]],
    note: 'Only the first 3 rows are given. Use WHERE, LIMIT and OFFSET, or count and sum in SQL.',
  })
  expect(await resultOf(querySqlite({ file, maxRows: 1_000 }), { sql: `${sql} limit 1000` })).not.toHaveProperty('note')
})

test('long rows are cut to 40,000 characters, long values to 2,000', async () => {
  const sql = `with recursive n(x) as (select 1 union all select x + 1 from n limit 50) select printf('%.*c', 5000, 'x') as long from n`
  const { rows, note } = (await resultOf(querySqlite({ file }), { sql })) as { rows: string[][]; note: string }
  expect(rows).toHaveLength(19)
  expect(rows[0]).toEqual([`${'x'.repeat(2_000)}… (3000 more characters)`])
  expect(note).toContain('Only the first 19 rows are given.')
})

test.each([
  ['select nope from orders', 'SQLite says: no such column: nope. Mend the query and call again.'],
  [
    'select * from order_lines',
    'SQLite says: no such table: order_lines. There are: large, orders. Mend the query and call again.',
  ],
  ['select from', 'SQLite says: near "from": syntax error. Mend the query and call again.'],
  ['select * from orders where id = ?', 'The query has parameters. Write the values into it.'],
  ['select * from orders where id = :id', 'The query has parameters. Write the values into it.'],
])('a query that cannot be right is told, once: %s', async (sql, message) => {
  expect(await call(querySqlite({ file }), { sql })).toEqual({ told: message, attempts: [{ code: 'bad_sql' }] })
})

test('a database that is being written is read all the same', async () => {
  const writer = new Database(file)
  writer.pragma('journal_mode = wal')
  writer.exec("begin immediate; insert into orders (note) values ('not yet')")
  expect(await resultOf(querySqlite({ file }), { sql: 'select count(*) from orders' })).toMatchObject({ rows: [[2]] })
  writer.exec('commit')
  expect(await resultOf(querySqlite({ file }), { sql: 'select count(*) from orders' })).toMatchObject({ rows: [[3]] })
  writer.close()
})

test('a database that is locked is tried again, then told', { tags: 'slow' }, async () => {
  const writer = new Database(file)
  writer.exec('begin exclusive')
  expect(await call(querySqlite({ file }), { sql: 'select 1 from orders' })).toEqual({
    told: 'The database is being written. Try again.',
    attempts: Array.from({ length: 3 }, () => ({ code: 'database_busy' })),
  })
  writer.close()
})

test.each([
  ['is not there', 'gone.db', 'SQLITE_CANTOPEN: unable to open database file'],
  ['is none', 'text.db', 'SQLITE_NOTADB: file is not a database'],
  ['is a folder', '.', 'SQLITE_IOERR_READ: disk I/O error'],
])('a database that %s is told, once', async (_, name, why) => {
  const root = tempFolder({ 'text.db': 'no database at all, but as long as the head of one would be'.repeat(20) })
  expect(await call(querySqlite({ file: join(root, name) }), { sql: 'select * from sqlite_schema' })).toEqual({
    told: `The database cannot be read (${why}). Say so instead of trying again.`,
    attempts: [{ code: 'bad_database' }],
  })
})

test('a file that is no path is refused when the tool is made', () => {
  expect(() => querySqlite({ file: '' })).toThrow(
    'Tool "query_sqlite" has the file "". It must be the path of a SQLite database.',
  )
})
