import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Draft } from '../../contracts/entry.ts'
import type { ModelReply } from '../../contracts/model.ts'
import { defineAgent } from '../../define/agent.ts'
import { defineTeam } from '../../define/team.ts'
import { defineTool } from '../../define/tool.ts'
import { cancelDrafts } from './cancel.ts'
import { conversation, emptyState, fold } from './fold.ts'
import { call, Journal, say, shown } from '../journal.fixture.ts'

const input = z.object({})
const find = defineTool({ name: 'find', description: '', input, effect: 'read', execute: () => 1 })
const mail = defineTool({ name: 'mail', description: '', input, effect: 'once', execute: () => 1 })
const orders = defineAgent({ name: 'orders', model: 'm', instructions: 'Look orders up.', tools: [find] })
const support = defineAgent({
  name: 'support',
  model: 'm',
  context: z.object({ customerId: z.string() }),
  instructions: ({ context }) => `Help ${context.customerId}.`,
  tools: [find, mail],
})
const desk = defineTeam({ name: 'desk', entry: support, handoffs: [[support, [orders]]] })

function start(): Journal {
  return new Journal(desk, 'Where is it?', { customerId: 'c1' })
}

const NO_TOTALS = { turns: 0, calls: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0, costNano: 0, unpriced: 0 }

test('a run that has started asks the model with what it was given', () => {
  const { state, plan, entries } = start()
  const holding = { card: plan.agents.get('support')?.card ?? expect.fail(), instructions: 'Help c1.' }
  expect(shown(state)).toEqual({
    format: 2,
    phase: { kind: 'asking', attempt: 1, retryAt: null, pending: null },
    items: [{ kind: 'user', text: 'Where is it?' }],
    cuts: [],
    measured: null,
    compacting: { attempt: 1, retryAt: null, givenUp: false },
    memoriesRead: [],
    requestChain: entries[0]?.digest,
    holder: { ...holding, ordinal: 0, turn: 0, called: false },
    before: null,
    said: [],
    heard: [],
    context: { customerId: 'c1' },
    effects: 'live',
    depth: 0,
    edits: [],
    rewound: [],
    seq: 0,
    digest: entries[0]?.digest,
    totals: NO_TOTALS,
    turnsBy: [],
    handoffsBy: [],
    turnsBelow: 0,
    turnsLeft: null,
    returned: [],
    ran: [],
    memory: [],
    confirmed: [],
    confirming: [],
    repairs: 0,
    at: 1_000,
    waiting: null,
  })
})

test('a journal that does not begin with run.started is refused', () => {
  const [, replied] = start().replies(say('Hi')).entries
  expect(() => fold(emptyState(), replied ?? expect.fail())).toThrow('A journal must begin with run.started')
})

test('a reply of words alone is an answer', () => {
  const { state } = start().replies(say('It is '), say('here.'))
  expect(state).toMatchObject({
    phase: { kind: 'answered', text: 'It is here.' },
    seq: 1,
    turnsBy: [['support', 1]],
  })
  expect(conversation(state)).toEqual([{ kind: 'user', text: 'Where is it?' }, say('It is '), say('here.')])
})

test('what replies use is added up, and one without a price is counted as such', () => {
  const usage = { inputTokens: 10, cachedTokens: 4, outputTokens: 3, reasoningTokens: 1 }
  const calls = [call('c0', 'find')]
  const { state } = start()
    .repliesWith({ items: calls, usage, costNano: 500 })
    .returns(0, 'x')
    .repliesWith({ items: calls, usage })
    .returns(0, 'x')
    .repliesWith({ items: [say('Here.')], usage, costNano: 70 })
  expect(state.totals).toEqual({
    turns: 3,
    calls: 2,
    inputTokens: 30,
    cachedTokens: 12,
    outputTokens: 9,
    costNano: 570,
    unpriced: 1,
  })
})

test.each<[string, Partial<ModelReply>, object]>([
  [
    'refused',
    { items: [call('c0', 'find'), { kind: 'refusal', text: 'I will not.' }] },
    { kind: 'stopped', outcome: 'refused', text: 'I will not.', why: 'refusal' },
  ],
  [
    'too long',
    { items: [say('So it'), call('c0', 'find')], finish: 'length' },
    { kind: 'stopped', outcome: 'incomplete', text: 'So it', why: 'length' },
  ],
  [
    'filtered',
    { items: [say('So')], finish: 'content-filter' },
    { kind: 'stopped', outcome: 'incomplete', text: 'So', why: 'content-filter' },
  ],
])('a reply that was %s stops the run, and none of its calls is run', (_, reply, phase) => {
  expect(start().repliesWith(reply).state.phase).toEqual(phase)
})

test('the calls of a reply are open, by their places in it', () => {
  const calls = [call('c0', 'find'), call('c1', 'mail')]
  const stage = { kind: 'open', judged: false, attempt: 1, retryAt: null }
  expect(start().replies(say('Let me see.'), ...calls).state.phase).toEqual({
    kind: 'calling',
    calls: calls.map((made, at) => ({
      call: made,
      key: `agent:0/turn:0/call:${at}`,
      stage,
      verdict: null,
      begun: false,
      approved: null,
      ran: false,
      asks: 0,
      edited: null,
    })),
  })
})

test('a call that is to be tried again is open for its next attempt', () => {
  const journal = start().replies(call('c0', 'find')).throws(0, 'Busy.', 5_000)
  expect(journal.call(0).stage).toEqual({ kind: 'open', judged: true, attempt: 2, retryAt: 5_000 })
  expect(journal.throws(0, 'Busy.', 6_000).call(0).stage).toEqual({
    kind: 'open',
    judged: true,
    attempt: 3,
    retryAt: 6_000,
  })
})

test('results are told in the order of the calls, whatever order they came in, and it is the next turn', () => {
  const calls = [call('c0', 'find'), call('c1', 'find'), call('c2', 'find')]
  const { state } = start()
    .replies(...calls)
    .returns(2, { n: 2 })
    .throws(0, 'Gone.')
    .returns(1, 'one')
  expect(conversation(state).slice(1)).toEqual([
    ...calls,
    { kind: 'result', callId: 'c0', output: 'Gone.' },
    { kind: 'result', callId: 'c1', output: 'one' },
    { kind: 'result', callId: 'c2', output: '{"n":2}' },
  ])
  expect(state).toMatchObject({
    phase: { kind: 'asking', attempt: 1, retryAt: null, pending: null },
    holder: { ordinal: 0, turn: 1 },
    returned: [['find', 2]],
    totals: { calls: 2 },
  })
})

test('no result is told before all are there', () => {
  const journal = start().replies(call('c0', 'find'), call('c1', 'find')).returns(1, 'one')
  expect(journal.call(1).stage).toEqual({ kind: 'settled', ok: true, told: 'one' })
  expect(conversation(journal.state)).toHaveLength(3)
})

test('a verdict is kept: an allowed call is judged, a refused one is told so', () => {
  const judged = (allowed: boolean, told?: string): Journal => {
    const body = { name: 'find', allowed, ...(told !== undefined && { told }) }
    const journal = start().replies(call('c0', 'find'), call('c1', 'find'))
    return journal.add({ kind: 'call.judged', key: 'agent:0/turn:0/call:0', attempt: 1, body })
  }
  expect(judged(true).call(0).stage).toEqual({ kind: 'open', judged: true, attempt: 1, retryAt: null })
  expect(judged(false, 'Not executed.').call(0).stage).toEqual({ kind: 'settled', ok: false, told: 'Not executed.' })
})

test('a once call is intended, then in doubt, then what was said of it', () => {
  const journal = start().replies(call('c0', 'mail'), call('c1', 'find')).settle()
  expect(journal.call(0).stage).toEqual({ kind: 'intended', attempt: 1, owner: null })
  expect(journal.doubts(0).call(0).stage).toEqual({ kind: 'doubted', attempt: 1, asked: false, running: null })
  expect(journal.resolves(0, false).call(0).stage).toEqual({ kind: 'open', judged: true, attempt: 2, retryAt: null })
  expect(journal.settle().call(0).stage).toEqual({ kind: 'intended', attempt: 2, owner: null })
  expect(journal.doubts(0).resolves(0, true, { id: 7 }).call(0).stage).toEqual({
    kind: 'settled',
    ok: true,
    told: '{"id":7}',
  })
  expect(journal.state.returned).toEqual([['mail', 1]])
})

test('a run that rests says for what, until that is resolved', () => {
  const journal = start().replies(call('c0', 'mail')).settle().doubts(0).settle()
  const key = 'agent:0/turn:0/call:0'
  expect(journal.state.waiting).toEqual({ kind: 'in-doubt', key, id: key, tool: 'mail' })
  expect(journal.resolves(0, true).state.waiting).toBeNull()
})

test('a handoff tells all results and gives the run to the next holder, from its first turn', () => {
  const calls = [call('c0', 'find'), call('c1', 'transfer_to_orders')]
  const { state, plan } = start()
    .replies(...calls)
    .returns(0, 'x')
    .settle()
  const holding = { card: plan.agents.get('orders')?.card ?? expect.fail(), instructions: 'Look orders up.' }
  expect(state).toMatchObject({
    phase: { kind: 'asking', attempt: 1, retryAt: null, pending: null },
    returned: [['find', 1]],
    totals: { calls: 1 },
  })
  expect(state.holder).toEqual({ ...holding, ordinal: 1, turn: 0, called: false })
  expect(conversation(state).slice(3)).toEqual([
    { kind: 'result', callId: 'c0', output: 'x' },
    { kind: 'result', callId: 'c1', output: 'The conversation is now with orders.' },
  ])
})

test('an answer that was sent back is a complaint of the user and another turn', () => {
  const body = { told: 'Mend it.' }
  const { state } = start().replies(say('No.')).add({ kind: 'output.judged', key: 'agent:0/turn:0', attempt: 1, body })
  expect(state).toMatchObject({ phase: { kind: 'asking', attempt: 1 }, holder: { turn: 1 }, repairs: 1 })
  expect(conversation(state).at(-1)).toEqual({ kind: 'user', text: 'Mend it.' })
})

test('a model that failed is asked again, or the run is unanswered', () => {
  const again = start().modelFails('rate_limited', 5_000)
  expect(again.state.phase).toEqual({ kind: 'asking', attempt: 2, retryAt: 5_000, pending: null })
  const error = { code: 'quota', message: 'The service says quota.' }
  expect(again.modelFails('quota', null).state.phase).toEqual({ kind: 'unanswered', error })
})

test('a definition that was adopted is who is asked from then on, in the same turn', () => {
  const journal = start().replies(call('c0', 'find')).returns(0, 'x')
  const { card } = journal.state.holder ?? expect.fail()
  const body = { card: { ...card, model: 'n' }, instructions: 'Help.' }
  journal.add({ kind: 'definition.changed', key: 'run', attempt: 1, body })
  expect(journal.state.holder).toEqual({ ...body, ordinal: 0, turn: 1, called: true })
  const before = start().replies(call('c0', 'find')).returns(0, 'x')
  expect(journal.state.requestChain).toBe(before.state.requestChain + String(journal.entries.at(-1)?.digest))
})

test('the context is one for all of the run: nobody can change it', () => {
  const { state } = new Journal(support, 'Hi', { customerId: 'c1', seen: ['a'] })
  const context = state.context as { customerId: string; seen: string[] }
  expect(() => (context.customerId = 'c2')).toThrow(TypeError)
  expect(() => context.seen.push('b')).toThrow(TypeError)
})

test('a run that has ended waits for nothing', () => {
  const journal = start().replies(call('c0', 'mail')).settle().doubts(0).settle()
  expect(journal.add(...cancelDrafts(journal.state, 'Enough.')).state.waiting).toBeNull()
})

test('a run ends in one way', () => {
  const error = { code: 'refusal', message: 'No.' }
  const ended = (draft: Draft): unknown => start().add(draft).state.phase
  const place = { key: 'run', attempt: 1 }
  expect(ended({ ...place, kind: 'run.completed', body: { output: { a: 1 } } })).toEqual({
    kind: 'ended',
    ending: { kind: 'completed', output: { a: 1 } },
  })
  expect(ended({ ...place, kind: 'run.failed', body: { outcome: 'refused', error, text: 'I will not.' } })).toEqual({
    kind: 'ended',
    ending: { kind: 'refused', error, text: 'I will not.' },
  })
  expect(ended({ ...place, kind: 'run.failed', body: { outcome: 'over-budget', error } })).toEqual({
    kind: 'ended',
    ending: { kind: 'over-budget', error },
  })
  expect(ended({ ...place, kind: 'run.cancelled', body: { reason: 'Enough.' } })).toEqual({
    kind: 'ended',
    ending: { kind: 'cancelled', reason: 'Enough.' },
  })
})

test('a request is known by all that was heard before: the same for the same, another for anything else', () => {
  const heard = (...results: readonly string[]): string => {
    const journal = start()
    for (const result of results) journal.replies(call('c0', 'find')).returns(0, result)
    return journal.state.requestChain
  }
  expect(heard('a', 'b')).toBe(heard('a', 'b'))
  expect(new Set([heard(), heard('a'), heard('b'), heard('a', 'b'), heard('b', 'a')]).size).toBe(5)
  expect(heard('a', 'b', 'c').length).toBe(heard('a').length)
})
