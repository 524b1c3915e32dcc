import { expect, test } from 'vitest'
import { z } from 'zod'
import { DefinitionError } from '../values/errors.ts'
import { defineAgent } from './agent.ts'
import { planOf } from './plan.ts'
import { askConfirmation } from './ask-confirmation.ts'
import {
  after,
  afterAny,
  alone,
  atLeast,
  atMost,
  before,
  confirmed,
  exclusiveWith,
  type Rule,
  sequence,
} from './rules.ts'
import { argumentFrom, when } from './rules-over-facts.ts'
import { defineTeam } from './team.ts'
import { defineTool, type Tool } from './tool.ts'

function tool(name: string) {
  return defineTool({
    name,
    description: '',
    input: z.object({ n: z.int().optional() }),
    effect: 'read',
    execute: () => 1,
  })
}

const [find, check, refund] = [tool('find_order'), tool('check_policy'), tool('refund_order')]

function agent(tools: readonly Tool[], rules: readonly Rule[]): unknown {
  return defineAgent({ name: 'support', model: 'm', instructions: '', tools, rules })
}

test('rules are data', () => {
  expect(after(refund, find, check)).toEqual({
    kind: 'after',
    tool: 'refund_order',
    needs: ['find_order', 'check_policy'],
  })
  expect(atMost(refund, 2)).toEqual({ kind: 'at-most', tool: 'refund_order', times: 2 })
})

test('rules that hold are kept', () => {
  const rules = [after(refund, find, check), after(check, find), atMost(refund, 1)]
  expect(agent([find, check, refund], rules)).toMatchObject({ rules })
})

test.each([0, -1, 1.5, Number.NaN])('at most %d times is refused', (times) => {
  expect(() => atMost(refund, times)).toThrow(
    new DefinitionError({
      code: 'bad_number',
      message: `atMost(refund_order) has times ${times}. It must be a whole number of 1 or more.`,
      details: { field: 'times', value: String(times) },
    }),
  )
})

test.each<[string, Rule, string, string]>([
  ['about a tool', atMost(check, 1), 'at-most', 'check_policy'],
  ['about a tool that comes after another', after(check, find), 'after', 'check_policy'],
  ['that needs a tool', after(refund, find, check), 'after', 'check_policy'],
])('a rule %s that the agent does not have is refused', (_, rule, kind, missing) => {
  expect(() => agent([find, refund], [rule])).toThrow(
    new DefinitionError({
      code: 'bad_rule',
      message: `Agent "support" has a rule (${kind}) about the tool "${missing}", which it does not have. It has: find_order, refund_order.`,
      details: { rule: kind, tool: missing },
    }),
  )
})

test('a rule of an agent without tools is refused', () => {
  expect(() => agent([], [atMost(find, 1)])).toThrow(
    new DefinitionError({
      code: 'bad_rule',
      message:
        'Agent "support" has a rule (at-most) about the tool "find_order", which it does not have. It has: none.',
      details: { rule: 'at-most', tool: 'find_order' },
    }),
  )
})

test.each<[string, readonly Rule[], readonly string[]]>([
  ['itself', [after(find, find)], ['find_order', 'find_order']],
  ['each other', [after(find, check), after(check, find)], ['find_order', 'check_policy', 'find_order']],
  [
    'each other, further on',
    [after(find, refund), after(refund, check), after(check, refund)],
    ['refund_order', 'check_policy', 'refund_order'],
  ],
])('tools that wait for %s are refused', (_, rules, circle) => {
  expect(() => agent([find, check, refund], rules)).toThrow(
    new DefinitionError({
      code: 'bad_rule',
      message: `Agent "support" has rules that no call can satisfy: ${circle.join(' after ')}. Take one of them away.`,
      details: { circle },
    }),
  )
})

test('each rule is looked at a few times, however the rules hang together', () => {
  const tools = Array.from({ length: 14 }, (_, at) => tool(`step_${at}`))
  let looks = 0
  const rules = tools.slice(1).map((step, at): Rule => {
    const rule = after(step, ...(tools.slice(0, at + 1) as [Tool]))
    return Object.defineProperty({ ...rule }, 'needs', {
      get: () => (looks++, rule.kind === 'after' ? rule.needs : []),
    })
  })
  agent(tools, rules)
  expect(looks).toBeLessThan(14 ** 3)
})

const [ship, gift] = [tool('ship_order'), tool('give_gift')]

test.each<[string, readonly Rule[], string]>([
  [
    'that is to come before what it needs',
    [after(refund, find), before(refund, find)],
    'no call can satisfy: find_order after refund_order after find_order',
  ],
  [
    'that come before each other in a circle',
    [before(find, check), before(check, refund), before(refund, find)],
    'no call can satisfy: find_order after refund_order after check_policy after find_order',
  ],
  [
    'of which each needs one of those that need it',
    [afterAny(find, check, refund), after(check, find), sequence(find, ship, refund)],
    'no call can satisfy: find_order after check_policy after find_order',
  ],
  [
    'in a sequence that comes back to its beginning',
    [sequence(find, check, find)],
    'no call can satisfy: find_order after check_policy after find_order',
  ],
  [
    'whose argument comes from what needs it',
    [argumentFrom(gift, 'n', find, () => 1), after(find, gift)],
    'no call can satisfy: find_order after give_gift after find_order',
  ],
  [
    'that need what excludes each other',
    [after(refund, find), after(find, check), exclusiveWith(check, refund)],
    'no call can satisfy: refund_order needs check_policy and refund_order, of which only one may be called',
  ],
  ['that exclude themselves', [exclusiveWith(find, find)], 'no call can satisfy: find_order needs find_order'],
  [
    'that must be called more often than they may',
    [atLeast(find, 3), atMost(find, 2)],
    'no run can end: find_order at least 3 times and at most 2',
  ],
  [
    'of which both must be called, and only one may',
    [atLeast(refund, 1), after(refund, find), atLeast(gift, 1), exclusiveWith(find, gift)],
    'no run can end: find_order and give_gift both, of which only one may be called',
  ],
])('tools %s are refused', (_, rules, why) => {
  const refused = expect.objectContaining({ code: 'bad_rule', message: expect.stringContaining(why) as unknown })
  expect(() => agent([find, check, refund, ship, gift], rules)).toThrow(refused as Error)
})

test('tools are taken where one of those that they need can be called', () => {
  const rules = [afterAny(find, check, refund), after(refund, find), before(ship, find), exclusiveWith(gift, ship)]
  expect(agent([find, check, refund, ship, gift], rules)).toMatchObject({ rules })
})

test('the rules of a team hold with those of each of its agents', () => {
  const one = defineAgent({
    name: 'one',
    model: 'm',
    instructions: '',
    tools: [find, check],
    rules: [after(check, find)],
  })
  const two = defineAgent({ name: 'two', model: 'm', instructions: '', tools: [find, refund] })
  const team = (...rules: readonly Rule[]): unknown =>
    defineTeam({ name: 'desk', entry: one, handoffs: [[one, [two]]], rules })
  expect(team(after(refund, check))).toMatchObject({ rules: [after(refund, check)] })
  expect(() => team(after(find, check))).toThrow(
    'Team "desk" and its agent "one" has rules that no call can satisfy: find_order after check_policy after find_order.',
  )
  expect(() => team(atMost(ship, 1))).toThrow(
    'Team "desk" has a rule (at-most) about the tool "ship_order", which it does not have. It has: find_order, check_policy, refund_order.',
  )
})

test('a call can be confirmed only where there is a tool that asks, and before it', () => {
  const ask = askConfirmation(refund)
  const rules = [confirmed(refund)]
  expect(agent([refund, ask], rules)).toMatchObject({ rules })
  expect(() => agent([refund, askConfirmation(find)], rules)).toThrow(
    new DefinitionError({
      code: 'bad_rule',
      message:
        'Agent "support" has a rule (confirmed) about the tool "refund_order", and no tool that asks for that. Add askConfirmation(refund_order) to the tools.',
      details: { rule: 'confirmed', tool: 'refund_order' },
    }),
  )
  expect(() => agent([refund, ask], [...rules, after(ask, refund)])).toThrow(
    'no call can satisfy: refund_order after confirm_refund_order after refund_order',
  )
  expect(() => agent([refund, ask], [...rules, exclusiveWith(ask, refund)])).toThrow('no call can satisfy')
  const either = [refund, ask, askConfirmation(refund, { name: 'ask_again' })]
  expect(agent(either, [...rules, after(ask, refund)])).toMatchObject({ name: 'support' })
})

test('each agent of a team that may make a call which is to be confirmed can ask for that', () => {
  const made = <const Name extends string>(name: Name, tools: readonly Tool[]) =>
    defineAgent({ name, model: 'm', instructions: '', tools })
  const [one, two] = [made('one', [refund, askConfirmation(refund)] as readonly Tool[]), made('two', [refund])]
  const rules = [confirmed(refund)]
  expect(() => defineTeam({ name: 'desk', entry: one, handoffs: [[one, [two]]], rules })).toThrow(
    'Team "desk" and its agent "two" has a rule (confirmed) about the tool "refund_order", and no tool that asks for that.',
  )
  const three = made('three', [find])
  expect(defineTeam({ name: 'desk', entry: one, handoffs: [[one, [three]]], rules })).toMatchObject({ rules })
})

test.each<[string, () => Rule, string]>([
  [
    'argument',
    () => argumentFrom(gift, 'm' as 'n', find, () => 1),
    'argumentFrom(give_gift) was given field: "m". The tool "give_gift" takes: n.',
  ],
  ['function', () => when(gift, 1 as never), 'when was given allows: the number 1. Give it a function'],
  ['sentence', () => when(gift, () => true, ' '), 'when was given says: " ". Give it a sentence'],
  ['tool', () => after(refund, { kind: 'agent' } as never), 'after was given tool: an object of the kind "agent".'],
])('a rule is refused whose %s is none', (_, make, why) => {
  expect(make).toThrow(why)
})

test('what rules ask of a tool stands in its description', () => {
  const rules = [
    after(refund, find, check),
    afterAny(refund, ship, gift),
    before(refund, ship),
    exclusiveWith(refund, gift),
    atMost(refund, 1),
    atLeast(refund, 1),
    alone(refund),
    argumentFrom(gift, 'n', find, () => 1),
    argumentFrom(gift, 'n', 'context', () => 1),
    when(gift, () => true, 'It must be\n a birthday'),
    confirmed(gift),
  ]
  const desk = defineAgent({
    name: 'desk',
    model: 'm',
    instructions: '',
    tools: [find, check, refund, ship, gift, askConfirmation(gift)],
    rules,
  })
  const cards = new Map(
    planOf(desk)
      .agents.get('desk')
      ?.card.tools.map((card) => [card.name, card.description]),
  )
  expect(cards.get('find_order')).toBe('')
  expect(cards.get('refund_order')).toBe(
    '\n\nRules: Call it only after find_order and check_policy have returned; only after ship_order or give_gift has returned; ' +
      'only as long as ship_order was not called; only where give_gift was not called; at most once in a conversation; ' +
      'as the only call of a reply; at least once before you answer.',
  )
  expect(cards.get('give_gift')).toBe(
    '\n\nRules: Call it only where refund_order was not called; only with a value of n that find_order has given; ' +
      'only with the n that is known of this conversation; only with arguments to which the user has said yes, asked by confirm_give_gift. ' +
      'It must be a birthday.',
  )
})
