import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../../define/agent.ts'
import { planOf, type AgentPlan } from '../../define/plan.ts'
import { defineTeam } from '../../define/team.ts'
import { defineTool } from '../../define/tool.ts'
import { callDigest } from '../../journal/fingerprint.ts'
import { call, showInput } from '../journal.fixture.ts'
import { parseCall } from './parse-call.ts'

const find = defineTool({
  name: 'find_order',
  description: '',
  input: z.object({ id: z.string().transform(Number), deep: z.boolean().optional() }),
  effect: 'read',
  execute: () => 1,
})
const ping = defineTool({ name: 'ping', description: '', input: z.object({}), effect: 'read', execute: () => 1 })
const orders = defineAgent({ name: 'orders', model: 'm', instructions: '' })
const triage = defineAgent({ name: 'triage', model: 'm', instructions: '', tools: [find, ping] })
const plan = planOf(defineTeam({ name: 'desk', entry: triage, handoffs: [[triage, [orders]]] }))

function agentPlanOf(agent: string): AgentPlan {
  const agentPlan = plan.agents.get(agent)
  if (!agentPlan) throw new Error(`No ${agent}`)
  return agentPlan
}

const agentPlan = agentPlanOf('triage')

test('a call of a tool has what its schema makes of the arguments', () => {
  expect(showInput(parseCall(call('c1', 'find_order', { id: '7', deep: null }), agentPlan))).toEqual({
    kind: 'tool',
    tool: find,
    input: { id: 7 },
  })
})

test('a call without any arguments has none', () => {
  expect(showInput(parseCall(call('c1', 'ping', ''), agentPlan))).toEqual({ kind: 'tool', tool: ping, input: {} })
})

test('a call of a handoff names the agent', () => {
  expect(parseCall(call('c1', 'transfer_to_orders', ''), agentPlan)).toMatchObject({ kind: 'handoff', to: 'orders' })
})

test('a call has the fingerprint of its tool and arguments', () => {
  const asked = callDigest('find_order', { id: 7 })
  expect(parseCall(call('c1', 'find_order', { id: '7' }), agentPlan)).toMatchObject({ callDigest: asked })
  expect(parseCall(call('c2', 'find_order', '{ "id": "7", "deep": null }'), agentPlan)).toMatchObject({
    callDigest: asked,
  })
  expect(parseCall(call('c3', 'find_order', { id: '8' }), agentPlan)).not.toMatchObject({ callDigest: asked })
})

test('each attempt has its own arguments: what a tool changes in them, the next one does not see', () => {
  const parsed = parseCall(call('c1', 'find_order', { id: '7' }), agentPlan)
  if (parsed.kind !== 'tool') expect.fail()
  const [first, second] = [parsed.input(), parsed.input()] as [Record<string, unknown>, unknown]
  first['id'] = 'changed'
  expect([second, parsed.input()]).toEqual([{ id: 7 }, { id: 7 }])
})

test('a call is parsed once', () => {
  const item = call('c1', 'find_order', { id: '7' })
  expect(parseCall(item, agentPlan)).toBe(parseCall(item, agentPlan))
})

test('one call may be another thing to another agent', () => {
  const item = call('c1', 'find_order', { id: '7' })
  expect(parseCall(item, agentPlan).kind).toBe('tool')
  expect(parseCall(item, agentPlanOf('orders')).kind).toBe('bad')
})

test('a tool that is not there is told with those that are, handoffs among them', () => {
  expect(parseCall(call('c1', 'serach'), agentPlan)).toEqual({
    kind: 'bad',
    code: 'unknown_tool',
    told: 'Not executed: there is no tool "serach". You can call: find_order, ping, transfer_to_orders.',
  })
})

test('a tool that is not there is told where there is none at all', () => {
  expect(parseCall(call('c1', 'constructor'), agentPlanOf('orders'))).toEqual({
    kind: 'bad',
    code: 'unknown_tool',
    told: 'Not executed: there is no tool "constructor". You can call: none.',
  })
})

test('arguments that are no JSON are told', () => {
  expect(parseCall(call('c1', 'find_order', '{"id": oops}'), agentPlan)).toEqual({
    kind: 'bad',
    code: 'bad_arguments',
    told:
      'Not executed: the arguments of find_order are not JSON (Unexpected token \'o\', "{"id": oops}" is not valid JSON). ' +
      'Call it again with one JSON object.',
  })
})

test('arguments that break the schema are told place by place', () => {
  expect(parseCall(call('c1', 'find_order', { id: 7, deep: 'no' }), agentPlan)).toEqual({
    kind: 'bad',
    code: 'bad_arguments',
    told: [
      'Not executed: the arguments of find_order are wrong.',
      'The value breaks its schema in 2 places:',
      '- id: Invalid input: expected string, received number; got 7',
      '- deep: Invalid input: expected boolean, received string; got "no"',
      'Call it again with these mended.',
    ].join('\n'),
  })
})

test.each(['null', '[]', '"id"', '7'])('arguments that are %s and no object are told', (text) => {
  expect(parseCall(call('c1', 'find_order', text), agentPlan)).toMatchObject({ kind: 'bad', code: 'bad_arguments' })
})

test('a call that repeats an id is told so, whatever else is wrong with it', () => {
  const told =
    'Not executed: the call id "c1" was used twice in one reply. Call find_order again if you meant two calls.'
  for (const input of [{ id: '7' }, 'oops']) {
    const item = { ...call('c1-2', 'find_order', input), repeats: 'c1' }
    expect(parseCall(item, agentPlan)).toEqual({ kind: 'bad', code: 'duplicate_call_id', told })
  }
})
