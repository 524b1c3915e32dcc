import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../../define/agent.ts'
import { after, atMost } from '../../define/rules.ts'
import { defineTeam } from '../../define/team.ts'
import { defineTool, type Effect, type Tool } from '../../define/tool.ts'
import { callDigest } from '../../journal/fingerprint.ts'
import { call, Journal, type ShownAction } from '../journal.fixture.ts'

const input = z.object({ n: z.int().optional() })

function tool(name: string, effect: Effect): Tool {
  return defineTool({ name, description: '', input, effect: effect as 'read', execute: () => 1 }) as Tool
}

const [find, refund] = [tool('find', 'read'), tool('refund', 'idempotent')]
const [note, page] = [tool('note', 'transactional'), tool('page', 'once')]
const mail = defineTool({
  name: 'mail',
  description: '',
  input,
  effect: 'once',
  execute: () => 1,
  reconcile: () => ({ happened: false }),
})
const tools = [find, refund, note, page, mail as Tool]
const back = defineAgent({ name: 'back', model: 'm', instructions: 'You are back.' })
const side = defineAgent({ name: 'side', model: 'm', instructions: 'You are at the side.' })

function run(...rules: Parameters<typeof defineAgent>[0]['rules'] & {}): Journal {
  const front = defineAgent({ name: 'front', model: 'm', instructions: '', tools, rules })
  return new Journal(defineTeam({ name: 'desk', entry: front, handoffs: [[front, [back, side]]] }))
}

const key = (ordinal: number): string => `agent:0/turn:0/call:${ordinal}`

function runs(ordinal: number, tool: object, input: unknown = {}): unknown {
  return { kind: 'call', key: key(ordinal), attempt: 1, retryAt: null, tool, input }
}

function record(kind: string, ordinal: number, body: object): unknown {
  return { kind: 'record', draft: { kind, key: key(ordinal), attempt: 1, body } }
}

function told(ordinal: number, name: string, code: string, message: unknown): unknown {
  return record('call.failed', ordinal, { name, error: { code, message }, retryAt: null })
}

/** What is written now, by kind and place. */
function kinds(actions: readonly ShownAction[]): string[] {
  return actions.map((action) => {
    if (action.kind === 'record') return `${action.draft.kind} ${action.draft.key.slice(-1)}`
    return action.kind === 'wait' ? `wait ${action.waiting.key.slice(-1)}` : `${action.kind} ${action.key.slice(-1)}`
  })
}

describe('calls', () => {
  test('of one reply run side by side, with what the schema makes of their arguments', () => {
    const journal = run().replies(call('a', 'find', { n: 1 }), call('b', 'refund', { n: null }), call('c', 'note'))
    expect(journal.settle().next).toEqual([runs(0, find, { n: 1 }), runs(1, refund), runs(2, note)])
  })

  test('that came back are done, and the others still run', () => {
    const journal = run().replies(call('a', 'find'), call('b', 'refund'), call('c', 'note')).returns(1, 'ok')
    expect(journal.next).toEqual([runs(0, find), runs(2, note)])
  })

  test('that are to be tried again run with their next attempt, not before its time', () => {
    const journal = run().replies(call('a', 'find')).throws(0, 'Busy.', 9_000)
    expect(journal.next).toEqual([{ kind: 'call', key: key(0), attempt: 2, retryAt: 9_000, tool: find, input: {} }])
  })

  test('that cannot be run are told, all at once, and the good ones run', () => {
    const journal = run().replies(
      call('a', 'serach'),
      call('b', 'find', '{'),
      { ...call('a-2', 'refund'), repeats: 'a' },
      call('d', 'find', { n: 0.5 }),
      call('e', 'find'),
    )
    const repeated =
      'Not executed: the call id "a" was used twice in one reply. Call refund again if you meant two calls.'
    expect(journal.next).toEqual([
      told(
        0,
        'serach',
        'unknown_tool',
        expect.stringMatching(/^Not executed: there is no tool "serach"\. You can call: find, /),
      ),
      told(1, 'find', 'bad_arguments', expect.stringMatching(/^Not executed: the arguments of find are not JSON /)),
      told(2, 'refund', 'duplicate_call_id', repeated),
      told(3, 'find', 'bad_arguments', expect.stringMatching(/^Not executed: the arguments of find are wrong\.\n/)),
      runs(4, find),
    ])
  })

  test('whose schema makes more of the arguments than JSON has are run all the same', () => {
    const big = z.object({ cents: z.string().transform(BigInt) })
    const pay = defineTool({ name: 'pay', description: '', input: big, effect: 'once', execute: () => 1 })
    const journal = new Journal(defineAgent({ name: 'till', model: 'm', instructions: '', tools: [pay] }))
    journal.replies(call('a', 'pay', { cents: '5' })).settle()
    expect(journal.next).toEqual([runs(0, pay, { cents: 5n })])
  })
})

describe('a once call', () => {
  test('is written as intended before it runs', () => {
    const journal = run().replies(call('a', 'page', { n: 1 }))
    expect(journal.next).toEqual([record('call.intended', 0, { name: 'page', asked: callDigest('page', { n: 1 }) })])
    expect(journal.settle().next).toEqual([runs(0, page, { n: 1 })])
  })

  test('in doubt asks its tool, where the tool can tell', () => {
    const journal = run()
      .replies(call('a', 'mail', { n: 1 }))
      .settle()
      .doubts(0)
    expect(journal.next).toEqual([{ kind: 'reconcile', key: key(0), attempt: 1, tool: mail, input: { n: 1 } }])
  })

  test('in doubt rests, where nobody can tell, and that is written once', () => {
    const waiting = { kind: 'in-doubt', key: key(0), id: key(0), tool: 'page' }
    const journal = run().replies(call('a', 'page')).settle().doubts(0)
    const draft = { kind: 'run.waiting', key: 'run', attempt: 1, body: { waiting } }
    expect(journal.next).toEqual([{ kind: 'record', draft }])
    expect(journal.settle().next).toEqual([{ kind: 'wait', waiting }])
  })

  test('in doubt rests too, where its tool does not know', () => {
    const journal = run().replies(call('a', 'mail')).settle().doubts(0).knowsNot(0).settle()
    expect(journal.next).toEqual([
      { kind: 'wait', waiting: { kind: 'in-doubt', key: key(0), id: key(0), tool: 'mail' } },
    ])
  })

  test('in doubt holds nothing else up', () => {
    const journal = run().replies(call('a', 'page'), call('b', 'find')).settle().doubts(0)
    expect(journal.next).toEqual([runs(1, find)])
    expect(kinds(journal.returns(1, 'x').settle().next)).toEqual(['wait 0'])
  })

  test('that did not happen is intended again, as another attempt', () => {
    const journal = run().replies(call('a', 'page')).settle().doubts(0).settle().resolves(0, false)
    const body = { name: 'page', asked: callDigest('page', {}) }
    expect(journal.next).toEqual([{ kind: 'record', draft: { kind: 'call.intended', key: key(0), attempt: 2, body } }])
  })

  test('in doubt rests beside another whose tool does not know either', () => {
    const journal = run()
      .replies(call('a', 'mail'), call('b', 'mail'))
      .settle()
      .doubts(0)
      .doubts(1)
      .knowsNot(0)
      .knowsNot(1)
    expect(kinds(journal.settle().next)).toEqual([expect.stringMatching(/^wait [01]$/)])
  })
})

describe('a call that rules speak of', () => {
  test('is judged before it runs, over the facts so far', () => {
    const journal = run(after(refund, find)).replies(call('a', 'find')).returns(0, 'x')
    journal.replies(call('b', 'refund'))
    expect(journal.next).toEqual([
      {
        kind: 'record',
        draft: {
          kind: 'call.judged',
          key: 'agent:0/turn:1/call:0',
          attempt: 1,
          body: { name: 'refund', asked: callDigest('refund', {}), allowed: true },
        },
      },
    ])
    expect(journal.settle().next).toMatchObject([{ kind: 'call', tool: refund }])
  })

  test('is refused with what the model is told', () => {
    const told =
      'Not executed: refund may be called only after find has succeeded in this conversation. Call find first.'
    expect(run(after(refund, find)).replies(call('a', 'refund')).next).toEqual([
      record('call.judged', 0, { name: 'refund', allowed: false, told, rule: 'after' }),
    ])
  })

  test('waits for the others of its reply, and is judged when they are done', () => {
    const journal = run(after(refund, find)).replies(call('a', 'refund'), call('b', 'find'))
    expect(journal.next).toEqual([runs(1, find)])
    expect(journal.returns(1, 'x').next).toEqual([
      record('call.judged', 0, { name: 'refund', asked: callDigest('refund', {}), allowed: true }),
    ])
  })

  test('is judged once: another attempt runs as allowed', () => {
    const journal = run(atMost(refund, 1)).replies(call('a', 'refund')).settle().throws(0, 'Busy.', 9_000)
    expect(journal.next).toMatchObject([{ kind: 'call', attempt: 2 }])
  })

  test('is judged before it is intended', () => {
    const journal = run(atMost(page, 1)).replies(call('a', 'page'))
    expect(kinds(journal.next)).toEqual(['call.judged 0'])
    expect(
      journal
        .settle()
        .entries.map(({ kind }) => kind)
        .slice(2),
    ).toEqual(['call.judged', 'call.intended'])
  })

  test('is told of bad arguments without a verdict', () => {
    expect(kinds(run(after(refund, find)).replies(call('a', 'refund', '{')).next)).toEqual(['call.failed 0'])
  })

  test('takes the place of one that failed', () => {
    const journal = run(atMost(refund, 1))
      .replies(call('a', 'refund'), call('b', 'refund'), call('c', 'refund'))
      .settle()
    expect(journal.next).toEqual([runs(0, refund)])
    expect(journal.throws(0, 'No.').settle().next).toEqual([runs(1, refund)])
    journal.returns(1, 'ok').settle()
    expect(journal.entries.slice(-1)).toMatchObject([{ kind: 'call.judged', key: key(2), body: { allowed: false } }])
  })
})

describe('a handoff', () => {
  const handed = (ordinal: number, to: string): unknown =>
    record('handoff.made', ordinal, {
      to,
      card: expect.objectContaining({ agent: to }) as unknown,
      instructions: expect.any(String) as unknown,
      told: `The conversation is now with ${to}.`,
    })

  test('is made, with who takes over as the model will be shown it', () => {
    const journal = run().replies(call('a', 'transfer_to_back', ''))
    const { card } = journal.plan.agents.get('back') ?? expect.fail()
    const body = { to: 'back', card, instructions: 'You are back.', told: 'The conversation is now with back.' }
    expect(journal.next).toEqual([record('handoff.made', 0, body)])
  })

  test('waits for the other calls of its reply', () => {
    const journal = run().replies(call('a', 'transfer_to_back'), call('b', 'find'), call('c', 'page')).settle()
    expect(kinds(journal.next)).toEqual(['call 1', 'call 2'])
    expect(kinds(journal.returns(1, 'x').doubts(2).settle().next)).toEqual(['wait 2'])
    expect(journal.resolves(2, true).next).toEqual([handed(0, 'back')])
  })

  test('comes once in a reply: the first counts, and the others are told', () => {
    const journal = run().replies(
      call('a', 'transfer_to_back'),
      call('b', 'transfer_to_side'),
      call('c', 'transfer_to_back'),
    )
    const message = 'Not made: one reply hands over once, and the first handoff counts.'
    expect(journal.next).toEqual([
      told(1, 'transfer_to_side', 'second_handoff', message),
      told(2, 'transfer_to_back', 'second_handoff', message),
    ])
    expect(
      journal.add(...journal.next.flatMap((action) => (action.kind === 'record' ? action.draft : []))).next,
    ).toEqual([handed(0, 'back')])
  })

  test('is not kept from being made by one before it that cannot be', () => {
    const repeated = { ...call('a-2', 'transfer_to_back'), repeats: 'a' }
    const journal = run().replies(call('a', 'find'), repeated, call('c', 'transfer_to_side')).returns(0, 'x').settle()
    expect(journal.entries.at(-1)).toMatchObject({ kind: 'handoff.made', body: { to: 'side' } })
  })
})
