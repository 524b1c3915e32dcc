import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../../define/agent.ts'
import { planOf } from '../../define/plan.ts'
import { after } from '../../define/rules.ts'
import { defineTeam } from '../../define/team.ts'
import { defineTool } from '../../define/tool.ts'
import { DivergenceError } from '../../values/errors.ts'
import { decide } from './decide.ts'
import { emptyState } from '../state/fold.ts'
import { call, Journal, say } from '../journal.fixture.ts'

const input = z.object({})
const find = defineTool({ name: 'find', description: '', input, effect: 'read', execute: () => 1 })
const refund = defineTool({ name: 'refund', description: '', input, effect: 'idempotent', execute: () => 1 })
const orders = defineAgent({
  name: 'orders',
  model: 'm',
  instructions: '',
  tools: [find, refund],
  budget: { turns: 2 },
})
const support = defineAgent({
  name: 'support',
  model: 'm',
  instructions: '',
  tools: [find, refund],
  rules: [after(refund, find)],
})
const desk = defineTeam({ name: 'desk', entry: support, handoffs: [[support, [orders]]], budget: { turns: 4 } })

function failed(body: object): unknown {
  return [{ kind: 'record', draft: { kind: 'run.failed', key: 'run', attempt: 1, body } }]
}

/** A run in which the holder has looked something up so many times. */
function busy(journal: Journal, times: number): Journal {
  for (let turn = 0; turn < times; turn++) journal.replies(call(`c${turn}`, 'find')).returns(0, 'x')
  return journal
}

test('a run that has not begun or has ended does nothing', () => {
  expect(decide(emptyState(), planOf(desk))).toEqual([])
  expect(new Journal(desk).add({ kind: 'run.cancelled', key: 'run', attempt: 1, body: { reason: '' } }).next).toEqual(
    [],
  )
  expect(new Journal(desk).replies(say('Done.')).settle().next).toEqual([])
})

test('the model is asked at its holder and turn', () => {
  expect(new Journal(orders).next).toEqual([{ kind: 'ask', key: 'agent:0/turn:0', attempt: 1, retryAt: null }])
  expect(busy(new Journal(orders), 1).next).toEqual([{ kind: 'ask', key: 'agent:0/turn:1', attempt: 1, retryAt: null }])
})

test('the model is asked again for the next attempt, not before its time', () => {
  expect(new Journal(orders).modelFails('rate_limited', 9_000).next).toEqual([
    { kind: 'ask', key: 'agent:0/turn:0', attempt: 2, retryAt: 9_000 },
  ])
})

test('where rules close a tool, the open ones are named, handoffs among them', () => {
  const ask = { kind: 'ask', attempt: 1, retryAt: null }
  expect(new Journal(desk).next).toEqual([
    { ...ask, key: 'agent:0/turn:0', allowedTools: ['find', 'transfer_to_orders'] },
  ])
  expect(busy(new Journal(desk), 1).next).toEqual([{ ...ask, key: 'agent:0/turn:1' }])
})

test('after a handoff the next holder is asked from its first turn', () => {
  const journal = new Journal(desk).replies(call('c0', 'transfer_to_orders')).settle()
  expect(journal.next).toEqual([{ kind: 'ask', key: 'agent:1/turn:0', attempt: 1, retryAt: null }])
})

test('a service that failed for good fails the run', () => {
  const error = { code: 'quota', message: 'The service says quota.' }
  expect(new Journal(desk).modelFails('quota', null).next).toEqual(failed({ outcome: 'failed', error }))
})

test('a refusal ends the run with the words of the model', () => {
  const journal = new Journal(desk).replies({ kind: 'refusal', text: 'I will not.' })
  const error = { code: 'refusal', message: 'The model refused to answer. Its words stand in `text`.' }
  expect(journal.next).toEqual(failed({ outcome: 'refused', error, text: 'I will not.' }))
})

test.each([
  [
    'length',
    'The reply was longer than maxOutputTokens, or than what the model has room for. Raise it, give the model less, or ask for less; what was said stands in `text`.',
  ],
  ['content-filter', 'The service cut the reply off by its content filter. What was said stands in `text`.'],
] as const)('a reply that was cut by %s ends the run with what was said', (finish, message) => {
  expect(new Journal(desk).repliesWith({ items: [say('So it')], finish }).next).toEqual(
    failed({ outcome: 'incomplete', error: { code: finish, message }, text: 'So it' }),
  )
})

function outOfTurns(who: string, limit: number): unknown {
  const message = `${who} has had all of its ${limit} turns without an answer. Raise budget.turns, or look at the run for what keeps it busy.`
  return failed({ outcome: 'over-budget', error: { code: 'out_of_turns', message, details: { limit } } })
}

test('a reply that ended by a word which is not known here is incomplete, and the word is told', () => {
  const reply = { items: [say('So')], finish: 'other', finishWord: 'REPETITION' } as const
  const message =
    'The service ended the reply by "REPETITION", a reason that is not known here: it may lack its end. What was said stands in `text`.'
  const error = { code: 'unknown_finish', message, details: { word: 'REPETITION' } }
  expect(new Journal(desk).repliesWith(reply).next).toEqual(failed({ outcome: 'incomplete', error, text: 'So' }))
})

test('a run that has had all of its turns is over its budget', () => {
  expect(busy(new Journal(orders), 1).next).toMatchObject([{ kind: 'ask' }])
  expect(busy(new Journal(orders), 2).next).toEqual(outOfTurns('The run of agent "orders"', 2))
  expect(busy(new Journal(desk), 4).next).toEqual(outOfTurns('The run of team "desk"', 4))
})

test('a member that has had all of its turns is over its own budget', () => {
  const journal = busy(new Journal(desk).replies(call('c', 'transfer_to_orders')).settle(), 2)
  expect(journal.next).toEqual(outOfTurns('Agent "orders"', 2))
})

test('a run that says nothing has 32 turns', () => {
  const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [find] })
  expect(busy(new Journal(agent), 31).next).toMatchObject([{ kind: 'ask' }])
  expect(busy(new Journal(agent), 32).next).toEqual(outOfTurns('The run of agent "agent"', 32))
})

test('an answer in the last turn counts', () => {
  expect(busy(new Journal(orders), 1).replies(say('Done.')).next).toMatchObject([{ draft: { kind: 'run.completed' } }])
})

test.each(['constructor', 'toString', '__proto__'])('an agent that is named %s has its turns', (name) => {
  const agent = defineAgent({ name, model: 'm', instructions: '', tools: [find], budget: { turns: 2 } })
  expect(busy(new Journal(agent), 1).next).toMatchObject([{ kind: 'ask' }])
  expect(busy(new Journal(agent), 2).next).toEqual(outOfTurns(`The run of agent "${name}"`, 2))
})

test('a run whose agent is gone cannot go on, and says what to do', () => {
  const { state } = new Journal(desk).replies(call('c0', 'transfer_to_orders')).settle()
  const today = defineTeam({ name: 'desk', entry: support, handoffs: [] })
  expect(() => decide(state, planOf(today))).toThrow(
    new DivergenceError({
      code: 'agent_gone',
      message:
        'The run is with the agent "orders", which team "desk" does not have any more. It has: support. ' +
        "Put the agent back, give createRuntime the version that has it beside today's, or fork the run from before the handoff.",
      details: { agent: 'orders' },
    }),
  )
})
