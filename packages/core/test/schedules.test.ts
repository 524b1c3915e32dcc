import { changedStore, Crash, crashing, type ManualClock, manualClock, memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineWorkflow,
  type RunRow,
  type Runtime,
  type ScheduleOptions,
  type Store,
  StoreError,
} from '../src/index.ts'
import { quiet, runtimeOf, workflow } from './flow.fixture.ts'

const MINUTE = 60_000
const START = Date.UTC(2026, 10, 30, 12)

const flow = workflow(async (_ctx, input) => input)
type Flow = typeof flow

/** A schedule of each minute. */
const minutely = (rest: object = {}) =>
  ({ cron: '* * * * *', definition: flow, input: 'go', ...rest }) as ScheduleOptions<Flow>

/** The runs of a schedule: the moments that they stand for, as minutes from the start. */
async function fired(runtime: Runtime, name = 's'): Promise<number[]> {
  const rows = await runtime.runs.list({ tag: `schedule:${name}` })
  return rows.map(minuteOf)
}

function minuteOf({ id }: Pick<RunRow, 'id'>): number {
  return (Date.parse(id.slice(id.indexOf('@') + 1)) - START) / MINUTE
}

/** Lets the time go on, a second at a time, with some turns of the event loop for each. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (const end = clock.now() + ms; clock.now() < end;) await clock.advance(Math.min(1_000, end - clock.now()))
  for (let turn = 0; turn < 20; turn++) await clock.advance(0)
}

/** A schedule of each minute whose runs end when they are let. */
function world(overlap: string, rest: object = {}) {
  const clock = manualClock({ now: START })
  const gates: PromiseWithResolvers<void>[] = []
  const long = workflow((ctx) =>
    ctx.step('work', ({ signal }) => {
      const gate = Promise.withResolvers<void>()
      gates.push(gate)
      signal.addEventListener('abort', () => gate.reject(signal.reason as Error))
      return gate.promise
    }),
  )
  const runtime = runtimeOf([long], memoryStore(), clock, { closeGraceMs: 0 })
  const declare = () => runtime.schedule('s', { ...minutely({ overlap, ...rest }), definition: long })
  return { clock, gates, runtime, declare }
}

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
    await pass(back, 4 * MINUTE)
    expect(await fired(after)).toEqual([])
    // Nor where it is paused and resumed, or has another pattern of the same moments.
    await after.schedules.pause('s')
    await after.schedules.resume('s')
    await after.schedule('s', minutely({ cron: '*/1 * * * *' }))
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

  it('gives way to a run that has the id of its moment, and goes on with the next', async () => {
    const clock = manualClock({ now: START })
    await using runtime = runtimeOf([flow], memoryStore(), clock)
    await runtime.schedule('s', minutely())
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

describe('declaring a schedule', () => {
  it('again changes nothing, and with other options what comes from now on', async () => {
    const [clock, store] = [manualClock({ now: START }), memoryStore()]
    await using runtime = runtimeOf([flow], store, clock)
    await runtime.schedule('s', minutely())
    const [stored] = await store.schedules({})
    await clock.advance(30_000)
    await runtime.schedule('s', minutely())
    expect(await store.schedules({})).toEqual([stored])

    await runtime.schedules.pause('s')
    await runtime.schedule('s', minutely({ input: 'other' }))
    expect(await runtime.schedules.get('s')).toMatchObject({ input: 'other', nextAt: START + MINUTE, paused: true })
    await runtime.schedule('s', minutely({ cron: '0 3 * * *', timeZone: 'Europe/Oslo' }))
    expect(await runtime.schedules.get('s')).toMatchObject({
      input: 'go',
      nextAt: Date.UTC(2026, 11, 1, 2),
      paused: true,
    })
  })

  it('with a lower version changes nothing, so that two deploys side by side do not take turns', async () => {
    const store = memoryStore()
    const deploys = [runtimeOf([flow], store), runtimeOf([flow], store)] as const
    const declare = (): Promise<unknown> =>
      Promise.all([
        deploys[0].schedule('s', minutely({ cron: '0 1 * * *' })),
        deploys[1].schedule('s', minutely({ cron: '0 2 * * *', version: 2 })),
      ])
    await declare()
    const [stored] = await store.schedules({})
    expect(await deploys[0].schedules.get('s')).toMatchObject({ cron: '0 2 * * *', version: 2 })
    await declare()
    expect(await store.schedules({})).toEqual([stored])
    await Promise.all(deploys.map((each) => each.close()))
  })

  it('by ten at once is one declaration', async () => {
    const store = memoryStore()
    const runtimes = Array.from({ length: 10 }, () => runtimeOf([flow], store))
    await Promise.all(runtimes.map((each) => each.schedule('s', minutely())))
    expect(await runtimes[0]?.schedules.list()).toHaveLength(1)
    await Promise.all(runtimes.map((each) => each.close()))
  })

  it.for([
    [{ cron: '0 0 30 2 *' }, 'runtime.schedule was given cron "0 0 30 2 *": it never comes. Give it minute, hour'],
    [{ cron: '61 * * * *' }, 'runtime.schedule was given cron "61 * * * *": Invalid value for minute: 61. Give it'],
    [{ timeZone: 'Oslo' }, 'runtime.schedule was given timeZone "Oslo", which is no time zone here. Give it a name of'],
    [{ input: 7 }, 'The input given to workflow "flow" is wrong.'],
    [{ input: [1n] }, 'The input of the schedule "s" cannot be kept in a journal: [0] is a bigint. Use plain JSON.'],
    [{ context: 'none' }, 'The context given to workflow "flow" has no place'],
    [{ momentAs: 'at' }, 'runtime.schedule was given momentAs: "at". It names a member of the input of a workflow'],
    [{ catchUp: 'some' }, `runtime.schedule was given catchUp: "some". Give it 'none', 'last', 'all'.`],
    [{ overlap: 'wait' }, `runtime.schedule was given overlap: "wait". Give it 'skip', 'queue', 'cancel'.`],
    [{ version: 0 }, 'The schedule "s" has version 0. It must be a whole number of 1 or more.'],
    [{ tags: 'x' }, 'runtime.schedule was given tags "x". It must be a list of texts.'],
    [{ priority: 0.5 }, 'The schedule "s" has priority 0.5. It must be a whole number.'],
    [{ tenant: 7 }, 'runtime.schedule was given tenant 7. It must be text of whole characters'],
    [
      { definition: workflow(async () => 0, 'other') },
      'The workflow "other" is not one of this runtime\'s definitions',
    ],
    [{ definition: undefined }, 'runtime.schedule was given definition: nothing. Give it one of the runtime.'],
  ] as const)('with %o is refused, and says why', async ([wrong, message]) => {
    const store = memoryStore()
    await using runtime = runtimeOf([flow], store)
    await expect(runtime.schedule('s', minutely(wrong))).rejects.toThrow(message)
    expect(await store.schedules({})).toEqual([])
  })

  it('refuses a name that is none', async () => {
    await using runtime = runtimeOf([flow])
    for (const name of ['', 'a b', 'é', 'x'.repeat(101), 7 as never])
      await expect(runtime.schedule(name, minutely())).rejects.toMatchObject({ code: 'bad_schedule_name' })
  })

  it('refuses an input that holds a secret', async () => {
    const secret = defineWorkflow({
      name: 'secret',
      input: z.object({ key: z.string().meta({ secret: true }) }),
      run: async () => 0,
    })
    const store = memoryStore()
    await using runtime = runtimeOf([secret], store)
    const declared = runtime.schedule('s', { cron: '@daily', definition: secret, input: { key: 'k-4711-abcdef' } })
    await expect(declared).rejects.toMatchObject({ code: 'secret_in_schedule' })
    expect(await store.schedules({})).toEqual([])
  })
})

describe('the schedules of a store', () => {
  it('are listed, and one that is not there is said to be none', async () => {
    await using runtime = runtimeOf([flow])
    for (const name of ['b', 'a']) await runtime.schedule(name, minutely({ tenant: name }))
    expect((await runtime.schedules.list()).map(({ name }) => name)).toEqual(['a', 'b'])
    expect((await runtime.schedules.list({ tenant: 'b' })).map(({ name }) => name)).toEqual(['b'])
    await expect(runtime.schedules.list({ limit: 0 })).rejects.toMatchObject({ code: 'bad_argument' })
    for (const asked of ['get', 'pause', 'resume', 'runNow', 'remove'] as const)
      await expect(runtime.schedules[asked]('c')).rejects.toThrow('There is no schedule "c" in this store.')
    await expect(runtime.schedules.backfill('c', 0, 1)).rejects.toMatchObject({ code: 'unknown_schedule' })
  })

  it('begin nothing while they are paused, nor make up for it when they are resumed', async () => {
    const clock = manualClock({ now: START })
    await using runtime = runtimeOf([flow], memoryStore(), clock)
    await runtime.schedule('s', minutely({ catchUp: 'all' }))
    runtime.work()
    await runtime.schedules.pause('s')
    await pass(clock, 3 * MINUTE + 1_000)
    expect(await fired(runtime)).toEqual([])
    await runtime.schedules.resume('s')
    await runtime.schedules.resume('s')
    await pass(clock, MINUTE)
    expect(await fired(runtime)).toEqual([4])
  })

  it('are run now, also paused, beside what runs, and that is the last run then', async () => {
    const { clock, runtime, declare } = world('skip')
    await declare()
    await clock.advance(1_500)
    await runtime.schedules.pause('s')
    const { id } = await runtime.schedules.runNow('s')
    expect(id).toBe('schedule:s@2026-11-30T12:00:01.500Z')
    expect(await runtime.runs.get(id)).toMatchObject({ status: 'queued', tags: ['schedule:s'] })
    await runtime.schedules.resume('s')
    runtime.work()
    await pass(clock, MINUTE)
    const { skipped, last } = await runtime.schedules.get('s')
    expect(skipped).toMatchObject([{ at: START + MINUTE, runId: id }])
    expect(last?.runId).toBe(id)
    await runtime.close()
  })

  it('are filled back, for each moment that has no run', async () => {
    const clock = manualClock({ now: START })
    await using runtime = runtimeOf([flow], memoryStore(), clock)
    await runtime.schedule('s', minutely())
    const from = new Date(START - 3 * MINUTE)
    const ids = await runtime.schedules.backfill('s', from, START)
    expect(ids).toEqual(['11:57', '11:58', '11:59'].map((time) => `schedule:s@2026-11-30T${time}:00Z`))
    expect(await runtime.schedules.backfill('s', from, clock.now())).toEqual([])
    expect(await runtime.schedules.get('s')).toMatchObject({ last: null, nextAt: START + MINUTE })

    const { backfill } = runtime.schedules
    const fill = backfill.bind(runtime.schedules)
    await expect(fill('s', START, START + 1)).rejects.toThrow('to: "2026-11-30T12:00:00.001Z". It lies ahead.')
    await expect(fill('s', 0, START)).rejects.toThrow('There are more than 10000 moments between them.')
    await expect(fill('s', NaN, START)).rejects.toThrow('from: the number NaN. Give it a Date')
  })

  it('that are removed leave their runs, and begin nothing any more', async () => {
    const clock = manualClock({ now: START })
    await using runtime = runtimeOf([flow], memoryStore(), clock)
    await runtime.schedule('s', minutely())
    runtime.work()
    await pass(clock, MINUTE)
    await runtime.schedules.remove('s')
    await pass(clock, 2 * MINUTE)
    expect(await fired(runtime)).toEqual([1])
    expect(await runtime.schedules.list()).toEqual([])
  })
})

describe('a process that dies while it works a schedule', () => {
  it('leaves each moment to be fired once, wherever it dies', async () => {
    const schedule = minutely({ catchUp: 'all', overlap: 'queue' })
    const life = async (store: Store, clock: ManualClock, shared: Store): Promise<number[]> => {
      const first = runtimeOf([flow], store, clock)
      try {
        await first.schedule('s', schedule)
        first.work()
        await pass(clock, 2 * MINUTE + 5_000)
      } catch (error) {
        if (!(error instanceof Crash)) throw error
      }
      await first.close()
      await using second = runtimeOf([flow], shared, clock)
      await second.schedule('s', schedule)
      second.work()
      await pass(clock, 65_000)
      expect(await second.schedules.get('s')).toMatchObject({ waiting: [], skipped: [] })
      expect(await second.runs.list({ status: 'completed' })).toEqual(await second.runs.list())
      return fired(second)
    }
    const whole = memoryStore()
    const counted = crashing(whole, { at: Infinity, side: 'before' })
    expect(await life(counted, manualClock({ now: START }), whole)).toEqual([1, 2, 3])
    expect(counted.commits).toBeGreaterThan(3)
    for (let at = 1; at <= counted.commits; at++)
      for (const side of ['before', 'after'] as const) {
        const store = memoryStore()
        const clock = manualClock({ now: START })
        expect(await life(crashing(store, { at, side }), clock, store), `${side} commit ${at}`).toEqual([1, 2, 3])
      }
  })

  it('or that does not hear of what it has written, does it once', async () => {
    const [clock, kept] = [manualClock({ now: START }), memoryStore()]
    const heard = new Set<string>()
    /** Each write is done, and fails the first time. */
    const unheard = async <T>(name: string, result: T): Promise<T> => {
      if (heard.has(name)) return result
      heard.add(name)
      throw new StoreError({ code: 'store_busy', message: 'It is busy.', retryable: true })
    }
    const store = changedStore(kept, {
      keepSchedule: async (change) => unheard(JSON.stringify(change), await kept.keepSchedule(change)),
      commit: async (writes) => unheard(JSON.stringify(writes), await kept.commit(writes)),
    })
    await using runtime = runtimeOf([flow], store, clock)
    const declared = runtime.schedule('s', minutely({ overlap: 'queue' }))
    await pass(clock, 1_000)
    await declared
    runtime.work()
    await pass(clock, 2 * MINUTE + 10_000)
    expect(await fired(runtime)).toEqual([1, 2])
    expect(await runtime.runs.list({ status: 'completed' })).toHaveLength(2)
    expect(heard.size).toBeGreaterThan(4)
  })
})
