import { manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineSignal, defineTool } from '../src/index.ts'
import { quiet, runtimeOf, workflow } from './flow.fixture.ts'
import { eachCrash, POINTS, stands, untilSo } from './queue.fixture.ts'
import { byTurn, call, hanging, outline } from './world.fixture.ts'

const go = defineSignal({ name: 'go', payload: z.null() })
const HOUR_MS = 3_600_000
const LATE = { kind: 'failed', error: { code: 'run_deadline' } }

describe('a run that has not ended by its deadline', () => {
  it('is stopped where it is driven, the moment that has come, and its step is told', async () => {
    const clock = manualClock({ now: 1_000 })
    const heard: unknown[] = []
    const flow = workflow((ctx) =>
      ctx.step('work', async ({ signal }) => {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        heard.push(clock.now(), (signal.reason as Error).message)
      }),
    )
    await using runtime = runtimeOf([flow], memoryStore(), clock)
    await runtime.enqueue(flow, '', { id: 'r', deadlineMs: 2_100 })
    runtime.work()
    await untilSo(clock, stands(runtime, 'r', 'failed'))
    const message =
      'It had not ended by its deadline, 1970-01-01T00:00:03.100Z. Give it more time with deadlineMs, or look at the run for what took so long.'
    expect(heard).toEqual([3_100, `The run "r" was cancelled: ${message}`])
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ ...LATE, error: { message } })
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is ended by a worker that does not know it while it waits for an approval, and replays as it was', async () => {
    const clock = manualClock({ now: 1_000 })
    const store = memoryStore()
    const refund = defineTool({
      name: 'refund',
      description: 'Pays back.',
      input: z.object({ id: z.string() }),
      effect: 'once',
      approval: true,
      execute: () => 'paid',
    })
    const desk = defineAgent({ name: 'desk', model: 'm', instructions: 'Serve.', tools: [refund] })
    const models = byTurn([{ calls: [call('refund', 'o1')] }])
    await using runtime = createRuntime({ store, models, definitions: [desk], clock, log: quiet })
    await runtime.enqueue(desk, 'Pay back o1', { id: 'r', deadlineMs: HOUR_MS })
    const worker = runtime.work()
    await untilSo(clock, stands(runtime, 'r', 'waiting'))
    await worker.stop()
    await clock.advance(HOUR_MS)
    await using other = runtimeOf([], store, clock)
    other.work()
    await untilSo(clock, stands(runtime, 'r', 'failed'))
    expect(await (await runtime.resume('r')).outcome()).toMatchObject(LATE)
    expect(outline(await runtime.runs.entries('r')).at(-1)).toBe('run.failed run')
    expect((await runtime.replay('r')).status).toBe('matched')
    await expect(runtime.approve('r', 'agent:0/turn:0/call:0', { by: 'ana' })).rejects.toThrow('Waiting: none.')
  })

  it('keeps what the model had said by then, and leaves a once call in doubt', async () => {
    const clock = manualClock({ now: 1_000 })
    const mail = defineTool({
      name: 'mail',
      description: 'Sends.',
      input: z.object({ id: z.string() }),
      effect: 'once',
      execute: () => new Promise<string>(() => undefined),
    })
    const desk = defineAgent({ name: 'desk', model: 'm', instructions: 'Serve.', tools: [mail] })
    const models = byTurn([{ calls: [call('mail', 'o1')] }])
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [desk], clock, log: quiet })
    await runtime.enqueue(desk, 'Write to o1', { id: 'r', deadlineMs: 2_000 })
    runtime.work()
    await untilSo(clock, stands(runtime, 'r', 'failed'))
    const kinds = (await runtime.runs.entries('r')).map(({ kind }) => kind)
    expect(kinds.slice(-3)).toEqual(['call.intended', 'call.doubted', 'run.failed'])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('takes its children along, also while it rests for them', async () => {
    const clock = manualClock({ now: 1_000 })
    const store = memoryStore()
    const child = workflow((ctx) => ctx.receive(go), 'child')
    const parent = workflow((ctx) => ctx.child(child, ''), 'parent')
    await using runtime = runtimeOf([parent, child], store, clock)
    await runtime.enqueue(parent, '', { id: 'p', deadlineMs: HOUR_MS, priority: 3 })
    runtime.work()
    await untilSo(clock, stands(runtime, 'p', 'waiting'))
    expect(await runtime.runs.get('p/child:child')).toMatchObject({ priority: 3, deadlineAt: null, concurrency: null })
    await clock.advance(HOUR_MS)
    await untilSo(clock, stands(runtime, 'p', 'failed'))
    expect(await (await runtime.resume('p/child:child')).outcome()).toMatchObject({
      kind: 'cancelled',
      reason: expect.stringMatching(/^its parent was late: It had not ended by its deadline/) as unknown,
    })
  })

  it('is ended once, with its child, whichever write its worker dies at', async () => {
    const child = workflow((ctx) => ctx.receive(go), 'child')
    const parent = workflow((ctx) => ctx.child(child, ''), 'parent')
    const points = await eachCrash(
      [parent, child],
      'write',
      (runtime) => runtime.enqueue(parent, '', { id: 'p', deadlineMs: 5_000 }),
      async (runtime, clock) => {
        await untilSo(clock, stands(runtime, 'p', 'failed'))
        const ends = (await runtime.runs.entries('p')).filter(({ kind }) => kind === 'run.failed')
        expect(ends).toMatchObject([{ body: { error: { code: 'run_deadline' } } }])
        for (const { status } of await runtime.runs.list({ parentId: 'p' })) expect(status).toBe('cancelled')
      },
    )
    expect(points).toBe(POINTS)
  })

  it('stops a reply that is under way, and goes on as another run with the same deadline', async () => {
    const clock = manualClock({ now: 1_000 })
    const desk = defineAgent({ name: 'desk', model: 'm', instructions: 'Serve.' })
    const flow = workflow(async (ctx, input) => {
      if (input === 'a') return ctx.continueAs('b')
      return ctx.agent(desk, 'Say something')
    })
    await using runtime = createRuntime({
      store: memoryStore(),
      models: hanging,
      definitions: [flow, desk],
      clock,
      log: quiet,
    })
    await runtime.enqueue(flow, 'a', { id: 'r', deadlineMs: 9_000 })
    runtime.work()
    await untilSo(clock, async () => (await runtime.runs.newest('r')) === 'r~2')
    expect(await runtime.runs.get('r~2')).toMatchObject({ deadlineAt: 10_000 })
    await untilSo(clock, stands(runtime, 'r~2', 'failed'))
    expect(clock.now()).toBeLessThan(12_000)
  })

  it('that ends in time is left alone', { tags: 'slow' }, async () => {
    const clock = manualClock({ now: 1_000 })
    const models = scriptedModel([{ text: 'Yes.' }])
    const desk = defineAgent({ name: 'desk', model: 'm', instructions: 'Serve.' })
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [desk], clock, log: quiet })
    await runtime.enqueue(desk, 'Hello', { id: 'r', deadlineMs: HOUR_MS })
    runtime.work()
    await untilSo(clock, stands(runtime, 'r', 'completed'))
    await clock.advance(HOUR_MS)
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'completed' })
  })
})
