import { changedStore, manualClock, memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorkflow, type Runtime } from '../src/index.ts'
import { quiet, runtimeOf, workflow } from './flow.fixture.ts'
import { fired, flow, MINUTE, minutely, pass, START, world } from './schedule.fixture.ts'

describe('a schedule', () => {
  it('begins a run at each moment, with the moment in its input where that is asked for', async () => {
    const report = defineWorkflow({
      name: 'report',
      input: z.object({ shop: z.string(), at: z.iso.datetime() }),
      run: async (_ctx, { shop, at }) => `${shop} ${at}`,
    })
    const clock = manualClock({ now: START })
    await using runtime = runtimeOf([report], memoryStore(), clock)
    const declared = await runtime.schedule('s', {
      cron: '* * * * *',
      timeZone: 'Europe/Oslo',
      definition: report,
      input: { shop: 'oslo' },
      momentAs: 'at',
      tags: ['nightly'],
      priority: 3,
      tenant: 'acme',
      user: 'ann',
    })
    expect(declared).toMatchObject({ name: 's', nextAt: START + MINUTE, paused: false, last: null, skipped: [] })
    runtime.work()
    await pass(clock, 2 * MINUTE)

    const rows = await runtime.runs.list({ tag: 'schedule:s' })
    expect(rows).toMatchObject([
      {
        id: 'schedule:s@2026-11-30T12:01:00Z',
        status: 'completed',
        tags: ['nightly', 'schedule:s'],
        priority: 3,
        tenant: 'acme',
        user: 'ann',
        createdAt: START + MINUTE,
      },
      { id: 'schedule:s@2026-11-30T12:02:00Z' },
    ])
    const outcome = await (await runtime.resume('schedule:s@2026-11-30T12:01:00Z')).outcome()
    expect(outcome).toMatchObject({ output: 'oslo 2026-11-30T12:01:00.000Z' })
    expect(await runtime.schedules.get('s')).toMatchObject({
      nextAt: START + 3 * MINUTE,
      last: { at: START + 2 * MINUTE, runId: 'schedule:s@2026-11-30T12:02:00Z', begunAt: START + 2 * MINUTE },
    })
  })

  it('fires each moment once, however many workers look', async () => {
    const [clock, store] = [manualClock({ now: START }), memoryStore()]
    const commits: string[] = []
    const slow = changedStore(store, {
      commit: async (writes) => {
        await clock.sleep(1)
        const results = await store.commit(writes)
        for (const [at, { runId, fires }] of writes.entries()) if (fires) commits.push(`${runId} ${results[at]?.kind}`)
        return results
      },
    })
    const runtimes = Array.from({ length: 10 }, () => runtimeOf([flow], slow, clock))
    for (const runtime of runtimes) {
      await runtime.schedule('s', minutely())
      runtime.work()
    }
    await pass(clock, 5 * MINUTE + 2_000)

    const [runtime] = runtimes as [Runtime]
    expect(await fired(runtime)).toEqual([1, 2, 3, 4, 5])
    expect(commits.filter((line) => line.endsWith('written'))).toHaveLength(5)
    // They did race.
    expect(commits.filter((line) => !line.endsWith('written')).length).toBeGreaterThan(9)
    await Promise.all(runtimes.map((each) => each.close()))
  })

  it('is left to whoever has its definition', async () => {
    const [clock, store] = [manualClock({ now: START }), memoryStore()]
    await using own = runtimeOf([flow], store, clock)
    await using other = runtimeOf([workflow(async () => 0, 'other')], store, clock)
    await own.schedule('s', minutely())
    other.work()
    await pass(clock, 2 * MINUTE)
    expect(await fired(own)).toEqual([])
    own.work()
    await pass(clock, MINUTE)
    expect(await fired(own)).toEqual([2, 3])
  })

  it('that a worker cannot begin, since its input is another by now, waits for one that can, and stops no other', async () => {
    const [clock, store] = [manualClock({ now: START }), memoryStore()]
    const errors: string[] = []
    const log = { ...quiet, error: (message: string) => void errors.push(message) }
    const stricter = defineWorkflow({ name: 'flow', input: z.literal('stop'), run: async () => 0 })
    await using today = runtimeOf([flow], store, clock)
    await using tomorrow = runtimeOf([stricter], store, clock, { log })
    await today.schedule('s', minutely())
    await tomorrow.schedule('t', { cron: '* * * * *', definition: stricter, input: 'stop' })
    const worker = tomorrow.work()
    await pass(clock, MINUTE)
    await worker.stop()

    expect(await fired(today)).toEqual([])
    expect(await fired(today, 't')).toEqual([1])
    expect(errors).toEqual([expect.stringContaining('The schedule "s" could not begin its run: The input given to')])
    today.work()
    await pass(clock, 2_000)
    expect(await fired(today)).toEqual([1])
  })

  it('goes on where it stands when the clock is set back, and begins nothing a second time', async () => {
    const store = memoryStore()
    const clock = manualClock({ now: START })
    const before = runtimeOf([flow], store, clock)
    await before.schedule('s', minutely())
    before.work()
    await pass(clock, 3 * MINUTE)
    await before.close()
    await store.gc(clock.now() + 1, ['completed'], 100)

    const back = manualClock({ now: START - MINUTE })
    await using after = runtimeOf([flow], store, back)
    await after.schedule('s', minutely({ input: 'another' }))
    after.work()
    // Nor where it has another pattern of the same moments, or is paused and resumed.
    await after.schedule('s', minutely({ cron: '*/1 * * * *' }))
    await pass(back, 2 * MINUTE)
    await after.schedules.pause('s')
    await after.schedules.resume('s')
    await pass(back, 2 * MINUTE + 30_000)
    expect(await fired(after)).toEqual([])
    await pass(back, MINUTE)
    expect(await fired(after)).toEqual([4])
  })

  it('is fired by nobody who was stopped while others went on, also when its run is gone', async () => {
    const [clock, store] = [manualClock({ now: START }), memoryStore()]
    const gate = Promise.withResolvers<void>()
    const held = Promise.withResolvers<string>()
    const stopping = changedStore(store, {
      commit: async (writes) => {
        const firing = writes.find(({ fires }) => fires)
        if (firing) held.resolve(firing.runId)
        if (firing) await gate.promise
        return store.commit(writes)
      },
    })
    await using stopped = runtimeOf([flow], stopping, clock)
    await using other = runtimeOf([flow], store, clock)
    await other.schedule('s', minutely())
    stopped.work()
    await pass(clock, MINUTE)
    expect(await held.promise).toBe('schedule:s@2026-11-30T12:01:00Z')
    const worker = other.work()
    await pass(clock, 2_000)
    expect(await fired(other)).toEqual([1])
    await worker.stop()
    expect(await store.gc(clock.now() + 1, ['completed'], 10)).toHaveLength(1)

    gate.resolve()
    await pass(clock, 5_000)
    expect(await fired(other)).toEqual([])
  })

  it('is begun no more by a worker that is told to stop, and all the same by the next', async () => {
    const [clock, store] = [manualClock({ now: START }), memoryStore()]
    let stop = (): unknown => undefined
    const stopping = changedStore(store, {
      commit: async (writes) => {
        if (writes.some(({ fires }) => fires)) void stop()
        return store.commit(writes)
      },
    })
    await using runtime = runtimeOf([flow], stopping, clock)
    for (const name of ['a', 'b', 'c']) await runtime.schedule(name, minutely())
    const worker = runtime.work()
    stop = () => worker.stop()
    await pass(clock, MINUTE + 30_000)
    expect(await Promise.all(['a', 'b', 'c'].map((name) => fired(runtime, name)))).toEqual([[1], [], []])
    stop = () => undefined
    runtime.work()
    await pass(clock, 2_000)
    expect(await Promise.all(['a', 'b', 'c'].map((name) => fired(runtime, name)))).toEqual([[1], [1], [1]])
  })

  it('gives way to a run that has the id of its moment, and goes on with the next', async () => {
    const clock = manualClock({ now: START })
    await using runtime = runtimeOf([flow], memoryStore(), clock)
    await runtime.schedule('s', minutely({ catchUp: 'all' }))
    await runtime.enqueue(flow, 'by hand', { id: 'schedule:s@2026-11-30T12:01:00Z' })
    runtime.work()
    await pass(clock, 2 * MINUTE)
    expect(await fired(runtime)).toEqual([2])
    expect((await runtime.runs.list()).length).toBe(2)
  })
})

describe('moments that nobody was up for', () => {
  async function after(catchUp: string, late: number): Promise<{ runtime: Runtime; moments: number[] }> {
    const clock = manualClock({ now: START })
    const runtime = runtimeOf([flow], memoryStore(), clock)
    await runtime.schedule('s', minutely({ catchUp, cron: '*/10 * * * *' }))
    await clock.advance(late)
    runtime.work()
    await pass(clock, 30_000)
    return { runtime, moments: await fired(runtime) }
  }

  it.for([
    ['last', 35 * MINUTE, [30], [10, 20]],
    ['all', 35 * MINUTE, [10, 20, 30], undefined],
    ['none', 35 * MINUTE, [], [10, 30]],
    ['none', 30 * MINUTE + 30_000, [30], [10, 20]],
    ['last', 12 * MINUTE, [10], undefined],
    ['none', 12 * MINUTE, [], [10, 10]],
  ] as const)('with catchUp %s, %d ms late', async ([catchUp, late, expected, skipped]) => {
    const { runtime, moments } = await after(catchUp, late)
    expect(moments).toEqual(expected)
    const schedule = await runtime.schedules.get('s')
    const at = (minutes = 0): number => START + minutes * MINUTE
    expect(schedule.skipped).toEqual(skipped ? [{ at: at(skipped[0]), until: at(skipped[1]), why: 'missed' }] : [])
    expect(schedule.nextAt).toBe(at(late < 30 * MINUTE ? 20 : 40))
    await runtime.close()
  })

  it.for(['skip', 'queue', 'cancel'])('wait until the run before has ended, with overlap %s', async (overlap) => {
    const { clock, gates, runtime, declare } = world(overlap, { catchUp: 'all', cron: '*/10 * * * *' })
    await declare()
    await clock.advance(35 * MINUTE)
    runtime.work()
    for (const expected of [[10], [10, 20], [10, 20, 30]]) {
      await pass(clock, 5_000)
      expect(await fired(runtime)).toEqual(expected)
      gates.at(-1)?.resolve()
    }
    await pass(clock, 5_000)
    expect(await runtime.runs.list({ status: 'completed' })).toHaveLength(3)
    expect(await runtime.schedules.get('s')).toMatchObject({ nextAt: START + 40 * MINUTE, waiting: [], skipped: [] })
    await runtime.close()
  })
})

describe('a moment that comes while the last run has not ended', () => {
  it('begins nothing with overlap skip, and is seen to', async () => {
    const { clock, gates, runtime, declare } = world('skip')
    await declare()
    runtime.work()
    await pass(clock, 3 * MINUTE)
    expect(await fired(runtime)).toEqual([1])
    const runId = 'schedule:s@2026-11-30T12:01:00Z'
    expect((await runtime.schedules.get('s')).skipped).toEqual([
      { at: START + 2 * MINUTE, until: START + 2 * MINUTE, why: 'overlap', runId },
      { at: START + 3 * MINUTE, until: START + 3 * MINUTE, why: 'overlap', runId },
    ])
    gates[0]?.resolve()
    await pass(clock, MINUTE)
    expect(await fired(runtime)).toEqual([1, 4])
    await runtime.close()
  })

  it('waits its turn with overlap queue, each in its order', async () => {
    const { clock, gates, runtime, declare } = world('queue')
    await declare()
    runtime.work()
    await pass(clock, 3 * MINUTE)
    expect(await fired(runtime)).toEqual([1])
    expect((await runtime.schedules.get('s')).waiting).toEqual([START + 2 * MINUTE, START + 3 * MINUTE])
    for (const expected of [
      [1, 2],
      [1, 2, 3],
    ]) {
      gates.at(-1)?.resolve()
      await pass(clock, 3_000)
      expect(await fired(runtime)).toEqual(expected)
    }
    gates.at(-1)?.resolve()
    await pass(clock, 3_000)
    expect(await runtime.schedules.get('s')).toMatchObject({ waiting: [], nextAt: START + 4 * MINUTE })
    expect(await runtime.runs.list({ status: 'completed' })).toHaveLength(3)
    await runtime.close()
  })

  it('cancels it with overlap cancel', async () => {
    const { clock, runtime, declare } = world('cancel')
    await declare()
    runtime.work()
    await pass(clock, 2 * MINUTE + 2_000)
    expect((await runtime.runs.list()).map(({ status }) => status)).toEqual(['cancelled', 'running'])
    const outcome = await (await runtime.resume('schedule:s@2026-11-30T12:01:00Z')).outcome()
    expect(outcome).toMatchObject({ kind: 'cancelled', reason: 'The schedule "s" has begun the next run.' })
    await runtime.close()
  })

  it('cancels it with overlap cancel though whoever fires it dies just then', async () => {
    const [clock, store] = [manualClock({ now: START }), memoryStore()]
    const sleeper = workflow((ctx) => ctx.sleep(3_600_000))
    const schedule = { ...minutely({ overlap: 'cancel' }), definition: sleeper }
    const dying = changedStore(store, {
      send: async () => {
        throw new Error('It is dead.')
      },
    })
    const first = runtimeOf([sleeper], dying, clock)
    await first.schedule('s', schedule)
    first.work()
    await pass(clock, 2 * MINUTE + 2_000)
    await first.close()
    await using second = runtimeOf([sleeper], store, clock)
    second.work()
    await pass(clock, 20_000)
    expect((await second.runs.list()).map(({ status }) => status)).toEqual(['cancelled', 'waiting'])
  })

  it('counts a run that goes on in the place of the last as that one', async () => {
    const clock = manualClock({ now: START })
    const loop = workflow(async (ctx, input): Promise<string> => {
      await ctx.sleep(20_000)
      return input.length < 6 ? ctx.continueAs(`${input}.`) : 'done'
    })
    await using runtime = runtimeOf([loop], memoryStore(), clock)
    await runtime.schedule('s', { ...minutely(), definition: loop })
    runtime.work()
    await pass(clock, 4 * MINUTE)
    expect((await runtime.schedules.get('s')).skipped.map(({ at }) => (at - START) / MINUTE)).toEqual([2, 4])
  })
})
