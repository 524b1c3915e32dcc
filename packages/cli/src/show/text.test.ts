import { expect, test } from 'vitest'
import { harmless, indent, oneLine, quote, short } from './text.ts'

test('what a terminal would obey is shown as what it is not, however deep it stands', () => {
  expect(harmless({ a: ['a\u001B[2Jb\u0007c\u009Bd\u202Ee\r\nf\tg', 1, null], '\u009B': '\u2028' })).toEqual({
    a: ['a\uFFFD[2Jb\uFFFDc\uFFFDd\uFFFDe\uFFFD\nf\tg', 1, null],
    '\uFFFD': '\uFFFD',
  })
})

test('a text on one line is whole', () => {
  expect(oneLine(` two\n  lines\u0085 ${'x'.repeat(200)}`)).toBe(`two lines\uFFFD ${'x'.repeat(200)}`)
})

test('a text stands on one line, cut where it is long', () => {
  expect(short(' two\n  lines ')).toBe('two lines')
  expect(short('x'.repeat(160))).toBe('x'.repeat(160))
  expect(short('x'.repeat(161))).toBe(`${'x'.repeat(159)}…`)
})

test('lines are indented, empty ones are left as they are', () => {
  expect(indent('a\n\n b')).toBe('  a\n\n   b')
})

test.each([
  ['ticket-1', 'ticket-1'],
  ['night/map/item:0', 'night/map/item:0'],
  ['a#1', "'a#1'"],
  ["it's", String.raw`'it'\''s'`],
  ['', "''"],
])('%s is %s for a shell', (word, quoted) => {
  expect(quote(word)).toBe(quoted)
})
