import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Entry } from '../../contracts/entry.ts'
import { defineAgent } from '../../define/agent.ts'
import type { AnyAgent } from '../../define/agent.ts'
import { planOf } from '../../define/plan.ts'
import type { AnyTeam } from '../../define/team.ts'
import { after, atMost } from '../../define/rules.ts'
import { defineTeam } from '../../define/team.ts'
import { defineTool } from '../../define/tool.ts'
import { desk, find, journal, mail, other, refund, refunded, tool } from '../desk.fixture.ts'
import { emptyState, fold } from '../state/fold.ts'
import { call, Journal, say, shown } from '../journal.fixture.ts'
import type { Divergence } from '../../journal/divergence.ts'
import { type Walk, walk } from './walk.ts'

function walked(entries: readonly Entry[], definition: AnyAgent | AnyTeam = desk()): Walk {
  return walk(entries, planOf(definition))
}

function diverged(entries: readonly Entry[], definition: AnyAgent | AnyTeam): Divergence | null {
  return walked(entries, definition).divergence
}

test("a journal that today's code would write agrees, to its end", () => {
  const entries = refunded()
  const { state, divergence, differences } = walked(entries)
  expect({ divergence, differences }).toEqual({ divergence: null, differences: [] })
  expect(shown(state)).toEqual(shown(entries.reduce(fold, emptyState({ remembers: false }))))
  expect(state).toMatchObject({ seq: 7, phase: { kind: 'ended', ending: { kind: 'completed', output: { ok: true } } } })
})

test('no entries at all agree with anything', () => {
  expect(walked([])).toEqual({ state: emptyState({ remembers: false }), divergence: null, differences: [] })
})

describe("a path that today's code would not take is named by its first entry", () => {
  test('a tool that is gone', () => {
    expect(diverged(refunded(), desk({ tools: [find, mail, other] }))).toEqual({
      seq: 4,
      key: 'agent:0/turn:1/call:0',
      recorded: 'call.judged refund at agent:0/turn:1/call:0 with {"id":"1"} (allowed)',
      today: 'call.failed refund at agent:0/turn:1/call:0 (unknown_tool)',
    })
  })

  test('a tool that was not there', () => {
    const run = new Journal(desk({ tools: [find] })).replies(call('a', 'other', { id: '1' })).settle()
    expect(diverged(run.entries, desk())).toEqual({
      seq: 2,
      key: 'agent:0/turn:0/call:0',
      recorded: 'call.failed other at agent:0/turn:0/call:0 with {"id":"1"} (unknown_tool)',
      today: 'call other at agent:0/turn:0/call:0 with {"id":"1"}',
    })
  })

  test('a tool that was not there, whose arguments are more than JSON has', () => {
    const run = new Journal(desk({ tools: [find] })).replies(call('a', 'pay', { cents: '5' })).settle()
    const pay = tool('pay', 'read', z.object({ cents: z.string().transform(BigInt) }))
    expect(diverged(run.entries, desk({ tools: [find, pay] }))).toMatchObject({
      seq: 2,
      recorded: 'call.failed pay at agent:0/turn:0/call:0 with {"cents":"5"} (unknown_tool)',
      today: expect.stringMatching(/^call pay at agent:0\/turn:0\/call:0 with .*5/) as unknown,
    })
  })

  test('arguments that are another thing today', () => {
    const today = tool('refund', 'idempotent', z.object({ id: z.string(), usd: z.number().default(5) }))
    expect(diverged(refunded(), desk({ tools: [find, today, mail, other] }))).toEqual({
      seq: 4,
      key: 'agent:0/turn:1/call:0',
      recorded: 'call.judged refund at agent:0/turn:1/call:0 with {"id":"1"} (allowed)',
      today: 'call.judged refund at agent:0/turn:1/call:0 with {"id":"1","usd":5} (allowed)',
    })
  })

  test('arguments that break the schema of today', () => {
    const today = tool('refund', 'idempotent', z.object({ id: z.uuid() }))
    expect(diverged(refunded(), desk({ tools: [find, today, mail, other] }))).toMatchObject({
      seq: 4,
      today: 'call.failed refund at agent:0/turn:1/call:0 (bad_arguments)',
    })
  })

  test('an effect that is intended first today', () => {
    const today = tool('refund', 'once')
    expect(diverged(refunded(), desk({ tools: [find, today, mail, other] }))).toMatchObject({
      seq: 5,
      recorded: 'call.returned refund at agent:0/turn:1/call:0 with {"id":"1"}',
      today: 'call.intended refund at agent:0/turn:1/call:0 with {"id":"1"}',
    })
  })

  test('a rule that is new, and would have refused a call', () => {
    expect(diverged(refunded(), desk({ rules: [after(refund, other)] }))).toEqual({
      seq: 4,
      key: 'agent:0/turn:1/call:0',
      recorded: 'call.judged refund at agent:0/turn:1/call:0 with {"id":"1"} (allowed)',
      today: 'call.judged refund at agent:0/turn:1/call:0 with {"id":"1"} (refused)',
    })
    expect(diverged(refunded(), desk({ rules: [after(find, other)] }))).toMatchObject({
      seq: 2,
      recorded: 'call.returned find at agent:0/turn:0/call:0 with {"id":"1"}',
      today: 'call.judged find at agent:0/turn:0/call:0 with {"id":"1"} (refused)',
    })
    expect(diverged(refunded(), desk({ rules: [atMost(refund, 1), atMost(find, 1)] }))).toBeNull()
  })

  test('a rule that judges otherwise today', () => {
    const run = journal([after(refund, find)])
      .replies(call('a', 'find', { id: '1' }))
      .returns(0, 'x')
    run.replies(call('b', 'refund', { id: '1' })).settle()
    expect(diverged(run.entries, desk({ rules: [after(refund, find)] }))).toBeNull()
    expect(diverged(run.entries, desk({ rules: [after(refund, other)] }))).toEqual({
      seq: 4,
      key: 'agent:0/turn:1/call:0',
      recorded: 'call.judged refund at agent:0/turn:1/call:0 with {"id":"1"} (allowed)',
      today: 'call.judged refund at agent:0/turn:1/call:0 with {"id":"1"} (refused)',
    })
  })

  test('an output that breaks the schema of today', () => {
    expect(diverged(refunded(), desk({ output: z.object({ ok: z.literal(false) }) }))).toEqual({
      seq: 7,
      key: 'run',
      recorded: 'run.completed at run ({"ok":true})',
      today: 'output.judged at agent:0/turn:2',
    })
  })

  test('an output that reads otherwise today', () => {
    expect(
      diverged(refunded(), desk({ output: z.object({ ok: z.boolean(), by: z.string().default('us') }) })),
    ).toMatchObject({
      seq: 7,
      today: 'run.completed at run ({"ok":true,"by":"us"})',
    })
  })

  test('a budget that would have ended it', () => {
    expect(diverged(refunded(), desk({ turns: 1 }))).toEqual({
      seq: 3,
      key: 'agent:0/turn:1',
      recorded: 'model.replied at agent:0/turn:1',
      today: 'run.failed at run (over-budget out_of_turns)',
    })
  })

  test('a handoff to somebody who is gone', () => {
    const run = journal().replies(call('a', 'transfer_to_back')).settle()
    const { entry } = desk()
    expect(diverged(run.entries, defineTeam({ name: 'desk', entry, handoffs: [] }))).toEqual({
      seq: 2,
      key: 'agent:0/turn:0/call:0',
      recorded: 'handoff.made at agent:0/turn:0/call:0 (back)',
      today: 'call.failed transfer_to_back at agent:0/turn:0/call:0 (unknown_tool)',
    })
  })

  test('a holder who is gone', () => {
    expect(
      diverged(
        refunded(),
        defineTeam({ name: 'desk', entry: defineAgent({ name: 'back', model: 'm', instructions: '' }), handoffs: [] }),
      ),
    ).toEqual({
      seq: 1,
      key: 'agent:0/turn:0',
      recorded: 'model.replied at agent:0/turn:0',
      today:
        'The run is with the agent "front", which team "desk" does not have any more. It has: back. ' +
        "Put the agent back, give createRuntime the version that has it beside today's, or fork the run from before the handoff.",
    })
  })

  test('a reply to another question', () => {
    const run = journal()
    const reply = { items: [say('{"ok":true}')], finish: 'stop', model: 'm-1' } as const
    run.add({ kind: 'model.replied', key: 'agent:0/turn:0', attempt: 1, body: { asked: 'something else', reply } })
    expect(diverged(run.entries, desk())).toMatchObject({ seq: 1, today: 'ask the model at agent:0/turn:0' })
  })

  test('an attempt that does not come next', () => {
    const run = journal()
      .replies(call('a', 'find', { id: '1' }))
      .throws(0, 'Busy.', 5_000)
      .returns(0, 'x')
    expect(diverged(run.entries, desk())).toBeNull()
    expect(diverged(run.entries.toSpliced(2, 1), desk())).toMatchObject({
      seq: 3,
      recorded: 'call.returned find at agent:0/turn:0/call:0 with {"id":"1"}, attempt 2',
      today: 'call find at agent:0/turn:0/call:0 with {"id":"1"}',
    })
  })

  test('an entry after the end', () => {
    const run = journal().replies(say('{"ok":true}')).settle()
    run.add({ kind: 'run.cancelled', key: 'run', attempt: 1, body: { reason: 'Too late.' } })
    expect(diverged(run.entries, desk())).toEqual({
      seq: 3,
      key: 'run',
      recorded: 'run.cancelled at run',
      today: 'nothing',
    })
  })
})

test('up to where the paths part the state is as recorded', () => {
  const entries = refunded()
  const { state, divergence } = walked(entries, desk({ tools: [find, mail, other] }))
  expect(divergence?.seq).toBe(4)
  expect(shown(state)).toEqual(shown(entries.slice(0, 4).reduce(fold, emptyState({ remembers: false }))))
})

test('the wording of the runtime is recorded data: other words are no other path', () => {
  const run = journal([after(refund, find)]).replies(call('a', 'refund', { id: '1' }), call('b', 'serach'))
  const name = 'refund'
  run.add(
    {
      kind: 'call.judged',
      key: 'agent:0/turn:0/call:0',
      attempt: 1,
      body: { name, allowed: false, told: 'Not yet!' },
    },
    {
      kind: 'call.failed',
      key: 'agent:0/turn:0/call:1',
      attempt: 1,
      body: { name: 'serach', error: { code: 'unknown_tool', message: 'No such tool!' }, retryAt: null },
    },
  )
  run
    .replies(say('done'))
    .add({ kind: 'output.judged', key: 'agent:0/turn:1', attempt: 1, body: { told: 'Mend that!' } })
  expect(diverged(run.replies(say('{"ok":true}')).settle().entries, desk({ rules: [after(refund, find)] }))).toBeNull()
})

describe('verdicts', () => {
  const needing = (approval: boolean) =>
    defineAgent({
      name: 'till',
      model: 'm',
      instructions: '',
      tools: [
        defineTool({
          name: 'pay',
          description: '',
          input: z.object({}),
          effect: 'idempotent',
          approval: () => approval,
          execute: () => 1,
        }),
      ],
    })

  test('hold as they are recorded, where a run goes on: of rules, and of those who must allow a call', () => {
    const run = journal([after(refund, find)]).replies(
      call('a', 'refund', { id: '1' }),
      call('b', 'refund', { id: '2' }),
    )
    run
      .settle()
      .replies(call('c', 'find', { id: '1' }))
      .returns(0, 'x')
      .replies(call('d', 'refund', { id: '1' }))
      .settle()
    for (const rules of [[], [after(refund, other)], [atMost(find, 1), atMost(refund, 1)]])
      expect(walk(run.entries, planOf(desk({ rules })), 'as recorded').divergence).toBeNull()
    const paid = new Journal(needing(false)).replies(call('a', 'pay')).settle()
    expect(walk(paid.entries, planOf(needing(true)), 'as recorded')).toMatchObject({
      divergence: null,
      differences: [],
    })
  })

  test('of those who must allow a call are differences, where they are judged again', () => {
    const field = 'approval of pay'
    const paid = new Journal(needing(false)).replies(call('a', 'pay')).returns(0, 'x').replies(say('done')).settle()
    expect(walked(paid.entries, needing(true))).toMatchObject({
      divergence: null,
      differences: [{ seq: 2, agent: 'till', field, recorded: '"not needed"', today: '"needed"' }],
    })
    const asked = new Journal(needing(true)).replies(call('a', 'pay')).settle()
    expect(walked(asked.entries, needing(false))).toMatchObject({
      divergence: null,
      differences: [{ seq: 2, agent: 'till', field, recorded: '"needed"', today: '"not needed"' }],
    })
  })

  test('in a journal of the first format are of the rules alone: whoever must allow a call is judged by the code that is there', () => {
    const run = new Journal(needing(false), 'Hello', null, 1).replies(call('a', 'pay'))
    expect(run.next).toMatchObject([{ kind: 'call', input: {} }])
    run.returns(0, 'x').replies(say('done')).settle()
    expect(run.entries.map(({ kind }) => kind)).toEqual([
      'run.started',
      'model.replied',
      'call.returned',
      'model.replied',
      'run.completed',
    ])
    expect(diverged(run.entries, needing(false))).toBeNull()
    expect(diverged(run.entries, needing(true))).toMatchObject({
      seq: 2,
      today: 'approval.asked pay at agent:0/turn:0/call:0 with {}',
    })
  })

  test('say what a call is given: another journal of it is named where it is used', () => {
    let nth = 0
    const pay = defineTool({
      name: 'pay',
      description: '',
      input: z.object({ ref: z.number().default(() => ++nth) }),
      effect: 'idempotent',
      execute: () => 1,
    })
    const agent = defineAgent({ name: 'till', model: 'm', instructions: '', tools: [pay] })
    const run = new Journal(agent).replies(call('a', 'pay')).returns(0, 'x').replies(say('done')).settle()
    expect(walked(run.entries, agent)).toMatchObject({ divergence: null, differences: [] })
    const judged = run.entries[2]
    if (judged?.kind !== 'call.judged') throw new Error('The third entry is the verdict')
    const forged = { ...judged, body: { ...judged.body, input: { ref: 99 } } }
    expect(diverged(run.entries.with(2, forged), agent)).toMatchObject({
      seq: 3,
      recorded: 'call.returned pay at agent:0/turn:0/call:0 with {}',
      today: 'call pay at agent:0/turn:0/call:0 with {"ref":99}',
    })
  })
})

describe('what a person says of a call in doubt agrees', () => {
  const asked = [call('a', 'mail', { id: '1' }), call('b', 'mail', { id: '2' }), call('c', 'find', { id: '3' })]
  const doubted = (): Journal =>
    journal()
      .replies(...asked)
      .settle()
      .doubts(0)
      .doubts(1)

  test('when the run rests', () => {
    const { entries } = doubted().returns(2, 'x').settle().resolves(0, true).settle().resolves(1, false)
    expect(walked(entries)).toMatchObject({ divergence: null, state: { seq: entries.length - 1 } })
  })

  test('whichever of several comes first', () => {
    expect(walked(doubted().returns(2, 'x').settle().resolves(1, true).entries).divergence).toBeNull()
  })

  test('while other calls still run', () => {
    expect(walked(doubted().resolves(0, true).entries).divergence).toBeNull()
  })
})
