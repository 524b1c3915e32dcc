import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromCsv, fromJsonl } from '@reprise/evals'
import { expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'reprise-evals-'))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('JSON lines are rows, and one without an id has its line’s', async () => {
  const path = file(
    'a.jsonl',
    '\uFEFF{"id":"a","input":"x","expected":{"total":1}}\r\n\n{"input":{"n":1},"context":{"c":2}}\n',
  )
  expect(await fromJsonl(path)()).toEqual([
    { id: 'a', input: 'x', expected: { total: 1 } },
    { id: 'line-3', input: { n: 1 }, context: { c: 2 } },
  ])
  const made = await fromJsonl(path, (held, line) => ({ id: `r${line}`, input: JSON.stringify(held) }))()
  expect(made.map(({ id }) => id)).toEqual(['r1', 'r3'])
})

test('a file that is not there is told by its path', async () => {
  const nowhere = join(folder, 'nowhere')
  for (const read of [fromJsonl(nowhere), fromCsv(nowhere)])
    await expect(read()).rejects.toThrow(`There is no file at ${nowhere}. Check the path`)
  await expect(fromJsonl(folder)()).rejects.toThrow(`${folder} is a folder. Give the path of a file.`)
})

test('a line that is no row is told by its number', async () => {
  const read = (text: string) => fromJsonl(file('b.jsonl', text))()
  await expect(read('{"input":"x"}\n{"input":')).rejects.toThrow('Line 2 of b.jsonl is no JSON: ')
  await expect(read('3')).rejects.toThrow('Line 1 of b.jsonl is 3, which is no row. Give { id, input, expected }.')
  await expect(read('{"input":"x","expectd":1}')).rejects.toThrow(
    'Line 1 of b.jsonl has "expectd", which is no part of a row. It may have id, input, context, expected; or say by a function how a row is made of it.',
  )
  await expect(read('{"id":"a"}')).rejects.toThrow('Line 1 of b.jsonl ("a") has no input.')
})

test('CSV has its columns by name, and objects by dots', async () => {
  const path = file('c.csv', '\uFEFFid,input,expected.total,expected.currency\na,"My lamp,\nbroken",30,USD\n,x,1,EUR\n')
  expect(await fromCsv(path)()).toEqual([
    { id: 'a', input: 'My lamp,\nbroken', expected: { total: '30', currency: 'USD' } },
    { id: 'line-4', input: 'x', expected: { total: '1', currency: 'EUR' } },
  ])
  const numbers = fromCsv(path, (columns, line) => ({
    id: `r${line}`,
    input: columns['input'] ?? '',
    expected: Number(columns['expected.total']),
  }))
  expect((await numbers()).map(({ expected }) => expected)).toEqual([30, 1])
})

test('CSV that cannot be read is told with its place', async () => {
  const read = (text: string) => fromCsv(file('d.csv', text))()
  await expect(read('id,input,exp\na,b,c\n')).rejects.toThrow('Line 2 of d.csv has "exp", which is no part of a row.')
  await expect(read('id,input\na,b,c\n')).rejects.toThrow('d.csv cannot be read as CSV: ')
  await expect(fromCsv(join(folder, 'none.csv'))()).rejects.toThrow('none.csv')
})
