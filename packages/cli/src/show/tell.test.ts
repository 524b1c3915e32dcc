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
