import { expect, test } from 'vitest'
import { call, resultOf } from '../call.fixture.ts'
import { tempFolder } from '../temp-folder.fixture.ts'
import { readCsv } from './read-csv.ts'

function toolOver(content: string | Uint8Array) {
  return readCsv({ root: tempFolder({ 'a.csv': content }) })
}

test.each([
  [
    'a quote that is never closed',
    'a,b\n"x,1\ny,2\n',
    'bad_csv',
    '"a.csv" cannot be read as CSV: Quote Not Closed: the parsing is finished with an opening quote at line 3. Read it as text instead.',
  ],
  [
    'a quote that is never closed in a large file',
    `a,b\n"x,1\n${'y,2\n'.repeat(300_000)}`,
    'bad_csv',
    '"a.csv" cannot be read as CSV: Max Record Size: record exceed the maximum number of tolerated bytes of 1000000 at line 250002. Read it as text instead.',
  ],
  [
    'a line without end',
    'x'.repeat(1_500_000),
    'bad_csv',
    '"a.csv" cannot be read as CSV: Max Record Size: record exceed the maximum number of tolerated bytes of 1000000 at line 1. Read it as text instead.',
  ],
  [
    'binary data',
    Buffer.from([0, 1, 0, 0, 3, 4, 0, 0]),
    'binary_file',
    '"a.csv" is no text but binary data. Go on without it.',
  ],
])('%s is told, once', async (_, content, code, told) => {
  expect(await call(toolOver(content), { path: 'a.csv' })).toEqual({ told, attempts: [{ code }] })
})

test('a fault further on than is read does not matter', async () => {
  const content = `a,b\n${'1,2\n'.repeat(100_000)}"x`
  expect(await resultOf(toolOver(content), { path: 'a.csv', limit: 1 })).toEqual({
    columns: ['a', 'b'],
    rows: [['1', '2']],
    note: 'There are more rows. Read on with offset 1.',
  })
})

test('a hundred thousand columns of one name are cut to 200', async () => {
  const wide = `${'a,'.repeat(49_999)}a\n`
  const before = process.cpuUsage()
  const page = (await resultOf(toolOver(wide + wide), { path: 'a.csv' })) as { columns: string[]; note: string }
  expect(process.cpuUsage(before).user).toBeLessThan(2_000_000)
  expect([page.columns.length, page.columns.at(-1)]).toEqual([200, 'a (200)'])
  expect(page.note).toBe('Only 200 columns are given. Ask for the others by their names.')
})

test('a row of long cells is cut to what one call gives', async () => {
  const row = Array.from({ length: 200 }, () => 'x'.repeat(4_000)).join(',')
  const tool = toolOver(`${row}\n${row}\n`)
  const page = (await resultOf(tool, { path: 'a.csv', header: false })) as { rows: string[][]; note: string }
  expect(page.rows).toEqual([Array.from({ length: 200 }, () => `${'x'.repeat(200)}… (3800 more characters)`)])
  expect(page.note).toBe('There are more rows. Read on with offset 1.')
})
