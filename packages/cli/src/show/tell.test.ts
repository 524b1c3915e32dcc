import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { tell } from './tell.ts'

const place = { seq: 3, key: 'agent:0/turn:0/call:0', attempt: 1, at: 0, digest: '' }

test('a result that JSON says otherwise is told with the places where it does', () => {
  const body = { name: 'refund', asked: '', result: { id: '77' }, lost: ['', '.id'] }
  expect(tell({ ...place, kind: 'call.returned', body }, 'desk').map(stripVTControlCharacters)).toEqual([
    'call:0 refund returns {"id":"77"}',
    'not as it was given: the whole, .id',
  ])
})

test('a result that JSON can say is told in a line', () => {
  const body = { name: 'note', result: 'noted' }
  expect(tell({ ...place, key: 'step:note', kind: 'step.returned', body }, '')).toEqual(['step:note returns "noted"'])
})

test('the stack of an error is told a line each, where it is recorded', () => {
  const error = {
    code: 'tool_threw',
    message: 'TypeError: no',
    stack: 'TypeError: no\n    at pay (shop.ts:3:1)\u001B[2K',
  }
  const body = { name: 'pay', asked: '', error, retryAt: null }
  expect(tell({ ...place, kind: 'call.failed', body }, 'desk').map(stripVTControlCharacters)).toEqual([
    'call:0 pay failed (tool_threw), and the model is told: TypeError: no',
    'TypeError: no',
    'at pay (shop.ts:3:1)\uFFFD[2K',
  ])
})

test('a result of which the model was told a part says so, and a shorter conversation what it was expected to cost and save', () => {
  const bound = { version: 1, tokens: 2_000 } as const
  const returned = { name: 'list', asked: '', result: 'long', bound }
  expect(tell({ ...place, kind: 'call.returned', body: returned }, 'desk').map(stripVTControlCharacters)).toEqual([
    'call:0 list returns "long" (the model is told 2,000 tokens of it at most)',
  ])
  const estimate = { before: 90_000, after: 30_000, anew: 20_000, costNano: 6_000_000, savesNano: 6_000_000 }
  const usage = { inputTokens: 60_000, cachedTokens: 60_000, outputTokens: 500, reasoningTokens: 0 }
  const body = { way: 'summary', why: 'window', edits: [], estimate, spent: { usage, costNano: 6_800_000 } } as const
  const told = tell({ ...place, key: 'agent:0/turn:9/compaction', kind: 'history.compacted', body }, 'desk')
  expect(told.map(stripVTControlCharacters)).toEqual([
    'desk goes on with a shorter conversation (summary), since the next request would not fit: about 90,000 tokens become 30,000, 20,000 of them read anew, for $0.006000 once and $0.006000 less each turn',
    '60,000 tokens in (100 % cached), 500 out, $0.006800',
  ])
})
