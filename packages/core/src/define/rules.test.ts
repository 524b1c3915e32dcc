import { expect, test } from 'vitest'
import { z } from 'zod'
import { DefinitionError } from '../values/errors.ts'
import { defineAgent } from './agent.ts'
import { after, atMost, type Rule } from './rules.ts'
import { defineTool, type Tool } from './tool.ts'

function tool(name: string): Tool {
  return defineTool({ name, description: '', input: z.object({}), effect: 'read', execute: () => 1 })
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
