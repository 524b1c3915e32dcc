import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { textDiff } from './text-diff.ts'

test('the changed lines stand between two of those around them', () => {
  const before = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12']
  const after = ['1', '2', '3', '4', 'five', '6', '7', '8', '9', '10', '11', '12', '13']
  expect(textDiff(before.join('\n'), after.join('\n')).map((line) => stripVTControlCharacters(line))).toEqual([
    '  3',
    '  4',
    '- 5',
    '+ five',
    '  6',
    '  7',
    '  …',
    '  11',
    '  12',
    '+ 13',
  ])
})
