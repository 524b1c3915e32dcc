// Messages that come while branches race, or have just ended: none is lost with a branch that has lost.
import { setImmediate } from 'node:timers/promises'
import { changedStore, crashing, manualClock, memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSignal, type Draft, type Entry, type Store, type WorkflowContext } from '../src/index.ts'
import { replayWorkflow } from '../src/workflow/replay-workflow.ts'
import { runtimeOf, workflow } from './flow.fixture.ts'
import { outline, untilCrash } from './world.fixture.ts'

const word = defineSignal({ name: 'word', payload: z.string() })

type Ask = (ctx: WorkflowContext) => Promise<unknown>

const hear: Ask = (ctx) => ctx.receive(word)

async function late(ctx: WorkflowContext): Promise<string> {
  await ctx.sleep(1_000)
  return 'late'
}

/** Ways to wait for a word for a second. */
const ASKS: readonly [name: string, ask: Ask][] = [
  ['a race', (ctx) => ctx.race([hear, late])],
  ['a race within a race', (ctx) => ctx.race([late, (branch) => branch.race([hear, (inner) => inner.sleep(9_000)])])],
  ['a race that loses within one', (ctx) => ctx.race([(branch) => branch.all([hear]), late])],
  ['a receive with a time', (ctx) => ctx.receive(word, { timeoutMs: 1_000 }).catch(() => 'late')],
  [
    'all of which one fails',
    (ctx) =>
      ctx
        .all([
          hear,
          async (branch) => {
            await branch.sleep(1_000)
            throw new Error('late')
          },
        ])
        .catch(() => 'late'),
  ],
]

/** Waits for a word, and for another where none came in time; a step beside it takes its time to be written. */
function patient(ask: Ask) {
  return workflow(async (ctx) => {
    const [first] = await ctx.all([
      ask,
      async (branch) => {
        await branch.sleep(990)
        await branch.step('other', () => 1)
      },
    ])
    return [first, await ctx.receive(word, { timeoutMs: 5_000 }).catch(() => 'nothing')]
  })
}

/** One life of a process in which the word comes when the time is just over, and nothing could be written meanwhile. */
async function live(store: Store, ask: Ask, clock = manualClock({ now: 1_000 })): Promise<unknown> {
  let isSlow = false
  const slow = changedStore(store, {
    commit: async (writes) => {
      if (isSlow) {
        isSlow = false
        await clock.sleep(20)
      }
      return store.commit(writes)
    },
  })
  const flow = patient(ask)
  const runtime = runtimeOf([flow], slow, clock)
  const advance = async (ms: number): Promise<void> => {
    await clock.advance(ms)
    for (let turn = 0; turn < 30; turn++) await setImmediate()
  }
  return untilCrash(runtime, async () => {
    const run = await runtime.start(flow, '', { id: 'r' })
    await advance(0)
    isSlow = true
    await advance(990)
    await advance(12)
    await runtime.send('r', word, 'yes', { id: 'once' })
    for (let n = 0; n < 8; n++) await advance(1_000)
    const outcome = await run.outcome()
    return outcome.kind === 'completed' ? outcome.output : undefined
  })
}

describe('a message that comes when the time for it is just over', () => {
  it.each(ASKS)('is kept for who receives next: %s', async (_, ask) => {
    const store = memoryStore()
    expect(await live(store, ask)).toEqual(['late', 'yes'])
    expect(await runtimeOf([patient(ask)], store).replay('r')).toMatchObject({ status: 'matched' })
  })

  // What a branch of all has received has gone with it, where another fails later.
  it.each(ASKS.slice(0, -1))('is heard once wherever the process dies: %s', async (_, ask) => {
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    await live(counted, ask)
    for (let at = 1; at <= counted.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        const [store, clock] = [memoryStore(), manualClock({ now: 1_000 })]
        const heard = (await live(crashing(store, { at, side }), ask, clock)) ?? (await live(store, ask, clock))
        expect([heard].flat(2), `write ${at}, ${side}`).toContain('yes')
        const runtime = runtimeOf([patient(ask)], store)
        expect(await runtime.replay('r'), `write ${at}, ${side}`).toMatchObject({ status: 'matched' })
        expect(outline(await runtime.runs.entries('r')).filter((line) => line.startsWith('message.'))).toHaveLength(1)
      }
    }
  })

  it('and went to the loser in a journal of the first format replays as it was recorded', async () => {
    const flow = workflow(async (ctx) => {
      const first = await ctx.race([hear, late])
      return [first, await ctx.receive(word, { timeoutMs: 5 }).catch(() => 'nothing')]
    })
    const definition = { kind: 'workflow', name: 'flow', version: 1 } as const
    const at = (kind: 'timer.set' | 'timer.fired', key: string): Draft => ({
      kind,
      key,
      attempt: 1,
      body: { until: 1 },
    })
    const drafts: Draft[] = [
      { kind: 'run.started', key: 'run', attempt: 1, body: { definition, input: '', context: null, seed: 's' } },
      at('timer.set', 'race/branch:1/sleep'),
      at('timer.fired', 'race/branch:1/sleep'),
      {
        kind: 'message.received',
        key: 'message:word/0',
        attempt: 1,
        body: { signal: 'word', id: 'x', payload: 'yes' },
      },
      { kind: 'race.won', key: 'race', attempt: 1, body: { branch: 1 } },
      at('timer.set', 'receive:word/timeout'),
      at('timer.fired', 'receive:word/timeout'),
      { kind: 'run.completed', key: 'run', attempt: 1, body: { output: ['late', 'nothing'] } },
    ]
    const entries = drafts.map((draft, seq): Entry => ({ ...draft, seq, at: seq, digest: '' }))
    expect(await replayWorkflow('r', entries, flow)).toBeNull()
  })
})
