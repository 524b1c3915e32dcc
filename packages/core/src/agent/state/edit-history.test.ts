import { expect, test } from 'vitest'
import type { Item } from '../../contracts/item.ts'
import { edited, wrongIn } from './edit-history.ts'

const call = (callId: string): Item => ({ kind: 'call', callId, name: 'find', arguments: '{}' })
const result = (callId: string, output: string): Item => ({ kind: 'result', callId, output })
const items: readonly Item[] = [
  { kind: 'user', text: 'Go.' },
  { kind: 'reasoning', text: 'I should look.' },
  call('a'),
  call('b'),
  result('a', 'long'),
  result('b', 'longer'),
  { kind: 'assistant', text: 'Done.' },
]

test('what comes in the place of what is made of the conversation as it was, and the rest is the same', () => {
  const said: Item = { kind: 'assistant', text: 'I looked.' }
  const after = edited(items, [
    { kind: 'result', at: 4, output: 'l…' },
    { kind: 'result', at: 5, output: '' },
  ])
  expect(after).toEqual([...items.slice(0, 4), result('a', 'l…'), result('b', ''), ...items.slice(6)])
  expect(after[6]).toBe(items[6])
  expect(edited(items, [{ kind: 'stretch', from: 1, to: 6, items: [said] }])).toEqual([items[0], said, items[6]])
  expect(edited(items, [{ kind: 'stretch', from: 7, to: 7, items: [said] }])).toEqual([...items, said])
  expect(edited(items, [])).toEqual(items)
})

test.for([
  ['a call that loses its result', { kind: 'stretch', from: 5, to: 6, items: [] }, 'the call "b" lacks its result'],
  [
    'a result that loses its call',
    { kind: 'stretch', from: 1, to: 4, items: [] },
    'the result at 1 lacks its call "a"',
  ],
  [
    'a thought that loses what came of it',
    { kind: 'stretch', from: 2, to: 6, items: [{ kind: 'user', text: '' }] },
    'the thought at 1 lacks what came of it',
  ],
  ['a place that is not there', { kind: 'stretch', from: 5, to: 9, items: [] }, 'it edits 5 to 9 of 7 items'],
  ['what is no result', { kind: 'result', at: 0, output: '' }, 'there is no result at 0'],
] as const)('%s is found', ([, edit, why]) => {
  expect(wrongIn(items, [edit])).toBe(why)
})

test('edits out of their order are found, and what tears nothing is right', () => {
  const [first, second] = [
    { kind: 'result', at: 5, output: '' } as const,
    { kind: 'result', at: 4, output: '' } as const,
  ]
  expect(wrongIn(items, [first, second])).toBe('it edits 4 to 5 of 7 items')
  expect(wrongIn(items, [second, first])).toBeUndefined()
})
