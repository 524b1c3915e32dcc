import { expect, test } from 'vitest'
import { call, resultOf, told } from '../call.fixture.ts'
import { tempFolder } from '../temp-folder.fixture.ts'
import { readCsv } from './read-csv.ts'

function toolOver(content: string | Uint8Array) {
  return readCsv({ root: tempFolder({ 'a.csv': content }) })
}

test('rows come as lists of text below the names of their columns', async () => {
  expect(await told(toolOver('date,amount\n2026-01-02,"1,234.50"\n2026-01-03,007\n'), { path: 'a.csv' })).toBe(
    '{"columns":["date","amount"],"rows":[["2026-01-02","1,234.50"],["2026-01-03","007"]]}',
  )
})

test.each([
  ['a comma', 'a,b\n1,2\n'],
  ['a semicolon', 'a;b\n1;2\n'],
  ['a tab', 'a\tb\n1\t2\n'],
  ['a bar', 'a|b\n1|2\n'],
  ["Excel's first line", 'sep=^\r\na^b\r\n1^2\r\n'],
  ['a comma, with quotes', '"a","b"\n"1","2"\n'],
  ['a comma, with line ends of old', 'a,b\r1,2\r'],
  ['a comma, with line ends of two kinds', 'a,b\r\n1,2\n'],
  ['a comma, with empty lines', '\na,b\n\n1,2\n\n'],
])('%s between fields is found', async (_, content) => {
  expect(await resultOf(toolOver(content), { path: 'a.csv' })).toEqual({ columns: ['a', 'b'], rows: [['1', '2']] })
})

test.each([
  [
    'commas in numbers',
    'item;price\nx;1,50\ny;2,75\n',
    [
      ['x', '1,50'],
      ['y', '2,75'],
    ],
  ],
  [
    'semicolons in text',
    'item,price\nx; red,1\ny; blue,2\n',
    [
      ['x; red', '1'],
      ['y; blue', '2'],
    ],
  ],
  [
    'line ends and delimiters in quotes',
    'item,price\n"x;\ny;\nz",1\n"a;b",2\n',
    [
      ['x;\ny;\nz', '1'],
      ['a;b', '2'],
    ],
  ],
  [
    'a quote inside of a field',
    'item,price\n5" pipe,1\n"say ""hi""",2\n',
    [
      ['5" pipe', '1'],
      ['say "hi"', '2'],
    ],
  ],
])('%s do not mislead', async (_, content, rows) => {
  expect(await resultOf(toolOver(content), { path: 'a.csv' })).toEqual({ columns: ['item', 'price'], rows })
})

test.each([
  ['UTF-8', Buffer.from('näme;€\nÄ;1\n')],
  ['UTF-8 with a mark', Buffer.from('\uFEFFnäme;€\nÄ;1\n')],
  ['UTF-16, little end first', Buffer.from('\uFEFFnäme;€\nÄ;1\n', 'utf16le')],
  ['UTF-16, big end first', Buffer.from('\uFEFFnäme;€\nÄ;1\n', 'utf16le').swap16()],
  ['windows-1252', Buffer.from('n\xe4me;\x80\n\xc4;1\n', 'latin1')],
])('%s is found', async (_, content) => {
  expect(await resultOf(toolOver(content), { path: 'a.csv' })).toEqual({ columns: ['näme', '€'], rows: [['Ä', '1']] })
})

test('one byte at the end of a large file decides its encoding', async () => {
  const rows = Buffer.from(`name;n\n${'Anna;1\n'.repeat(40_000)}`)
  const last = Buffer.from('J\xfcrgen;2\n', 'latin1')
  expect(await resultOf(toolOver(Buffer.concat([rows, last])), { path: 'a.csv', offset: 40_000 })).toEqual({
    columns: ['name', 'n'],
    rows: [['Jürgen', '2']],
  })
})

test('a character may lie across two pieces of the file', async () => {
  const cell = 'ü'.repeat(100_001)
  const { rows } = (await resultOf(toolOver(`x,y\nz${cell},1\n`), { path: 'a.csv' })) as { rows: string[][] }
  expect(rows).toEqual([[`z${'ü'.repeat(1_999)}… (98002 more characters)`, '1']])
})

test('rows are paged, and columns chosen in the order asked for', async () => {
  const tool = toolOver(`id,name,city\n${Array.from({ length: 250 }, (_, index) => `${index},n${index},c\n`).join('')}`)
  const ask = { path: 'a.csv', columns: ['name', 'id'], offset: 100, limit: 2 }
  expect(await resultOf(tool, ask)).toEqual({
    columns: ['name', 'id'],
    rows: [
      ['n100', '100'],
      ['n101', '101'],
    ],
    note: 'There are more rows. Read on with offset 102.',
  })
  const first = (await resultOf(tool, { path: 'a.csv' })) as { rows: string[][]; note: string }
  expect([first.rows.length, first.note]).toEqual([100, 'There are more rows. Read on with offset 100.'])
  expect(await resultOf(tool, { path: 'a.csv', columns: ['id'], offset: 249 })).toEqual({
    columns: ['id'],
    rows: [['249']],
  })
  expect(await resultOf(tool, { path: 'a.csv', columns: ['id'], offset: 250 })).toEqual({
    columns: ['id'],
    rows: [],
    note: 'There is no row at offset 250: the file has 250 rows.',
  })
})

test('a page ends where it would be too long', async () => {
  const tool = toolOver(`text\n${`${'x'.repeat(1_500)}\n`.repeat(100)}`)
  const { rows, note } = (await resultOf(tool, { path: 'a.csv' })) as { rows: string[][]; note: string }
  expect([rows.length, note]).toEqual([26, 'There are more rows. Read on with offset 26.'])
})

test('a file without a header has columns by number', async () => {
  expect(await resultOf(toolOver('1;2\n3;4\n'), { path: 'a.csv', header: false, columns: ['column 2'] })).toEqual({
    columns: ['column 2'],
    rows: [['2'], ['4']],
  })
})

test('names of columns are made unique, and those that are missing are made up', async () => {
  expect(await resultOf(toolOver('a,a,"",a (2), b \n1,2,3,4,5\n'), { path: 'a.csv' })).toEqual({
    columns: ['a', 'a (2)', 'column 3', 'a (2) (2)', 'b'],
    rows: [['1', '2', '3', '4', '5']],
  })
})

test('rows of another width are read, and it is said', async () => {
  expect(await resultOf(toolOver('a,b\n1\n1,2,3\n1,2\n'), { path: 'a.csv' })).toEqual({
    columns: ['a', 'b'],
    rows: [
      ['1', ''],
      ['1', '2'],
      ['1', '2'],
    ],
    note: '2 of these rows have another number of fields than there are columns.',
  })
})

test('a column that is not there is told with those that are', async () => {
  expect(await call(toolOver('date,amount\n1,2\n'), { path: 'a.csv', columns: ['Amount'] })).toEqual({
    told: '"a.csv" has no column "Amount". It has: "date", "amount".',
    attempts: [{ code: 'no_column' }],
  })
})

test('an empty file has no rows', async () => {
  expect(await resultOf(toolOver(''), { path: 'a.csv' })).toEqual({
    columns: [],
    rows: [],
    note: 'There is no row at offset 0: the file has 0 rows.',
  })
})

test('a file over the limit is refused', async () => {
  const tool = readCsv({ root: tempFolder({ 'a.csv': 'a,b\n1,2\n' }), maxBytes: 4 })
  expect((await call(tool, { path: 'a.csv' })).attempts).toEqual([{ code: 'file_too_large' }])
})
