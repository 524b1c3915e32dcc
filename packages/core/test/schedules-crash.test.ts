import { changedStore, Crash, crashing, type ManualClock, manualClock, memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { type Store, StoreError } from '../src/index.ts'
import { flow, fired, MINUTE, minutely, pass, START } from './schedule.fixture.ts'
import { runtimeOf } from './flow.fixture.ts'

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
