import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { sayDifferences } from './replay.ts'

test('a field that one of the two cards does not have is absent there', () => {
  const difference = { seq: 0, agent: 'clerk', field: 'hosted', recorded: 'absent', today: '[{"kind":"web-search"}]' }
  expect(sayDifferences([difference]).map((line) => stripVTControlCharacters(line))).toEqual([
    '',
    'Changed: the hosted of clerk. A text makes no divergence.',
    '  - absent',
    '  + [',
    '  +   {',
    '  +     "kind": "web-search"',
    '  +   }',
    '  + ]',
  ])
})

test('the agent that a run begins with is told by its name', () => {
  const difference = { seq: 0, agent: 'clerk', field: 'entry', recorded: 'clerk', today: 'desk' }
  expect(sayDifferences([difference]).map((line) => stripVTControlCharacters(line))).toEqual([
    '',
    'Changed: the entry of clerk. A text makes no divergence.',
    '  - clerk',
    '  + desk',
  ])
})
