import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../../define/agent.ts'
import { defineTool } from '../../define/tool.ts'
import { DefinitionError } from '../../values/errors.ts'
import { cancelDrafts } from './cancel.ts'
import { askAgainDrafts, doubtDrafts, doubtedCall } from './doubt.ts'
import { call, Journal } from '../journal.fixture.ts'

const mail = defineTool({ name: 'mail', description: '', input: z.object({}), effect: 'once', execute: () => 1 })
const ping = defineTool({ name: 'ping', description: '', input: z.object({}), effect: 'read', execute: () => 1 })
const post = defineTool({
  name: 'post',
  description: '',
  input: z.object({}),
  effect: 'once',
  execute: () => 1,
  reconcile: () => ({ happened: false }),
})
const support = defineAgent({ name: 'support', model: 'm', instructions: '', tools: [mail, ping, post] })

const NO = { happened: false } as const

function inDoubt(): Journal {
  return new Journal(support)
    .replies(call('c0', 'mail'), call('c1', 'mail'), call('c2', 'ping'))
    .settle()
    .doubts(0)
    .doubts(1)
}

test('a call in doubt is found with the attempt that is', () => {
  const again = inDoubt().resolves(0, false).settle().doubts(0)
  const [first, second] = ['agent:0/turn:0/call:0', 'agent:0/turn:0/call:1']
  expect(doubtedCall('r', again.entries, `${first}#2`, NO)).toEqual({ kind: 'doubted', key: first, attempt: 2 })
  expect(doubtedCall('r', again.entries, second, NO)).toEqual({ kind: 'doubted', key: second, attempt: 1 })
})

test('a word on the attempt before is no word on the one that is in doubt now', () => {
  const { entries } = inDoubt().resolves(0, false).settle().doubts(0)
  const happened = { happened: true, result: 'sent' } as const
  expect(() => doubtedCall('r', entries, 'agent:0/turn:0/call:0', happened)).toThrow(
    'The run "r" has no call in doubt at "agent:0/turn:0/call:0". ana has said that it did not happen. ' +
      'In doubt: agent:0/turn:0/call:0#2 (mail), agent:0/turn:0/call:1 (mail).',
  )
  expect(doubtedCall('r', entries, 'agent:0/turn:0/call:0', NO)).toEqual({ kind: 'said' })
})

test('an attempt that is in doubt twice, since its tool was asked in vain and is asked again, is one doubt', () => {
  const journal = new Journal(support).replies(call('c0', 'post')).settle().doubts(0).knowsNot(0).settle()
  const waits = journal.next
  journal.add(...askAgainDrafts(journal.state, journal.plan, 'Once more.')).knowsNot(0)
  expect(journal.settle().next).toEqual(waits)
})

test('a call that is not in doubt is refused with those that are', () => {
  expect(() => doubtedCall('ticket-1', inDoubt().resolves(0, true).entries, 'agent:0/turn:0/call:0', NO)).toThrow(
    new DefinitionError({
      code: 'not_in_doubt',
      message:
        'The run "ticket-1" has no call in doubt at "agent:0/turn:0/call:0". ana has said that it happened. In doubt: agent:0/turn:0/call:1 (mail).',
      details: { runId: 'ticket-1', id: 'agent:0/turn:0/call:0' },
    }),
  )
})

test('where no call is in doubt, that is said', () => {
  expect(() => doubtedCall('ticket-1', new Journal(support).entries, 'nowhere', NO)).toThrow(
    new DefinitionError({
      code: 'not_in_doubt',
      message: 'The run "ticket-1" has no call in doubt at "nowhere". In doubt: none.',
      details: { runId: 'ticket-1', id: 'nowhere' },
    }),
  )
})

test('the same said twice is said once', () => {
  const { entries } = inDoubt().resolves(0, true, 'sent')
  expect(doubtedCall('r', entries, 'agent:0/turn:0/call:0', { happened: true, result: 'sent' })).toEqual({
    kind: 'said',
  })
})

test('another word on a call than the one before is refused', () => {
  const { entries } = inDoubt().resolves(0, true, 'sent')
  const resolution = { happened: true, result: 'not sent' } as const
  expect(() => doubtedCall('r', entries, 'agent:0/turn:0/call:0', resolution)).toThrow('ana has said that it happened.')
})

function doubt(ordinal: number, name: string, reason: string): unknown {
  return {
    kind: 'call.doubted',
    key: `agent:0/turn:0/call:${ordinal}`,
    attempt: 1,
    body: { name, reason, asked: false },
  }
}

test('the calls whose intent is written and whose result is not come to be in doubt', () => {
  const { state } = new Journal(support)
    .replies(call('c0', 'mail'), call('c1', 'ping'), call('c2', 'mail'), call('c3', 'mail'))
    .settle()
    .returns(0, 'sent')
    .doubts(2)
  expect(doubtDrafts(state, 'Gone.')).toEqual([doubt(3, 'mail', 'Gone.')])
})

test('a run that is cancelled puts in doubt what was under way, and ends', () => {
  const { state } = new Journal(support).replies(call('c0', 'mail'), call('c1', 'ping')).settle()
  expect(cancelDrafts(state, 'Enough.')).toEqual([
    doubt(0, 'mail', 'The run was cancelled before the result was known.'),
    { kind: 'run.cancelled', key: 'run', attempt: 1, body: { reason: 'Enough.' } },
  ])
})

test('a run that has ended is not cancelled', () => {
  const { state } = new Journal(support).replies({ kind: 'assistant', text: 'Done.' }).settle()
  expect(cancelDrafts(state, 'Enough.')).toEqual([])
})

test('a tool that did not know is asked again, and one that cannot tell is not', () => {
  const journal = new Journal(support)
    .replies(call('c0', 'post'), call('c1', 'mail'), call('c2', 'post'))
    .settle()
    .doubts(0)
    .doubts(1)
    .doubts(2)
    .knowsNot(0)
  const drafts = askAgainDrafts(journal.state, journal.plan, 'Once more.')
  expect(drafts).toEqual([doubt(0, 'post', 'Once more.')])
  expect(journal.add(...drafts).next).toMatchObject([
    { kind: 'reconcile', key: 'agent:0/turn:0/call:0', attempt: 1 },
    { kind: 'reconcile', key: 'agent:0/turn:0/call:2', attempt: 1 },
  ])
})
