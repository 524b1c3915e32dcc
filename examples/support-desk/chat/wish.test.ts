import { expect, it } from 'vitest'
import { readWish } from './wish.ts'

it.each([
  ['Where is F-1001?', { kind: 'say', id: undefined, text: 'Where is F-1001?' }],
  ['/id m-1 Where is F-1001?', { kind: 'say', id: 'm-1', text: 'Where is F-1001?' }],
  ['/approve', { kind: 'approve', id: undefined }],
  ['/id m-3 /approve', { kind: 'approve', id: 'm-3' }],
  [' /reject It is  used. ', { kind: 'reject', id: undefined, reason: 'It is used.' }],
  ['/history', { kind: 'history' }],
  ['/quit', { kind: 'quit' }],
  ['   ', { kind: 'nothing' }],
  ['/help', { kind: 'unclear', why: 'There is no /help: there are /approve, /reject WHY, /history and /quit.' }],
])('%j is understood', (line, wish) => {
  expect(readWish(line)).toEqual(wish)
})
