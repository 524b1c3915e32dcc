import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../../define/agent.ts'
import { type RuleBook, ruleBook } from '../../define/rule-book.ts'
import { after, atMost, type Rule } from '../../define/rules.ts'
import { defineTool, type Tool } from '../../define/tool.ts'
import { call, Journal } from '../journal.fixture.ts'
import { evaluateRules, legalTools, type Verdict } from './evaluate-rules.ts'

function tool(name: string): Tool {
  return defineTool({ name, description: '', input: z.object({}), effect: 'read', execute: () => 1 }) as Tool
}

const [find, check, refund] = [tool('find'), tool('check'), tool('refund')]
const support = defineAgent({ name: 'support', model: 'm', instructions: '', tools: [find, check, refund] })

/** A run whose tools returned in this order, and whose reply now asks for these calls. */
function run(returned: readonly string[], ...asked: readonly string[]): Journal {
  const journal = new Journal(support)
  for (const [at, name] of returned.entries()) journal.replies(call(`r${at}`, name)).returns(0, 'ok')
  return journal.replies(...asked.map((name, at) => call(`c${at}`, name)))
}

function book(...rules: readonly Rule[]): RuleBook {
  return ruleBook(rules, support.tools)
}

function verdict(journal: Journal, ordinal: number, ...rules: readonly Rule[]): Verdict {
  const { state } = journal
  const calls = state.phase.kind === 'calling' ? state.phase.calls : []
  const call = journal.call(ordinal)
  const input = (): unknown => JSON.parse(call.call.arguments)
  return evaluateRules({ state, calls, call, book: book(...rules), asked: '', input })
}

const needsFind =
  'Not executed: refund may be called only after find has succeeded in this conversation. Call find first.'

test('a call of which no rule speaks is allowed', () => {
  expect(verdict(run([], 'find'), 0, after(refund, find), atMost(refund, 1))).toEqual({ kind: 'allowed' })
})

test('a tool that comes after others is refused before, with what to call first', () => {
  expect(verdict(run([], 'refund'), 0, after(refund, find))).toEqual({
    kind: 'refused',
    rule: 'after',
    told: needsFind,
  })
  expect(verdict(run(['check'], 'refund'), 0, after(refund, find, check))).toEqual({
    kind: 'refused',
    rule: 'after',
    told: needsFind,
  })
  expect(verdict(run([], 'refund'), 0, after(refund, find, check))).toEqual({
    kind: 'refused',
    rule: 'after',
    told:
      'Not executed: refund may be called only after find and check has succeeded in this conversation. ' +
      'Call find and check first.',
  })
})

test('a tool that comes after others is allowed when all have returned', () => {
  expect(verdict(run(['check', 'find'], 'refund'), 0, after(refund, find, check))).toEqual({ kind: 'allowed' })
})

test('a tool whose need is in the same reply waits for it, before it or behind it', () => {
  expect(verdict(run([], 'find', 'refund'), 1, after(refund, find))).toEqual({ kind: 'later' })
  expect(verdict(run([], 'refund', 'find'), 0, after(refund, find))).toEqual({ kind: 'later' })
})

test('a tool whose need in the same reply has failed is refused', () => {
  expect(verdict(run([], 'refund', 'find').throws(1, 'No.'), 0, after(refund, find))).toEqual({
    kind: 'refused',
    rule: 'after',
    told: needsFind,
  })
})

test('a tool whose need is to be tried again goes on waiting', () => {
  expect(verdict(run([], 'refund', 'find').throws(1, 'No.', 5_000), 0, after(refund, find))).toEqual({ kind: 'later' })
})

test('a tool that may be called once is refused the second time', () => {
  expect(verdict(run(['refund'], 'refund'), 0, atMost(refund, 1))).toEqual({
    kind: 'refused',
    rule: 'at-most',
    told: 'Not executed: refund may be called only once in this conversation, and it was. Go on without it.',
  })
  expect(verdict(run(['refund', 'refund'], 'refund'), 0, atMost(refund, 2))).toEqual({
    kind: 'refused',
    rule: 'at-most',
    told: 'Not executed: refund may be called only 2 times in this conversation, and it was. Go on without it.',
  })
})

test('of parallel calls as many as are left are allowed, the first ones, and the others wait', () => {
  const journal = run(['refund'], 'refund', 'find', 'refund', 'refund')
  const rules = [atMost(refund, 3)]
  expect([0, 2, 3].map((ordinal) => verdict(journal, ordinal, ...rules).kind)).toEqual(['allowed', 'allowed', 'later'])
})

test('a call that failed does not count, so that the next one is allowed', () => {
  const journal = run([], 'refund', 'refund').throws(0, 'No.')
  expect(verdict(journal, 1, atMost(refund, 1))).toEqual({ kind: 'allowed' })
})

test('the first rule that does not allow a call decides', () => {
  const journal = run(['refund'], 'refund')
  expect(verdict(journal, 0, after(refund, find), atMost(refund, 1))).toEqual({
    kind: 'refused',
    rule: 'after',
    told: needsFind,
  })
  expect(verdict(journal, 0, atMost(refund, 1), after(refund, find))).toMatchObject({
    told: expect.stringContaining('only once') as unknown,
  })
})

test('the tools that may be called now are those that every rule leaves open', () => {
  const names = ['find', 'check', 'refund', 'transfer_to_orders']
  const rules = [after(refund, find, check), atMost(find, 1)]
  const legal = (...returned: readonly string[]): unknown => legalTools(run(returned).state, names, book(...rules))
  expect(legal()).toEqual(['find', 'check', 'transfer_to_orders'])
  expect(legal('find')).toEqual(['check', 'transfer_to_orders'])
  expect(legal('find', 'check')).toEqual(['check', 'refund', 'transfer_to_orders'])
})

test('where all tools may be called, or no rule is there, nothing is said of them', () => {
  expect(legalTools(run([]).state, ['find', 'refund'], book(atMost(refund, 1)))).toBeUndefined()
  expect(legalTools(run([]).state, ['find', 'refund'], book())).toBeUndefined()
})

test('a run may come to where no tool may be called', () => {
  expect(legalTools(run(['refund']).state, ['refund'], book(atMost(refund, 1)))).toEqual([])
})

test.each(['constructor', 'toString', '__proto__'])('rules hold for a tool that is named %s', (name) => {
  const odd = tool(name)
  const agent = defineAgent({
    name: 'odd',
    model: 'm',
    instructions: '',
    tools: [odd, refund],
    rules: [after(refund, odd), atMost(odd, 1)],
  })
  const journal = new Journal(agent)
  expect(journal.next).toMatchObject([{ kind: 'ask', allowedTools: [name] }])
  journal.replies(call('c0', name), call('c1', 'refund')).settle().returns(0, 'ok').settle().returns(1, 'ok')
  expect(journal.next).toMatchObject([{ kind: 'ask', allowedTools: ['refund'] }])
})
