import { setImmediate } from 'node:timers/promises'
import { changedStore, type ManualClock, manualClock, memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSignal, type Runtime, StoreError } from '../src/index.ts'
import { quiet, runtimeOf, workflow } from './flow.fixture.ts'
import { outline } from './world.fixture.ts'

const DAY_MS = 86_400_000
const go = defineSignal({ name: 'go', payload: z.null() })

/** Lets a worker look around until a run stands so. */
async function until(runtime: Runtime, clock: ManualClock, runId: string, status: string): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    if ((await runtime.runs.get(runId)).status === status) return
    await clock.advance(250)
  }
  throw new Error(`${runId} is ${(await runtime.runs.get(runId)).status}`)
}

describe('a worker', () => {
  it('takes queued runs by priority, several at a time, and stops when it is told', async () => {
    const order: string[] = []
    const flow = workflow(async (ctx, input) => ctx.step('work', () => void order.push(input)))
    const clock = manualClock()
    const store = memoryStore()
    const runtime = runtimeOf([flow], store, clock)
    for (const [id, priority] of [
      ['low', 0],
      ['high', 5],
      ['mid', 1],
    ] as const)
      await runtime.enqueue(flow, id, { id, priority })
    await runtime.enqueue(flow, 'low', { id: 'low' })
    expect((await runtime.runs.list({ status: 'queued' })).map(({ id }) => id)).toEqual(['low', 'high', 'mid'])
    const worker = runtime.work({ concurrency: 1 })
    for (let turn = 0; turn < 200 && order.length < 3; turn++) await clock.advance(250)
    expect(order).toEqual(['high', 'mid', 'low'])
    await worker.stop()
    await runtime.enqueue(flow, 'later', { id: 'later' })
    await clock.advance(2_000)
    expect(await runtime.runs.get('later')).toMatchObject({ status: 'queued' })
    await runtime.close()
  })

  it('drives as many at a time as it is told, and no more', async () => {
    let [now, most] = [0, 0]
    const gate = Promise.withResolvers<void>()
    const flow = workflow((ctx) =>
      ctx.step('work', async () => {
        most = Math.max(most, ++now)
        await gate.promise
        now--
      }),
    )
    const clock = manualClock()
    const runtime = runtimeOf([flow], memoryStore(), clock)
    for (let n = 0; n < 5; n++) await runtime.enqueue(flow, '', { id: `r${n}` })
    const worker = runtime.work({ concurrency: 2 })
    for (let turn = 0; turn < 10; turn++) await clock.advance(250)
    expect(now).toBe(2)
    gate.resolve()
    await until(runtime, clock, 'r4', 'completed')
    expect(most).toBe(2)
    await worker.stop()
    await runtime.close()
  })

  it('leaves a run alone that another worker was quicker to take', async () => {
    const gate = Promise.withResolvers<void>()
    const long = workflow((ctx) => ctx.step('work', () => gate.promise), 'long')
    const flow = workflow(async () => 'done')
    const clock = manualClock()
    const store = memoryStore()
    const runtimes = [runtimeOf([long, flow], store, clock), runtimeOf([long, flow], store, clock)] as const
    const [runtime] = runtimes
    await runtime.enqueue(long, '', { id: 'long', priority: 1 })
    await runtime.enqueue(flow, '', { id: 'flow' })
    for (const each of runtimes) each.work({ concurrency: 1 })
    await until(runtime, clock, 'flow', 'completed')
    expect((await runtime.runs.get('long')).status).toBe('running')
    gate.resolve()
    await until(runtime, clock, 'long', 'completed')
    await Promise.all(runtimes.map((each) => each.close()))
  })

  it('that stops lets a step end, writes its result, and gives the run and its child back', async () => {
    const begun = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const child = workflow(async (ctx) => {
      await ctx.step('long', async () => {
        begun.resolve()
        await gate.promise
      })
      return ctx.step('next', () => 'next')
    }, 'child')
    const parent = workflow((ctx) => ctx.child(child, ''), 'parent')
    const clock = manualClock()
    const store = memoryStore()
    const runtime = runtimeOf([parent, child], store, clock)
    await runtime.enqueue(parent, '', { id: 'p' })
    const worker = runtime.work()
    await begun.promise
    const stopping = worker.stop()
    gate.resolve()
    await stopping
    expect((await runtime.runs.list()).map(({ id, owner }) => [id, owner])).toEqual([
      ['p', null],
      ['p/child:child', null],
    ])
    expect(outline(await runtime.runs.entries('p/child:child'))).toEqual(['run.started run', 'step.returned step:long'])
    await runtime.close()
    const next = runtimeOf([parent, child], store, clock)
    next.work()
    await until(next, clock, 'p', 'completed')
    await next.close()
  })

  it('that stops waits eight seconds for what does not end, then gives it back all the same, and takes no more', async () => {
    const begun = Promise.withResolvers<void>()
    const flow = workflow((ctx) =>
      ctx.step('endless', () => {
        begun.resolve()
        return new Promise<never>(() => undefined)
      }),
    )
    const clock = manualClock()
    const store = memoryStore()
    const runtime = runtimeOf([flow], store, clock)
    await runtime.enqueue(flow, '', { id: 'r' })
    const worker = runtime.work({ concurrency: 2 })
    await begun.promise
    let stopped = false
    const stopping = worker.stop().then(() => (stopped = true))
    await runtime.enqueue(flow, '', { id: 'next' })
    await clock.advance(7_999)
    expect([stopped, (await store.run('r'))?.owner]).toEqual([false, expect.any(String)])
    await clock.advance(1)
    await stopping
    expect(await store.run('r')).toMatchObject({
      status: 'waiting',
      owner: null,
      waiting: { kind: 'interrupted', error: { code: 'runtime_stopped' } },
      wakeAt: clock.now(),
    })
    expect(await store.run('next')).toMatchObject({ status: 'queued', owner: null, epoch: 1 })
    await runtime.close()
  })

  it('is not held up by runs that it does not know, or that cannot be taken up', async () => {
    const clock = manualClock()
    const store = memoryStore()
    const other = workflow(async () => 'other', 'other')
    const broken = workflow((ctx) => ctx.receive(go), 'broken')
    const before = runtimeOf([other, broken], store)
    for (let n = 0; n < 12; n++) await before.enqueue(other, '', { id: `other-${n}`, priority: 9 })
    await (await before.start(broken, '', { id: 'broken' })).outcome()
    await before.send('broken', go, null).catch(() => undefined)
    await before.close()
    const errors: string[] = []
    const flow = workflow(async () => 'done')
    const changed = workflow((ctx) => ctx.step('else', () => 1), 'broken')
    const log = { ...quiet, error: (line: string) => void errors.push(line) }
    const runtime = runtimeOf([flow, changed], store, clock, { log })
    const worker = runtime.work({ concurrency: 1 })
    await runtime.enqueue(flow, '', { id: 'flow' })
    await until(runtime, clock, 'flow', 'completed')
    expect(errors.length).toBeLessThan(6)
    await worker.stop()
    await runtime.close()
  })

  it('goes on with other work after a deploy under which none of many runs in flight can go on', async () => {
    const clock = manualClock({ now: 10_000 })
    const store = memoryStore()
    const order = workflow((ctx) => ctx.sleep(1_000), 'order')
    const old = runtimeOf([order], store)
    for (let n = 0; n < 60; n++) await old.start(order, '', { id: `order-${n}` })
    await old.close()
    const errors: string[] = []
    const changed = workflow((ctx) => ctx.step('else', () => 1), 'order')
    const mail = workflow(async () => 'sent', 'mail')
    const log = { ...quiet, error: (line: string) => void errors.push(line) }
    const runtime = runtimeOf([changed, mail], store, clock, { log })
    await runtime.enqueue(mail, '', { id: 'mail' })
    const worker = runtime.work({ concurrency: 2 })
    const status = async (): Promise<string> => (await runtime.runs.get('mail')).status
    while ((await status()) !== 'completed') await clock.advance(10)
    expect(errors.filter((line) => line.includes('could not be taken up')).length).toBeLessThan(20)
    await worker.stop()
    await runtime.close()
  })

  it('drives a new run of a definition of which none of many runs in flight can go on, and says that once', async () => {
    const clock = manualClock({ now: 10_000 })
    const store = memoryStore()
    const order = workflow((ctx) => ctx.sleep(1_000), 'order')
    const old = runtimeOf([order], store)
    for (let n = 0; n < 60; n++) await old.start(order, '', { id: `order-${n}` })
    while ((await old.runs.entries('order-59')).length < 2) await setImmediate()
    await old.close()
    const errors: string[] = []
    const changed = workflow((ctx) => ctx.step('else', () => 1), 'order')
    const log = { ...quiet, error: (line: string) => void errors.push(line) }
    const runtime = runtimeOf([changed], store, clock, { log })
    await runtime.enqueue(changed, '', { id: 'new' })
    const worker = runtime.work({ concurrency: 2 })
    while ((await runtime.runs.get('new')).status !== 'completed') await clock.advance(10)
    const tried = (await runtime.runs.list({ status: 'waiting' })).filter(
      ({ waiting }) => waiting?.kind === 'interrupted',
    )
    expect(tried.length).toBeLessThan(20)
    for (let turn = 0; turn < 2_000 && errors.length < 2; turn++) await clock.advance(200)
    expect(await runtime.runs.list({ status: 'waiting' })).toHaveLength(60)
    expect(errors).toHaveLength(2)
    expect(errors[0]).toMatch(/^The run "order-0" could not be taken up: /)
    expect(errors.at(-1)).toMatch(/So it was \d+ more times for runs of the workflow "order"/)
    await worker.stop()
    await runtime.close()
  })

  it('drives what its store gave without saying so, though it looks at the same moments as its runtime beats', async () => {
    const clock = manualClock({ now: 1_000 })
    const store = memoryStore()
    let [isUnheard, wasUnheard] = [false, false]
    const slow = changedStore(store, {
      // A look begins whenever it is asked after a beat whose a run is.
      run: async (id) => {
        if (wasUnheard) await clock.sleep(1)
        return store.run(id)
      },
      take: async (...given) => {
        const rows = await store.take(...given)
        if (!isUnheard || rows.length === 0) return rows
        ;[isUnheard, wasUnheard] = [false, true]
        throw new StoreError({ code: 'store_failed', message: 'lost', retryable: true })
      },
    })
    const long = workflow((ctx) => ctx.step('long', () => clock.sleep(500_000)), 'long')
    const short = workflow(async () => 'done', 'short')
    const runtime = runtimeOf([long, short], slow, clock)
    await runtime.start(long, 'x', { id: 'long' })
    runtime.work()
    await clock.advance(1_000)
    isUnheard = true
    await runtime.enqueue(short, 'x', { id: 'short' })
    for (let seconds = 0; seconds < 30; seconds++) await clock.advance(1_000)
    expect(await store.run('short')).toMatchObject({ status: 'completed' })
    const closed = runtime.close()
    for (let seconds = 0; seconds < 10; seconds++) await clock.advance(1_000)
    await closed
  })

  it('says once that its store fails, looks less and less often, and goes on once it works', async () => {
    const clock = manualClock()
    const store = memoryStore()
    const [lines, looks]: [string[], number[]] = [[], []]
    let isForeign = true
    const failing = changedStore(store, {
      take: (...given) => {
        looks.push(clock.monotonic())
        const error = new StoreError({ code: 'store_foreign', message: 'It belongs to another program.' })
        return isForeign ? Promise.reject(error) : store.take(...given)
      },
    })
    const flow = workflow(async () => 'done')
    const note = (line: string): void => void lines.push(line)
    const runtime = runtimeOf([flow], failing, clock, { log: { info: note, warn: note, error: note } })
    const worker = runtime.work()
    for (let seconds = 0; seconds < 600; seconds++) await clock.advance(1_000)
    expect(looks.length).toBeLessThan(15)
    expect(lines).toEqual([
      'The worker could not look for runs, and tries again in pauses that grow to 300 s: It belongs to another program.',
    ])
    isForeign = false
    await runtime.enqueue(flow, '', { id: 'flow' })
    for (let minutes = 0; minutes < 6; minutes++) await clock.advance(60_000)
    expect(await runtime.runs.get('flow')).toMatchObject({ status: 'completed' })
    expect(lines.at(-1)).toBe('The worker looks for runs again.')
    await worker.stop()
    await runtime.close()
  })
})

describe('a run that waits long for time', () => {
  const sleeper = workflow(async (ctx) => {
    await ctx.sleep(DAY_MS)
    return ctx.now()
  }, 'sleeper')
  const parent = workflow((ctx) => ctx.child(sleeper, ''), 'parent')
  const asking = workflow((ctx) => ctx.receive(go, { timeoutMs: DAY_MS }).catch((error: Error) => error.name), 'asking')
  const failing = workflow(
    (ctx) =>
      ctx.step('fail', () => Promise.reject(new Error('no')), {
        retry: { attempts: 2, baseMs: DAY_MS, maxMs: DAY_MS },
      }),
    'failing',
  )
  const flow = workflow(async () => 'done')

  it('takes no place of a worker, and is taken up when its time has come', async () => {
    const clock = manualClock({ now: 1_000 })
    const store = memoryStore()
    const definitions = [sleeper, parent, asking, failing, flow]
    // How long a step waits is left to chance.
    const runtime = runtimeOf(definitions, store, clock, { random: () => 0.5 })
    for (const one of [sleeper, parent, asking, failing]) await runtime.enqueue(one, '', { id: one.name })
    const worker = runtime.work({ concurrency: 1 })
    await until(runtime, clock, 'failing', 'waiting')
    await runtime.enqueue(flow, '', { id: 'flow' })
    await until(runtime, clock, 'flow', 'completed')
    const rows = await runtime.runs.list({ status: 'waiting' })
    expect(rows.every(({ owner }) => owner === null)).toBe(true)
    const due = { until: expect.any(Number) as number }
    expect(rows.map(({ id, waiting }) => [id, waiting])).toEqual([
      ['sleeper', { kind: 'timer', key: 'sleep', ...due }],
      ['parent', { kind: 'child', key: 'child:sleeper', runId: 'parent/child:sleeper' }],
      ['asking', { kind: 'signal', key: 'receive:go', signal: 'go', ...due }],
      ['failing', { kind: 'retry', key: 'step:fail', ...due }],
      ['parent/child:sleeper', { kind: 'timer', key: 'sleep', ...due }],
    ])
    // Only the worker's own look around, and nobody's beat.
    expect(clock.pending).toBe(1)
    await worker.stop()
    await runtime.close()

    await clock.advance(DAY_MS)
    const next = runtimeOf(definitions, store, clock)
    next.work({ concurrency: 1 })
    await until(next, clock, 'parent', 'completed')
    await until(next, clock, 'asking', 'completed')
    await until(next, clock, 'failing', 'failed')
    const outputs = await Promise.all(
      ['sleeper', 'parent', 'asking'].map(async (id) => (await next.runs.entries(id)).at(-1)?.body),
    )
    expect(outputs).toEqual([
      { output: (await next.runs.entries('sleeper')).find(({ kind }) => kind === 'timer.fired')?.at },
      { output: (await next.runs.entries('parent/child:sleeper')).find(({ kind }) => kind === 'timer.fired')?.at },
      { output: 'TimedOutError' },
    ])
    for (const { id } of await next.runs.list()) expect((await next.replay(id)).status, id).toBe('matched')
    await next.close()
  })

  it('is woken before by a signal, whoever sends it', async () => {
    const clock = manualClock()
    const store = memoryStore()
    const runtime = runtimeOf([asking], store, clock)
    const elsewhere = runtimeOf([], store, clock)
    await runtime.enqueue(asking, '', { id: 'r' })
    runtime.work({ concurrency: 1 })
    await until(runtime, clock, 'r', 'waiting')
    await elsewhere.send('r', go, null)
    await until(runtime, clock, 'r', 'completed')
    expect(clock.now()).toBeLessThan(DAY_MS)
    await runtime.close()
  })

  it('stays with the process that started it, and its row says what it waits for now', async () => {
    const clock = manualClock()
    const twice = workflow(async (ctx) => {
      await ctx.receive(go)
      await ctx.receive(defineSignal({ name: 'gone', payload: z.null() }))
      await ctx.sleep(60_000)
      return 'done'
    })
    const runtime = runtimeOf([twice], memoryStore(), clock)
    const run = await runtime.start(twice, '', { id: 'r' })
    await run.outcome()
    expect((await runtime.runs.get('r')).waiting).toMatchObject({ signal: 'go' })
    await runtime.send('r', go, null)
    await run.outcome()
    expect((await runtime.runs.get('r')).waiting).toMatchObject({ signal: 'gone' })
    await runtime.send('r', { kind: 'signal', name: 'gone', payload: z.null() }, null)
    while (clock.pending < 2) await setImmediate()
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'running', waiting: null })
    await clock.advance(60_000)
    expect(await run.result()).toBe('done')
    await runtime.close()
  })
})
