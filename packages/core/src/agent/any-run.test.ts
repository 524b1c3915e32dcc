import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entry } from '../contracts/entry.ts'
import type { AnyAgent } from '../define/agent.ts'
import { planOf } from '../define/plan.ts'
import type { AnyTeam } from '../define/team.ts'
import { after } from '../define/rules.ts'
import { decide } from './decide/decide.ts'
import { conversation, emptyState, fold } from './state/fold.ts'
import { frozen, shown } from './journal.fixture.ts'
import { deskOf, inTime, lookup, never, simulate, tapes } from './simulate.fixture.ts'
import { walk } from './walk/walk.ts'

const team = deskOf()
const plan = planOf(team)

test('folding is pure: twice the same gives the same, and the state before stays what it was', () => {
  fc.assert(
    fc.property(tapes, (tape) => {
      let state = frozen(emptyState())
      for (const entry of simulate(tape, team).entries) {
        const before = structuredClone(shown(state))
        const after = frozen(fold(state, entry))
        expect(shown(fold(state, entry))).toEqual(shown(after))
        expect(shown(state)).toEqual(before)
        state = after
      }
    }),
    { ...inTime, numRuns: 10 },
  )
})

test('what a prefix comes to can be gone on from in two ways, and neither changes the other', () => {
  fc.assert(
    fc.property(tapes, fc.nat(), fc.array(fc.nat(9_999), { maxLength: 50 }), (tape, at, other) => {
      const cut = at % tape.length
      const one = simulate(tape, team).entries
      const two = simulate([...tape.slice(0, cut), ...other], team).entries
      const shared = one.findIndex((entry, seq) => JSON.stringify(entry) !== JSON.stringify(two[seq]))
      const common = one.slice(0, shared === -1 ? one.length : shared)
      const prefix = frozen(common.reduce(fold, emptyState()))
      const goOn = (entries: readonly Entry[]) => shown(entries.slice(common.length).reduce(fold, prefix))
      const first = goOn(one)
      expect(goOn(two)).toEqual(shown(two.reduce(fold, emptyState())))
      expect(first).toEqual(shown(one.reduce(fold, emptyState())))
      expect(goOn(one)).toEqual(first)
    }),
    inTime,
  )
})

test('whenever the model is asked, each call that it made has one result, in the order of the calls', () => {
  fc.assert(
    fc.property(tapes, (tape) => {
      let state = emptyState()
      for (const entry of simulate(tape, team).entries) {
        state = fold(state, entry)
        if (state.phase.kind !== 'asking') continue
        const open: string[] = []
        for (const item of conversation(state)) {
          if (item.kind === 'call') open.push(item.callId)
          else if (item.kind === 'result') expect(item.callId).toBe(open.shift())
          else expect(open).toEqual([])
        }
        expect(open).toEqual([])
      }
    }),
  )
})

test('deciding is pure: twice the same gives the same, and the state stays what it was', () => {
  fc.assert(
    fc.property(tapes, (tape) => {
      let state = emptyState()
      for (const entry of simulate(tape, team).entries) {
        state = frozen(fold(state, entry))
        const before = structuredClone(shown(state))
        expect(decide(state, plan)).toEqual(decide(state, plan))
        expect(shown(state)).toEqual(before)
      }
    }),
    { ...inTime, numRuns: 10 },
  )
})

test('a run that has not ended always has something to do or to wait for', () => {
  fc.assert(
    fc.property(tapes, (tape) => {
      const { state, next } = simulate(tape, team).settle()
      expect(next.length > 0).toBe(state.phase.kind !== 'ended')
    }),
  )
})

/** What is wrong with the gifts of a run: one of a number that nothing found, or twice of the same. */
function giftsOf(entries: readonly Entry[]): string[] {
  const found = new Set<number>()
  const given = new Set<number>()
  const asked = new Map<string, number>()
  return entries.flatMap((entry) => {
    if (entry.kind === 'model.replied')
      for (const [at, item] of entry.body.reply.items.filter((item) => item.kind === 'call').entries())
        if (item.name === 'gift') asked.set(`${entry.key}/call:${at}`, numberIn(JSON.parse(fits(item.arguments))))
    if (entry.kind !== 'call.returned') return []
    if (entry.body.name === 'find') found.add(numberIn(entry.body.result))
    if (entry.body.name !== 'gift') return []
    const n = asked.get(entry.key) ?? NaN
    const wrong = found.has(n) && !given.has(n) ? [] : [`${entry.seq}: ${n}`]
    given.add(n)
    return wrong
  })
}

/** What is no JSON is never run. */
function fits(text: string): string {
  return text.endsWith('}') ? text : '{}'
}

function numberIn(value: unknown): number {
  return (value as { readonly n: number }).n
}

test('whatever a model asks for, rules and budgets hold', () => {
  fc.assert(
    fc.property(tapes, (tape) => {
      const { entries } = simulate(tape, team)
      const names = entries.map((entry) => (entry.kind === 'call.returned' ? entry.body.name : entry.kind))
      if (names.includes('refund')) expect(names.slice(0, names.indexOf('refund'))).toContain('find')
      expect(giftsOf(entries)).toEqual([])
      if (names.includes('note')) expect(names).not.toContain('gift')
      if (names.includes('page')) expect(names.slice(names.indexOf('page'))).not.toContain('gift')
      if (names.includes('run.completed') && !names.includes('handoff.made')) expect(names).toContain('find')
      expect(names.filter((name) => name === 'refund').length).toBeLessThanOrEqual(2)
      expect(names.filter((name) => name === 'note').length).toBeLessThanOrEqual(1)
      expect(names.filter((name) => name === 'model.replied').length).toBeLessThanOrEqual(9)
    }),
    inTime,
  )
})

test('a once call never runs twice by one intent', () => {
  fc.assert(
    fc.property(tapes, (tape) => {
      const journal = simulate(tape, team).settle()
      const attempts = (is: (entry: Entry) => boolean): string[] =>
        journal.entries.filter(is).map(({ key, attempt }) => `${key} ${attempt}`)
      const intended = attempts(({ kind }) => kind === 'call.intended')
      // A doubt may be raised again, when the tool is asked once more.
      const doubted = new Set(attempts(({ kind }) => kind === 'call.doubted'))
      const returned = attempts(({ kind, body }) => kind === 'call.returned' && ['mail', 'page'].includes(body.name))
      const running = journal.next.flatMap((action) =>
        action.kind === 'call' && action.tool.effect === 'once' ? `${action.key} ${action.attempt}` : [],
      )
      const ran = [...doubted, ...returned, ...running]
      expect(new Set(ran).size).toBe(ran.length)
      expect(intended).toEqual(expect.arrayContaining(ran))
    }),
    inTime,
  )
})

describe('of any run', () => {
  test('every prefix agrees and comes to the state that folding it gives', () => {
    fc.assert(
      fc.property(tapes, (tape) => {
        const { entries, plan } = simulate(tape, team)
        let state = emptyState()
        for (const [seq, entry] of entries.entries()) {
          state = fold(state, entry)
          const prefix = walk(entries.slice(0, seq + 1), plan)
          expect(prefix.divergence).toBeNull()
          expect(shown(prefix.state)).toEqual(shown(state))
        }
      }),
      inTime,
    )
  })

  const ofLookup = ({ body }: Entry): boolean => 'name' in body && body.name === lookup.name

  test.each<[string, AnyAgent | AnyTeam, (entry: Entry) => boolean]>([
    [
      'a tool is gone, at its first call',
      deskOf({ tools: [] }),
      (entry) => ofLookup(entry) && !(entry.kind === 'call.failed' && entry.body.error.code === 'duplicate_call_id'),
    ],
    [
      'a rule is new, at the first call that it refuses',
      deskOf({ tools: [lookup, never], extraRules: [after(lookup, never)] }),
      (entry) => ofLookup(entry) && 'asked' in entry.body,
    ],
    [
      'the answers are fewer, at the answer',
      deskOf({ answers: ['perhaps'] }),
      (entry) => entry.kind === 'run.completed',
    ],
  ])('the paths part where %s', (_, today, parts) => {
    fc.assert(
      fc.property(tapes, (tape) => {
        const { entries } = simulate(tape, team)
        expect(walk(entries, planOf(today)).divergence?.seq).toBe(entries.find(parts)?.seq)
      }),
      inTime,
    )
  })
})

test('the simulated runs meet everything that a journal can say', () => {
  const met = new Set<string>()
  for (const tape of fc.sample(tapes, { seed: 1, numRuns: 300 })) {
    for (const entry of simulate(tape, team).entries) {
      const code = entry.kind === 'call.failed' || entry.kind === 'run.failed' ? ` ${entry.body.error.code}` : ''
      met.add(entry.kind + code)
    }
  }
  expect([...met].toSorted()).toEqual([
    'call.doubted',
    'call.failed bad_arguments',
    'call.failed duplicate_call_id',
    'call.failed second_handoff',
    'call.failed tool_threw',
    'call.failed unknown_tool',
    'call.intended',
    'call.judged',
    'call.resolved',
    'call.returned',
    'definition.changed',
    'handoff.made',
    'history.compacted',
    'memory.read',
    'model.failed',
    'model.replied',
    'output.judged',
    'run.cancelled',
    'run.completed',
    'run.failed answer_too_early',
    'run.failed length',
    'run.failed out_of_turns',
    'run.failed output_invalid',
    'run.failed refusal',
    'run.failed server_error',
    'run.started',
    'run.waiting',
  ])
})
