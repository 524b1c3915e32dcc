import { changedStore, Crash, crashing, type ManualClock, manualClock, memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { type Runtime, type Store, StoreError } from '../src/index.ts'
import { flow, fired, MINUTE, minutely, pass, START } from './schedule.fixture.ts'
import { runtimeOf, workflow } from './flow.fixture.ts'

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

describe('the last run of a schedule, gone on as another, is cancelled with overlap cancel', () => {
  /** Goes on as another every so often, until it is cancelled. */
  const loop = workflow(async (ctx, input): Promise<string> => {
    await ctx.sleep(25_000)
    return ctx.continueAs(`${input}.`)
  })
  const schedule = { ...minutely({ overlap: 'cancel' }), definition: loop }

  /** The runs of the first moment and its continuations, and that of the second. */
  async function statuses(runtime: Runtime): Promise<readonly (readonly string[])[]> {
    const rows = await runtime.runs.list()
    const of = (minute: string) => rows.filter(({ id }) => id.startsWith(`schedule:s@2026-11-30T12:${minute}:00Z`))
    return ['01', '02'].map((minute) => of(minute).map(({ status }) => status))
  }

  it('as it goes on by then', async () => {
    const clock = manualClock({ now: START })
    await using runtime = runtimeOf([loop], memoryStore(), clock)
    await runtime.schedule('s', schedule)
    runtime.work()
    await pass(clock, 2 * MINUTE + 2_000)
    expect(await statuses(runtime)).toEqual([['completed', 'completed', 'cancelled'], ['waiting']])
  })

  it.for([false, true])('though it goes on just then, and whoever fires it dies (%s)', async (dies) => {
    const [clock, store] = [manualClock({ now: START }), memoryStore()]
    await using driving = runtimeOf([loop], changedStore(store, { dueSchedules: async () => [] }), clock)
    const gate = Promise.withResolvers<undefined>()
    let isDead = false
    const firing = runtimeOf(
      [loop],
      changedStore(store, {
        take: async () => [],
        commit: async (writes) => {
          if (writes.some(({ fires }) => fires) && clock.now() >= START + 2 * MINUTE) await gate.promise
          return store.commit(writes)
        },
        send: async (...given) => {
          if (isDead) throw new Error('It is dead.')
          return store.send(...given)
        },
      }),
      clock,
    )
    await firing.schedule('s', schedule)
    driving.work()
    firing.work()
    await pass(clock, 2 * MINUTE + 2_000)
    expect(await statuses(driving)).toEqual([['completed', 'completed', 'waiting'], []])
    await pass(clock, 18_000)
    expect(await statuses(driving)).toEqual([['completed', 'completed', 'completed', 'waiting'], []])
    isDead = dies
    gate.resolve(undefined)
    await pass(clock, 2_000)
    await firing.close()
    // Where he has died it is cancelled by whoever looks at the next moment.
    await using other = runtimeOf([loop], changedStore(store, { take: async () => [] }), clock)
    if (dies) other.work()
    await pass(clock, dies ? 42_000 : 2_000)
    const [first, second] = await statuses(driving)
    expect(first?.slice(-2)).toEqual(['completed', 'cancelled'])
    expect(second?.slice(-1)).toEqual([dies ? 'cancelled' : 'waiting'])
  })
})
