import { expect, test } from 'vitest'
import { call, resultOf } from '../call.fixture.ts'
import { tempFolder } from '../temp-folder.fixture.ts'
import { searchFiles } from './search-files.ts'

test('lines are found in all files, whatever their case', async () => {
  const root = tempFolder({
    'a.txt': 'one\nInvoice 4711\n',
    'b/c.txt': '  invoice 4711 again\r\nno\n',
    'd.txt': 'nothing',
  })
  expect(await resultOf(searchFiles({ root }), { text: 'INVOICE 4711' })).toEqual({
    matches: [
      { path: 'a.txt', line: 2, text: 'Invoice 4711' },
      { path: 'b/c.txt', line: 1, text: 'invoice 4711 again' },
    ],
  })
})

test('one folder is searched when it is named', async () => {
  const root = tempFolder({ 'a.txt': 'x', 'b/c.txt': 'x' })
  expect(await resultOf(searchFiles({ root }), { text: 'x', folder: 'b' })).toEqual({
    matches: [{ path: 'b/c.txt', line: 1, text: 'x' }],
  })
})

test('a long line is cut to what is around the text', async () => {
  const root = tempFolder({ 'a.txt': `${'a'.repeat(5_000)}needle${'b'.repeat(5_000)}` })
  expect(await resultOf(searchFiles({ root }), { text: 'needle' })).toEqual({
    matches: [{ path: 'a.txt', line: 1, text: `…${'a'.repeat(100)}needle${'b'.repeat(100)}…` }],
  })
})

test('signs of patterns are plain text', async () => {
  const root = tempFolder({ 'a.txt': 'aaaaaaaaaaaaaaaaaaaaaaaa!\n(a+)+$\n' })
  expect(await resultOf(searchFiles({ root }), { text: '(a+)+$' })).toEqual({
    matches: [{ path: 'a.txt', line: 2, text: '(a+)+$' }],
  })
})

test('more than 100 lines are cut, and it is said', async () => {
  const root = tempFolder({ 'a.txt': 'x\n'.repeat(200_000) })
  const { matches, note } = (await resultOf(searchFiles({ root }), { text: 'x' })) as {
    matches: object[]
    note: string
  }
  expect(matches).toHaveLength(100)
  expect(note).toBe('Only the first 100 lines are given. Search for a longer text, or in one folder.')
})

test('files that are no text or too large are passed over, and it is said', async () => {
  const root = tempFolder({ 'a.bin': Buffer.from('x\0\0\0'), 'b.txt': 'x'.repeat(5_000_001), 'c.txt': 'x' })
  expect(await resultOf(searchFiles({ root }), { text: 'x' })).toEqual({
    matches: [{ path: 'c.txt', line: 1, text: 'x' }],
    note: '2 files were not searched: they are too large or no text.',
  })
})

test('an empty text is not searched for', async () => {
  expect(await call(searchFiles({ root: tempFolder() }), { text: ' ' })).toEqual({
    told: 'The text to find is empty. Say what to find.',
    attempts: [{ code: 'no_text' }],
  })
})
