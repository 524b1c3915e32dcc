// The rounds of a workflow that goes on as another run: who may begin them, and how long the first is known.
import { setImmediate } from 'node:timers/promises'
import { crashing, manualClock, memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSignal, type Store } from '../src/index.ts'
import { runtimeOf, workflow } from './flow.fixture.ts'
import { outline, untilCrash } from './world.fixture.ts'

describe('an owner that has lost a run', () => {
  it('begins no next round of it: that is written with the end of this one, under its epoch', async () => {
    const acted: string[] = []
    const gate = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const flow = workflow(async (ctx, input) => {
      if (input !== '') return ctx.step('act', () => void acted.push(input))
      const next = await ctx.step('fetch', async () => {
        begun.resolve()
        await gate.promise
        return 'stale'
      })
      return ctx.continueAs(next)
    })
    const store = memoryStore()
    const runtime = runtimeOf([flow], store, manualClock())
    const run = await runtime.start(flow, '', { id: 'r' })
    await begun.promise
    const [row] = await store.runs({})
    const beats = await store.owners()
    const ownerHeartbeat = beats.find(({ owner }) => owner === row?.owner)?.heartbeat ?? null
    await store.claim({ id: 'r', epoch: row?.epoch ?? 0, ownerHeartbeat }, { owner: 'another', heartbeat: 1 })
    gate.resolve()
    expect(await run.outcome()).toMatchObject({ kind: 'waiting', waiting: { error: { code: 'run_lost' } } })
    for (let turn = 0; turn < 20; turn++) await setImmediate()
    expect((await store.runs({})).map(({ id }) => id)).toEqual(['r'])
    expect(acted).toEqual([])
  })
})

describe('a round', () => {
  it('and the end of the one before are one write, wherever the process dies', async () => {
    const flow = workflow(async (ctx, input) => {
      await ctx.step('work', () => input)
      return input.length < 3 ? ctx.continueAs(`${input}x`) : input
    })
    const live = (store: Store) => {
      const runtime = runtimeOf([flow], store)
      return untilCrash(runtime, async () => (await runtime.start(flow, '', { id: 'r' })).outcome())
    }
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    expect(await live(counted)).toMatchObject({ kind: 'completed', output: 'xxx' })
    for (let at = 1; at <= counted.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        const store = memoryStore()
        await live(crashing(store, { at, side }))
        const rows = await store.runs({})
        const open = rows.filter(({ endedAt }) => endedAt === null)
        expect(open.length, `write ${at}, ${side}`).toBeLessThan(2)
        expect(await live(store), `write ${at}, ${side}`).toMatchObject({ kind: 'completed', output: 'xxx' })
        const runtime = runtimeOf([flow], store)
        for (const { id } of await runtime.runs.list()) expect((await runtime.replay(id)).status, id).toBe('matched')
        expect(outline(await runtime.runs.entries('r~2'))).toEqual([
          'run.started run',
          'step.returned step:work',
          'run.completed run',
        ])
      }
    }
  })
})

describe('a workflow of many rounds', () => {
  it('is known by its first id however much is cleaned up, and what it holds stays bounded', async () => {
    const tick = defineSignal({ name: 'tick', payload: z.number() })
    const flow = workflow(async (ctx, input) => {
      const n = await ctx.receive(tick)
      return n < 0 ? input : ctx.continueAs(`${n}`)
    })
    const [store, clock] = [memoryStore(), manualClock({ now: 1_000 })]
    const runtime = runtimeOf([flow], store, clock)
    await (await runtime.start(flow, '', { id: 'r' })).outcome()
    for (let n = 1; n <= 30; n++) {
      await runtime.send('r', tick, n, { id: `tick-${n}` })
      for (let turn = 0; turn < 30; turn++) await setImmediate()
      await clock.advance(1_000)
      await runtime.gc({ olderThanMs: 0 })
      expect((await store.runs({})).length).toBeLessThanOrEqual(12)
    }
    await runtime.send('r', tick, 30, { id: 'tick-30' })
    expect(await runtime.runs.newest('r')).toBe('r~31')
    expect(await (await runtime.start(flow, '', { id: 'r' })).outcome()).toMatchObject({ kind: 'waiting' })
    await runtime.send('r', tick, -1)
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ kind: 'completed', output: '30' })
    await clock.advance(1_000)
    await runtime.gc({ olderThanMs: 0 })
    expect(await store.runs({})).toEqual([])
  })
})
