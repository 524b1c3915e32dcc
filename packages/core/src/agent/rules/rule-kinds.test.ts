import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { ReplyItem } from '../../contracts/item.ts'
import { defineAgent } from '../../define/agent.ts'
import { after, afterAny, alone, atLeast, before, exclusiveWith, type Rule, sequence } from '../../define/rules.ts'
import { argumentFrom, when } from '../../define/rules-over-facts.ts'
import { defineTool } from '../../define/tool.ts'
import type { Json } from '../../values/json.ts'
import { call, Journal, say } from '../journal.fixture.ts'

const input = z.object({ id: z.string() })

function tool<const Name extends string>(name: Name) {
  return defineTool({
    name,
    description: '',
    input,
    effect: 'idempotent',
    execute: (): { orders: string[] } => ({ orders: [] }),
  })
}

const [find, check, refund, ship] = [tool('find'), tool('check'), tool('refund'), tool('ship')]

/** A run under these rules, whose reply now asks for calls; text is a call of that tool. */
function run(rules: readonly Rule[], ...calls: readonly (string | ReplyItem)[]): Journal {
  const tools = [find, check, refund, ship]
  const context = z.object({ customer: z.string() })
  const agent = defineAgent({ name: 'desk', model: 'm', instructions: '', tools, rules, context })
  const journal = new Journal(agent, 'Hello', { customer: 'ana' })
  return calls.length === 0 ? journal : asks(journal, ...calls)
}

function asks(journal: Journal, ...calls: readonly (string | ReplyItem)[]): Journal {
  const items = calls.map((each, at) =>
    typeof each === 'string' ? call(`c${journal.entries.length}-${at}`, each, { id: '1' }) : each,
  )
  return journal.replies(...items).settle()
}

/** Each call of the current reply that may run now. */
function runs(journal: Journal): string[] {
  return journal.next.flatMap((action) => (action.kind === 'call' ? action.tool.name : []))
}

/** What the model was told of the calls that were refused, by the rule. */
function refusals(journal: Journal): string[] {
  return journal.entries.flatMap(({ kind, body }) =>
    kind === 'call.judged' && !body.allowed ? `${body.rule}: ${body.told}` : [],
  )
}

function allowed({ next }: Journal): readonly string[] | undefined {
  const [ask] = next
  return ask?.kind === 'ask' ? ask.allowedTools : ['(not asked)']
}

/** A run in which tools have returned. */
function after1(rules: readonly Rule[], name: string, result: Json = null): Journal {
  return run(rules, name).returns(0, result)
}

describe('a tool that comes after one of several', () => {
  const rules = [afterAny(refund, find, check)]

  test('is refused before, and may be called after either', () => {
    const journal = run(rules, 'refund')
    expect(refusals(journal)).toEqual([
      'after-any: Not executed: refund may be called only after find or check has succeeded in this conversation. Call find or check first.',
    ])
    expect(allowed(journal)).toEqual(['find', 'check', 'ship'])
    expect(runs(asks(after1(rules, 'check'), 'refund'))).toEqual(['refund'])
  })

  test('waits for one that is in the same reply', () => {
    const journal = run(rules, 'refund', 'check')
    expect(runs(journal)).toEqual(['check'])
    expect(runs(journal.returns(1, null).settle())).toEqual(['refund'])
  })

  test('does not wait for one that waits for it', () => {
    const journal = run([...rules, after(check, refund)], 'refund', 'check')
    expect(refusals(journal)).toHaveLength(2)
    expect(journal.state.phase.kind).toBe('asking')
  })
})

describe('a tool that comes before another', () => {
  const rules = [before(find, ship)]

  test('is refused after it, and is not needed for it', () => {
    const journal = asks(after1(rules, 'ship'), 'find')
    expect(refusals(journal)).toEqual([
      'before: Not executed: find may be called only before ship, and ship was called in this conversation. Go on without it.',
    ])
    expect(allowed(journal)).toEqual(['check', 'refund', 'ship'])
  })

  test('goes first where both are in one reply', () => {
    const journal = run(rules, 'ship', 'find')
    expect(runs(journal)).toEqual(['find'])
    expect(runs(journal.returns(1, null).settle())).toEqual(['ship'])
  })
})

test('tools in a sequence come one after the other, in whatever order a reply has them', () => {
  const rules = [sequence(find, check, refund)]
  expect(refusals(run(rules, 'refund', 'find').returns(1, null).settle())).toEqual([
    'sequence: Not executed: refund may be called only after check has succeeded in this conversation. Call check first.',
  ])
  const journal = run(rules, 'refund', 'check', 'find')
  expect(runs(journal)).toEqual(['find'])
  expect(runs(journal.returns(2, null).settle())).toEqual(['check'])
  expect(runs(journal.returns(1, null).settle())).toEqual(['refund'])
})

describe('a tool that is called alone', () => {
  test('is refused beside others, which run', () => {
    const journal = run([alone(refund)], 'find', 'refund')
    expect(runs(journal)).toEqual(['find'])
    expect(refusals(journal)).toEqual([
      'alone: Not executed: refund may be called only by itself, and this reply has other calls. Look at what they gave, and then call it alone.',
    ])
    expect(runs(asks(journal.returns(0, null).settle(), 'refund'))).toEqual(['refund'])
  })
})

describe('tools that exclude each other', () => {
  const rules = [exclusiveWith(refund, ship, check)]

  test.each([
    ['refund', 'ship'],
    ['ship', 'refund'],
  ])('after %s, %s is refused', (first, second) => {
    const journal = asks(after1(rules, first), second)
    expect(refusals(journal)).toEqual([
      `exclusive: Not executed: ${second} may be called only where ${second === 'refund' ? 'ship or check' : 'refund'} was not called, and ${first} was called in this conversation. Go on without it.`,
    ])
  })

  test('are run as the first of a reply, and the next where that has failed', () => {
    const journal = run(rules, 'ship', 'refund')
    expect(runs(journal)).toEqual(['ship'])
    expect(runs(journal.throws(0, 'No.').settle())).toEqual(['refund'])
  })

  test('leave those alone that only the one of them excludes', () => {
    expect(runs(asks(after1(rules, 'ship'), 'check'))).toEqual(['check'])
  })
})

describe('a tool that a function allows', () => {
  const isFound = when(
    refund,
    ({ id }, facts) =>
      facts.returned(find).some((call) => call.input.id === id && call.result.orders.includes(id)) &&
      (facts.context as { customer: string }).customer === 'ana',
    'The order must have been found',
  )

  test('is refused where it says no, with what it says', () => {
    expect(refusals(run([isFound], 'refund'))).toEqual([
      'when: Not executed: a rule does not allow refund with these arguments as the conversation stands. The order must have been found.',
    ])
    expect(refusals(run([when(refund, () => false)], 'refund'))).toEqual([
      'when: Not executed: a rule does not allow refund with these arguments as the conversation stands. Find out what is missing, or call it with other arguments.',
    ])
  })

  test('may be called where what is recorded says so', () => {
    expect(runs(asks(after1([isFound], 'find', { orders: ['1'] }), 'refund'))).toEqual(['refund'])
    const journal = asks(after1([isFound], 'find', { orders: ['1'] }), call('x', 'refund', { id: '2' }))
    expect(refusals(journal)).toHaveLength(1)
  })

  test('waits for all that comes before it in its reply, and what comes after waits for it', () => {
    const journal = run([isFound], 'refund', call('other', 'refund', { id: '2' }), 'find')
    expect(runs(journal)).toEqual(['find'])
    journal.returns(2, { orders: ['1', '2'] }).settle()
    expect(runs(journal)).toEqual(['refund'])
    expect(refusals(journal.returns(0, { orders: [] }).settle())).toHaveLength(1)
  })

  test('sees nothing that comes later, nor what failed', () => {
    const seen: number[] = []
    const counts = when(refund, (_, facts) => seen.push(facts.returned(find).length) > 0)
    const journal = after1([counts], 'find', { orders: [] })
    asks(asks(journal, 'refund', 'find').throws(1, 'No.').settle().returns(0, { orders: [] }), 'refund')
    expect(seen).toEqual([1, 1])
  })

  test.each<[string, () => boolean]>([
    [
      'throws',
      () => {
        throw new Error('Oh.')
      },
    ],
    ['gives a promise', (async () => true) as unknown as () => boolean],
  ])('is refused where it %s, and whoever wrote it is told', (what, allows) => {
    const journal = run([when(refund, allows)])
    journal.replies(call('a', 'refund', { id: '1' }))
    expect(journal.next).toMatchObject([
      { draft: { body: { allowed: false, rule: 'when' } }, remark: { about: 'Rule when(refund)' } },
    ])
    expect(what).not.toBe('')
  })

  test('cannot change what is recorded', () => {
    const breaks = when(refund, (_, facts) => {
      for (const { result } of facts.returned(find)) result.orders.push('2')
      return true
    })
    expect(refusals(asks(after1([breaks], 'find', { orders: ['1'] }), 'refund'))).toHaveLength(1)
  })
})

describe('an argument that another call must have given', () => {
  const rules = [argumentFrom(refund, 'id', find, ({ orders }) => orders)]

  test('is refused where it was invented, and taken where it was given', () => {
    const journal = run(rules, 'refund')
    expect(allowed(journal)).toEqual(['find', 'check', 'ship'])
    expect(refusals(journal)).toEqual([
      'argument-from: Not executed: id of refund must be one that find has given in this conversation. Call find first, and give what it gives.',
    ])
    const found = after1(rules, 'find', { orders: ['7', '1'] })
    expect(runs(asks(found, 'refund'))).toEqual(['refund'])
    expect(refusals(asks(after1(rules, 'find', { orders: ['7'] }), 'refund'))).toHaveLength(1)
  })

  test('waits for the other call of the same reply', () => {
    const journal = run(rules, 'refund', 'find')
    expect(runs(journal)).toEqual(['find'])
    expect(runs(journal.returns(1, { orders: ['1'] }).settle())).toEqual(['refund'])
  })

  test('may come from the context', () => {
    const ofContext = [argumentFrom(refund, 'id', 'context', (context: { customer: string }) => context.customer)]
    expect(refusals(run(ofContext, 'refund'))).toEqual([
      'argument-from: Not executed: id of refund must be the one that is known of this conversation. Call it again with that.',
    ])
    expect(runs(run(ofContext, call('a', 'refund', { id: 'ana' })))).toEqual(['refund'])
  })

  test('is not found by a function that throws', () => {
    const throws = argumentFrom(refund, 'id', find, () => {
      throw new Error('Oh.')
    })
    expect(refusals(asks(after1([throws], 'find', { orders: ['1'] }), 'refund'))).toHaveLength(1)
  })

  test('is looked for in each result once, however often it is asked for', () => {
    let looks = 0
    const counted = argumentFrom(refund, 'id', find, ({ orders }) => (looks++, orders))
    const journal = run([counted], 'find').returns(0, { orders: ['1'] })
    for (let turn = 0; turn < 10; turn++) {
      asks(journal, 'find').returns(0, { orders: [`o${turn}`] })
      asks(journal, 'refund').returns(0, { orders: [] })
    }
    expect(looks).toBe(11)
  })
})

describe('an answer that comes too early', () => {
  const rules = [atLeast(find, 2)]
  const told =
    'Your answer comes too early.\nCall find first: it must have succeeded at least 2 times in this conversation, and'

  test('goes back with what is to be called first, and counts as refused', () => {
    const journal = run(rules).replies(say('Done.')).settle()
    expect(journal.entries.at(-1)).toMatchObject({
      kind: 'output.judged',
      body: { told: `${told} has not.`, rule: 'at-least' },
    })
    asks(journal, 'find').returns(0, null)
    expect(journal.replies(say('Done.')).settle().entries.at(-1)).toMatchObject({
      body: { told: `${told} has only once.` },
    })
    expect(journal.state.totals.refused).toBe(2)
    asks(journal, 'find').returns(0, null)
    expect(journal.replies(say('Done.')).settle().state.phase).toMatchObject({
      kind: 'ended',
      ending: { output: 'Done.' },
    })
  })

  test('ends the run after four in a row', () => {
    const journal = run(rules)
    for (let at = 0; at < 4; at++) journal.replies(say('Done.')).settle()
    expect(journal.entries.at(-1)).toMatchObject({
      kind: 'run.failed',
      body: { outcome: 'failed', error: { code: 'answer_too_early' }, text: 'Done.' },
    })
  })
})
