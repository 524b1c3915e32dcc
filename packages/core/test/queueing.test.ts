import { type ManualClock, manualClock, memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSignal, type Runtime } from '../src/index.ts'
import { runtimeOf, workflow } from './flow.fixture.ts'
import { eachCrash, POINTS, stands, untilSo, watched } from './queue.fixture.ts'
import { outline } from './world.fixture.ts'

const go = defineSignal({ name: 'go', payload: z.null() })
const HOUR_MS = 3_600_000

describe('a run that is queued for later', () => {
  it('is not begun before, by its delay or its moment, and is by then', async () => {
    const { seen, work } = watched()
    const flow = workflow((ctx, input) => ctx.step('work', () => work(input, Promise.resolve())))
    const clock = manualClock({ now: 1_000 })
    await using runtime = runtimeOf([flow], memoryStore(), clock)
    await runtime.enqueue(flow, 'hour', { id: 'hour', delayMs: HOUR_MS })
    await runtime.enqueue(flow, 'date', { id: 'date', at: new Date(1_000 + 2 * HOUR_MS) })
    await runtime.enqueue(flow, 'past', { id: 'past', at: 10 })
    expect(await runtime.runs.get('hour')).toMatchObject({ status: 'queued', wakeAt: 1_000 + HOUR_MS })
    runtime.work()
    await clock.advance(HOUR_MS - 1_000)
    expect(seen.begun).toEqual(['past'])
    await clock.advance(2_000)
    expect(seen.begun).toEqual(['past', 'hour'])
    await clock.advance(HOUR_MS)
    expect(seen.begun).toEqual(['past', 'hour', 'date'])
    expect(await runtime.runs.get('date')).toMatchObject({ status: 'completed', wakeAt: null })
  })

  it('goes on at once for whoever resumes it by its id', async () => {
    const flow = workflow(async () => 'done')
    await using runtime = runtimeOf([flow])
    await runtime.enqueue(flow, '', { id: 'r', delayMs: HOUR_MS })
    expect(await (await runtime.resume('r')).result()).toBe('done')
  })

  it.each([
    [{ at: 1, delayMs: 1 }, 'was given at and delayMs'],
    [{ at: new Date('never') }, 'was given at: an object. Give it a Date, or milliseconds since 1970'],
    [{ delayMs: -1 }, 'has delayMs -1. It must be 0 milliseconds or more'],
    [{ expireMs: NaN }, 'has expireMs NaN'],
    [{ deadlineMs: Infinity }, 'has deadlineMs Infinity'],
    [{ concurrency: { key: 'a', limit: 0 } }, 'has concurrency.limit 0. It must be a whole number of 1 or more'],
    [{ concurrency: { key: 'a\0', limit: 1 } }, 'was given concurrency.key'],
    [{ concurrency: { key: 'a', limit: 1 }, concurrencyKey: 'a' }, 'was given concurrencyKey and concurrency'],
  ])('is refused where it cannot be meant: %j', async (options, message) => {
    const flow = workflow(async () => 'done')
    await using runtime = runtimeOf([flow])
    await expect(runtime.enqueue(flow, '', { id: 'r', ...options })).rejects.toThrow(message)
    expect(await runtime.runs.list()).toEqual([])
  })
})

describe('runs of one concurrency key', () => {
  const everyone = async (runtimes: readonly Runtime[], clock: ManualClock, ids: readonly string[]): Promise<void> => {
    const [first] = runtimes as [Runtime]
    for (const id of ids) await untilSo(clock, stands(first, id, 'completed'))
  }

  it('are worked one at a time and in their order by several workers, and those of another key beside them', async () => {
    const [ann, bob] = [watched(), watched()]
    const clock = manualClock()
    const flow = workflow((ctx, input) =>
      ctx.step('work', () => (input.startsWith('ann') ? ann : bob).work(input, clock.sleep(1_000))),
    )
    const store = memoryStore()
    const runtimes = [1, 2, 3].map(() => runtimeOf([flow], store, clock))
    const [runtime] = runtimes as [Runtime]
    const ids = Array.from({ length: 6 }, (_, at) => `${at % 2 ? 'bob' : 'ann'}-${at}`)
    for (const id of ids)
      await runtime.enqueue(flow, id, { id, concurrency: { key: id.slice(0, 3), limit: id.startsWith('ann') ? 1 : 2 } })
    for (const each of runtimes) each.work()
    await everyone(runtimes, clock, ids)
    expect(ann.seen).toEqual({ now: 0, most: 1, begun: ['ann-0', 'ann-2', 'ann-4'] })
    expect(bob.seen).toEqual({ now: 0, most: 2, begun: ['bob-1', 'bob-3', 'bob-5'] })
    await Promise.all(runtimes.map((each) => each.close()))
  })

  it('let the next one go on while one waits, which comes before those behind it once it has heard', async () => {
    const { seen, work } = watched()
    const clock = manualClock()
    const flow = workflow(async (ctx, input) => {
      await ctx.step('first', () => work(input, Promise.resolve()))
      if (input === 'a') await ctx.receive(go)
      await ctx.step('last', () => work(`${input} again`, clock.sleep(2_000)))
    })
    await using runtime = runtimeOf([flow], memoryStore(), clock)
    for (const id of ['a', 'b', 'c']) await runtime.enqueue(flow, id, { id, concurrencyKey: 'customer-7' })
    runtime.work()
    await untilSo(clock, () => seen.begun.includes('b again'))
    expect(await runtime.runs.get('a')).toMatchObject({ status: 'waiting' })
    await runtime.send('a', go, null)
    await everyone([runtime], clock, ['a', 'b', 'c'])
    expect(seen).toEqual({ now: 0, most: 1, begun: ['a', 'b', 'b again', 'a again', 'c', 'c again'] })
  })

  it('are not worked beside each other by whoever resumes one by its id: it waits for its turn', async () => {
    const { seen, work } = watched()
    const clock = manualClock()
    const gate = Promise.withResolvers<void>()
    const flow = workflow((ctx, input) =>
      ctx.step('work', () => work(input, input === 'a' ? gate.promise : Promise.resolve())),
    )
    await using runtime = runtimeOf([flow], memoryStore(), clock)
    for (const id of ['a', 'b']) await runtime.enqueue(flow, id, { id, concurrencyKey: 'k' })
    const first = await runtime.resume('a')
    const second = await runtime.resume('b')
    await clock.advance(10_000)
    expect(seen.begun).toEqual(['a'])
    gate.resolve()
    await first.result()
    await clock.advance(10_000)
    await second.result()
    expect(seen).toEqual({ now: 0, most: 1, begun: ['a', 'b'] })
  })

  it('keep their slot through a death of their worker, at each of its writes, and all are worked once', async () => {
    const { seen, work } = watched()
    const flow = workflow((ctx, input) => ctx.step('work', () => work(input, Promise.resolve())))
    const points = await eachCrash(
      [flow],
      'write',
      async (runtime) => {
        for (const id of ['a', 'b']) await runtime.enqueue(flow, id, { id, concurrencyKey: 'k' })
      },
      async (runtime, clock) => {
        await everyone([runtime], clock, ['a', 'b'])
        expect(seen.most).toBe(1)
        expect([...new Set(seen.begun)]).toEqual(['a', 'b'])
        seen.begun.length = 0
      },
    )
    expect(points).toBe(POINTS)
  })

  it('go on as another run under the same key, and that one counts', async () => {
    const { seen, work } = watched()
    const clock = manualClock()
    const flow = workflow(async (ctx, input) => {
      await ctx.step('work', () => work(input, clock.sleep(1_000)))
      return input === 'a' ? ctx.continueAs('a2') : input
    })
    await using runtime = runtimeOf([flow], memoryStore(), clock)
    for (const id of ['a', 'b']) await runtime.enqueue(flow, id, { id, concurrencyKey: 'k' })
    runtime.work()
    await everyone([runtime], clock, ['a', 'b', 'a~2'])
    expect(seen).toEqual({ now: 0, most: 1, begun: ['a', 'a2', 'b'] })
  })
})

describe('a run that nobody has begun in time', () => {
  const flow = workflow(async () => 'done')

  it('ends as failed with a code of its own, by a worker that does not know it, and says so in its journal', async () => {
    const clock = manualClock({ now: 1_000 })
    const store = memoryStore()
    await using runtime = runtimeOf([flow], store, clock)
    await runtime.enqueue(flow, '', { id: 'r', expireMs: HOUR_MS })
    await clock.advance(HOUR_MS)
    await using other = runtimeOf([], store, clock)
    other.work()
    await untilSo(clock, stands(runtime, 'r', 'failed'))
    const outcome = await (await runtime.resume('r')).outcome()
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: {
        code: 'run_expired',
        message:
          'Nobody had begun it by 1970-01-01T01:00:01.000Z, so it was not begun. Let more workers run, or give it more time with expireMs; to have it done all the same, queue it anew under another id.',
      },
    })
    expect(outline(await runtime.runs.entries('r'))).toEqual(['run.started run', 'run.failed run'])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is not begun by a worker or by its id any more, and one that was begun goes on', async () => {
    const clock = manualClock({ now: 1_000 })
    const { seen, work } = watched()
    const slow = workflow((ctx, input) => ctx.step('work', () => work(input, clock.sleep(5_000))), 'slow')
    await using runtime = runtimeOf([slow], memoryStore(), clock)
    await runtime.enqueue(slow, 'begun', { id: 'begun', expireMs: 2_000 })
    runtime.work()
    await untilSo(clock, () => seen.begun.length === 1)
    await runtime.enqueue(slow, 'late', { id: 'late', at: 500, expireMs: 0 })
    expect(await (await runtime.resume('late')).outcome()).toMatchObject({
      kind: 'failed',
      error: { code: 'run_expired' },
    })
    await untilSo(clock, stands(runtime, 'begun', 'completed'))
    expect(seen.begun).toEqual(['begun'])
  })

  it('is ended once, whichever write its worker dies at', async () => {
    const points = await eachCrash(
      [flow],
      'write',
      (runtime) => runtime.enqueue(flow, '', { id: 'r', expireMs: 0 }),
      async (runtime, clock) => {
        await untilSo(clock, stands(runtime, 'r', 'failed'))
        expect(outline(await runtime.runs.entries('r'))).toEqual(['run.started run', 'run.failed run'])
      },
    )
    expect(points).toBe(POINTS)
  })

  it('counts its time from the moment at which it may be begun', async () => {
    await using runtime = runtimeOf([flow])
    await runtime.enqueue(flow, '', { id: 'r', delayMs: 500, expireMs: 20, deadlineMs: 30 })
    expect(await runtime.runs.get('r')).toMatchObject({ wakeAt: 1_500, expireAt: 1_520, deadlineAt: 1_530 })
  })
})

describe('a run that is less urgent', () => {
  it('is begun within a bounded number of takes, however many urgent ones keep coming', async () => {
    const { seen, work } = watched()
    const clock = manualClock()
    const flow = workflow((ctx, input) => ctx.step('work', () => work(input, clock.sleep(100))))
    const runtime = runtimeOf([flow], memoryStore(), clock)
    await runtime.enqueue(flow, 'low', { priority: -5 })
    let urgent = 0
    const more = async (): Promise<void> => {
      while (urgent < seen.begun.length + 20) await runtime.enqueue(flow, `urgent ${urgent++}`, { priority: 5 })
    }
    await more()
    runtime.work({ concurrency: 2 })
    await untilSo(clock, async () => {
      await more()
      return seen.begun.includes('low')
    })
    const closing = runtime.close()
    await clock.advance(1_000)
    await closing
    expect(seen.begun.length).toBeLessThan(16)
    expect(seen.begun.slice(0, 4)).not.toContain('low')
  })
})
