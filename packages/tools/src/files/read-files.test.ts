import { expect, test } from 'vitest'
import { call, told } from '../call.fixture.ts'
import { tempFolder } from '../temp-folder.fixture.ts'
import { readFiles } from './read-files.ts'

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('')

test('a file is shown with its path, its lines and how many there are', async () => {
  const root = tempFolder({ 'notes/a.txt': 'one\ntwo\r\nthree\n' })
  expect(await told(readFiles({ root }), { path: 'notes/a.txt' })).toBe(
    '<file path="notes/a.txt" lines="1-3" of="3">\none\ntwo\nthree\n</file>',
  )
})

test('some lines are shown, and where to go on', async () => {
  const tool = readFiles({ root: tempFolder({ 'a.txt': lines(10) }) })
  expect(await told(tool, { path: 'a.txt', fromLine: 4, lines: 2 })).toBe(
    '<file path="a.txt" lines="4-5" of="10">\nline 4\nline 5\n</file>\nThere are more lines. Read on with fromLine 6.',
  )
  expect(await told(tool, { path: 'a.txt', fromLine: 9, lines: 2 })).toBe(
    '<file path="a.txt" lines="9-10" of="10">\nline 9\nline 10\n</file>',
  )
})

test('a long file is shown by 400 lines and 40,000 characters, a long line by 2,000', async () => {
  const tool = readFiles({
    root: tempFolder({ 'many.txt': lines(1_000), 'wide.txt': `${'x'.repeat(9_000)}\n`.repeat(50) }),
  })
  expect(await told(tool, { path: 'many.txt' })).toContain('lines="1-400" of="1000"')
  const wide = await told(tool, { path: 'wide.txt' })
  expect(wide).toContain('lines="1-19" of="50"')
  expect(wide).toContain(`\n${'x'.repeat(2_000)}… (7000 more characters)\n`)
  expect(wide).toContain('Read on with fromLine 20.')
})

test('a line is never cut inside of a character', async () => {
  const tool = readFiles({ root: tempFolder({ 'a.txt': `${'x'.repeat(1_999)}🙂🙂` }) })
  expect(await told(tool, { path: 'a.txt' })).toContain('x… (4 more characters)')
})

test.each([
  ['UTF-8 with a mark', Buffer.from('\uFEFFGrüße €')],
  ['UTF-16, little end first', Buffer.from('\uFEFFGrüße €', 'utf16le')],
  ['UTF-16, big end first', Buffer.from('\uFEFFGrüße €', 'utf16le').swap16()],
  ['UTF-16 without a mark', Buffer.from('Grüße €', 'utf16le')],
  ['windows-1252', Buffer.from([0x47, 0x72, 0xfc, 0xdf, 0x65, 0x20, 0x80])],
])('text in %s is read', async (_, bytes) => {
  const tool = readFiles({ root: tempFolder({ 'a.txt': bytes }) })
  expect(await told(tool, { path: 'a.txt' })).toBe('<file path="a.txt" lines="1-1" of="1">\nGrüße €\n</file>')
})

test('an empty file is said to be empty', async () => {
  expect(await told(readFiles({ root: tempFolder({ 'a.txt': '' }) }), { path: 'a.txt' })).toBe(
    'The file "a.txt" is empty.',
  )
})

test('a line past the end is told with how many there are', async () => {
  const tool = readFiles({ root: tempFolder({ 'a.txt': lines(3) }) })
  expect(await call(tool, { path: 'a.txt', fromLine: 4 })).toEqual({
    told: '"a.txt" has 3 lines, so there is no line 4. Use a fromLine of 3 or less.',
    attempts: [{ code: 'past_end' }],
  })
})

test.each([
  ['zeros', Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 8, 9, 1, 2, 0])],
  ['one zero, late', Buffer.concat([Buffer.alloc(10_000, 'a'), Buffer.from([0])])],
])('a file with %s is no text', async (_, bytes) => {
  const tool = readFiles({ root: tempFolder({ 'a.bin': bytes }) })
  expect(await call(tool, { path: 'a.bin' })).toEqual({
    told: '"a.bin" is no text but binary data. Go on without it.',
    attempts: [{ code: 'binary_file' }],
  })
})

test('a file over the limit is refused, one of just the limit is read', async () => {
  const tool = readFiles({ root: tempFolder({ 'a.txt': '123456', 'b.txt': '12345' }), maxBytes: 5 })
  expect(await call(tool, { path: 'a.txt' })).toEqual({
    told: '"a.txt" has 6 bytes or more, and this tool takes 5 at most. Go on without it, and say so.',
    attempts: [{ code: 'file_too_large' }],
  })
  expect(await told(tool, { path: 'b.txt' })).toContain('12345')
})

test('a limit that is no count is refused when the tool is made', () => {
  expect(() => readFiles({ root: '.', maxBytes: 0.5 })).toThrow(
    'Tool "read_file" has maxBytes 0.5. It must be a whole number of 1 or more.',
  )
})
