import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../define/agent.ts'
import { defineTool } from '../define/tool.ts'
import { DefinitionError } from '../words/errors.ts'
import { doubtedCall } from './doubt.ts'
import { call, Journal } from './journal.fixture.ts'

const mail = defineTool({ name: 'mail', description: '', input: z.object({}), effect: 'once', execute: () => 1 })
const support = defineAgent({ name: 'support', model: 'm', instructions: '', tools: [mail] })

const NO = { happened: false } as const

function inDoubt(): Journal {
  return new Journal(support).replies(call('c0', 'mail'), call('c1', 'mail')).settle().doubts(0).doubts(1)
}

test('a call in doubt is found with the attempt that is', () => {
  const again = inDoubt().resolves(0, false).settle().doubts(0)
  expect(doubtedCall('r', again.entries, 'agent:0/turn:0/call:0', NO)).toEqual({ kind: 'doubted', attempt: 2 })
  expect(doubtedCall('r', again.entries, 'agent:0/turn:0/call:1', NO)).toEqual({ kind: 'doubted', attempt: 1 })
})

test('a call that is not in doubt is refused with those that are', () => {
  expect(() => doubtedCall('ticket-1', inDoubt().resolves(0, true).entries, 'agent:0/turn:0/call:0', NO)).toThrow(
    new DefinitionError({
      code: 'not_in_doubt',
      message:
        'The run "ticket-1" has no call in doubt at "agent:0/turn:0/call:0". ana has said that it happened. In doubt: agent:0/turn:0/call:1 (mail).',
      details: { runId: 'ticket-1', key: 'agent:0/turn:0/call:0' },
    }),
  )
})

test('where no call is in doubt, that is said', () => {
  expect(() => doubtedCall('ticket-1', new Journal(support).entries, 'nowhere', NO)).toThrow(
    new DefinitionError({
      code: 'not_in_doubt',
      message: 'The run "ticket-1" has no call in doubt at "nowhere". In doubt: none.',
      details: { runId: 'ticket-1', key: 'nowhere' },
    }),
  )
})

test('the same said twice is said once', () => {
  const { entries } = inDoubt().resolves(0, true, 'sent')
  expect(doubtedCall('r', entries, 'agent:0/turn:0/call:0', { happened: true, result: 'sent' })).toEqual({
    kind: 'said',
  })
})
