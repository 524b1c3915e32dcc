import { manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { createRuntime, DefinitionError, type Model, ModelError, type RunEvent } from '../src/index.ts'
import { byTurn, clerk, clerkRuntime, newWorld, outline } from './world.fixture.ts'

const busy = (retryAfterMs?: number) =>
  new ModelError({ code: 'rate_limit_exceeded', message: 'Slow down.', retryable: true, retryAfterMs })

describe('a model that fails', () => {
  it('is asked again after the wait that its service asks for, else exponentially with full jitter', async () => {
    const clock = manualClock({ now: 1_000_000 })
    const model = scriptedModel([busy(70_000), busy(), busy(), { text: 'at last' }])
    await using runtime = createRuntime({
      store: memoryStore(),
      models: model,
      definitions: [clerk],
      services: newWorld(),
      clock,
      random: () => 0.5,
    })
    const run = await runtime.start(clerk, 'go', { id: 'r' })
    for (let seconds = 0; seconds < 80; seconds++) await clock.advance(1_000)
    expect(await run.result()).toBe('at last')
    const failed = (await runtime.runs.entries('r')).filter((entry) => entry.kind === 'model.failed')
    expect(failed.map(({ at, attempt, body }) => [attempt, (body.retryAt ?? 0) - at])).toEqual([
      [1, 70_000],
      [2, 500],
      [3, 1_000],
    ])
  })

  it('keeps waiting for the rest of the time after a restart', async () => {
    const clock = manualClock({ now: 1_000_000 })
    const store = memoryStore()
    const parts = { definitions: [clerk], services: newWorld(), clock, random: () => 0.5 } as const
    const first = createRuntime({ ...parts, store, models: scriptedModel([busy(60_000)]) })
    await first.start(clerk, 'go', { id: 'r' })
    await clock.advance(10_000)
    await first.close()
    const model = scriptedModel([{ text: 'there' }])
    await using second = createRuntime({ ...parts, store, models: model })
    const run = await second.resume('r')
    await clock.advance(49_000)
    expect(model.requests).toBe(0)
    await clock.advance(1_000)
    expect(await run.result()).toBe('there')
  })

  it('ends the run at once when no retry can help, and when the attempts are used up', async () => {
    const model = scriptedModel(({ items: [first] }) =>
      first?.kind === 'user' && first.text === 'quota'
        ? new ModelError({ code: 'insufficient_quota', message: 'The account has no credit.' })
        : busy(0),
    )
    await using runtime = clerkRuntime(model, newWorld())
    expect(await (await runtime.start(clerk, 'quota')).outcome()).toMatchObject({
      kind: 'failed',
      error: { code: 'insufficient_quota' },
    })
    expect(model.requests).toBe(1)
    expect(await (await runtime.start(clerk, 'busy')).outcome()).toMatchObject({
      kind: 'failed',
      error: { code: 'rate_limit_exceeded' },
    })
    expect(model.requests).toBe(9)
  })

  it('because this process is not set up to ask it leaves the run as it is, for one that is', async () => {
    const store = memoryStore()
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const parts = { store, definitions: [clerk], services: newWorld(), log } as const
    const error = new DefinitionError({ code: 'missing_api_key', message: 'No API key.' })
    const one = createRuntime({ ...parts, models: scriptedModel([error]) })
    const run = await one.start(clerk, 'go', { id: 'r' })
    expect(await run.outcome()).toMatchObject({
      kind: 'waiting',
      waiting: { kind: 'interrupted', error: { code: 'missing_api_key', message: 'No API key.' } },
    })
    // Also when asked later.
    await expect(run.result()).rejects.toThrow('The run "r" waits: No API key.')
    expect(outline(await one.runs.entries('r'))).toEqual(['run.started run'])
    await one.close()

    const two = createRuntime({ ...parts, models: scriptedModel([{ text: 'there' }]) })
    expect(await (await two.start(clerk, 'go', { id: 'r' })).result()).toBe('there')
    await two.close()
  })

  it('for that reason again and again is asked less and less often by a worker', { tags: 'slow' }, async () => {
    const clock = manualClock()
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const model = scriptedModel(() => new DefinitionError({ code: 'missing_api_key', message: 'No API key.' }))
    const parts = {
      store: memoryStore(),
      models: model,
      definitions: [clerk],
      services: newWorld(),
      clock,
      // The whole of each pause.
      random: () => 0.999_999,
      log,
    } as const
    await using runtime = createRuntime(parts)
    await runtime.enqueue(clerk, 'go', { id: 'r' })
    runtime.work()
    for (let seconds = 0; seconds < 80; seconds++) await clock.advance(1_000)
    // At once, and 2, 4, 8, 16 and 32 seconds after each time before.
    expect(model.requests).toBe(6)
    expect(await runtime.runs.get('r')).toMatchObject({
      status: 'waiting',
      owner: null,
      waiting: { kind: 'interrupted', error: { message: 'No API key.' }, times: 6, mendable: true },
    })
    for (let minutes = 0; minutes < 120; minutes++) await clock.advance(60_000)
    // Every five minutes in the end, and nothing of it is in the journal.
    expect(model.requests).toBeGreaterThan(26)
    expect(outline(await runtime.runs.entries('r'))).toEqual(['run.started run'])
  })

  it('that sends words and then breaks off has them discarded before it is asked again', async () => {
    const model = {
      asked: 0,
      async *ask() {
        yield { kind: 'text', delta: 'Hel' } as const
        yield { kind: 'text', delta: 'lo' } as const
        if (this.asked++ === 0) return
        yield {
          kind: 'reply',
          reply: { items: [{ kind: 'assistant', text: 'Hello' }], finish: 'stop', model: 'm' },
        } as const
      },
    }
    await using runtime = clerkRuntime(model, newWorld())
    const run = await runtime.start(clerk, 'go', { id: 'r' })
    const live: RunEvent[] = []
    run.on('text.delta', (event) => live.push(event)).on('attempt.discarded', (event) => live.push(event))
    expect(await run.result()).toBe('Hello')
    const key = 'agent:0/turn:0'
    expect(live).toEqual([
      { kind: 'text.delta', runId: 'r', key, attempt: 1, offset: 0, delta: 'Hel' },
      { kind: 'text.delta', runId: 'r', key, attempt: 1, offset: 3, delta: 'lo' },
      { kind: 'attempt.discarded', runId: 'r', key, attempt: 1 },
      { kind: 'text.delta', runId: 'r', key, attempt: 2, offset: 0, delta: 'Hel' },
      { kind: 'text.delta', runId: 'r', key, attempt: 2, offset: 3, delta: 'lo' },
    ])
    expect(outline(await runtime.runs.entries('r'))).toEqual([
      'run.started run',
      `model.failed ${key}`,
      `model.replied ${key} #2`,
      'run.completed run',
    ])
  })

  it('that throws what is not an error of a model ends the run with that', async () => {
    await using runtime = clerkRuntime(
      scriptedModel(() => {
        throw new TypeError('x is not a function')
      }),
      newWorld(),
    )
    expect(await (await runtime.start(clerk, 'go')).outcome()).toMatchObject({
      kind: 'failed',
      error: { code: 'model_threw', message: 'x is not a function' },
    })
  })
})

describe('a model whose service accepts a request as a response of its own', () => {
  it('is given that response again after a crash or a cut, until it is over', async () => {
    const pendings: (string | undefined)[] = []
    const clock = manualClock({ now: Date.UTC(2026, 10, 22) })
    const model: Model = {
      async *ask({ pending, today }, signal) {
        pendings.push(pending?.responseId)
        expect(today).toBe('2026-11-22')
        if (pendings.length === 1) {
          yield { kind: 'accepted', responseId: 'resp_1' }
          await new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason as Error)),
          )
        }
        if (pendings.length === 2)
          throw new ModelError({ code: 'connection', message: 'Cut.', retryable: true, retryAfterMs: 0 })
        if (pendings.length === 3)
          throw new ModelError({
            code: 'expired',
            message: 'Over.',
            retryable: true,
            retryAfterMs: 0,
            details: { ended: true },
          })
        yield { kind: 'reply', reply: { items: [{ kind: 'assistant', text: 'there' }], finish: 'stop', model: 'm' } }
      },
    }
    const store = memoryStore()
    const parts = { store, models: model, definitions: [clerk], services: newWorld(), clock } as const
    const one = createRuntime(parts)
    await one.start(clerk, 'go', { id: 'r' })
    while ((await store.entries('r')).length < 2) await clock.advance(0)
    const closing = one.close()
    await clock.advance(25_000)
    await closing
    await using two = createRuntime(parts)
    expect(await (await two.resume('r')).result()).toBe('there')
    expect(pendings).toEqual([undefined, 'resp_1', 'resp_1', undefined])
    expect(outline(await two.runs.entries('r'))).toEqual([
      'run.started run',
      'model.asked agent:0/turn:0',
      'model.failed agent:0/turn:0',
      'model.failed agent:0/turn:0 #2',
      'model.replied agent:0/turn:0 #3',
      'run.completed run',
    ])
    expect((await two.replay('r')).status).toBe('matched')
  })
})

describe('what a user says', () => {
  it('may come with pictures and files, which are kept as they were given', async () => {
    const seen: unknown[] = []
    const model = scriptedModel(({ items }) => {
      seen.push(items[0])
      return { text: 'a cat' }
    })
    await using runtime = clerkRuntime(model, newWorld())
    const parts = [{ kind: 'image', url: 'https://example.com/cat.png' }] as const
    expect(await (await runtime.start(clerk, { text: 'What is this?', parts }, { id: 'r' })).result()).toBe('a cat')
    expect(seen).toEqual([{ kind: 'user', text: 'What is this?', parts }])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is answered by what the model calls its answer, where it tells that from what it says on the way', async () => {
    const model = scriptedModel([
      {
        items: [
          { kind: 'assistant', text: 'Let me see.', phase: 'commentary' },
          { kind: 'assistant', text: '42', phase: 'final_answer' },
        ],
        finish: 'stop',
        model: 'm',
      },
    ])
    await using runtime = clerkRuntime(model, newWorld())
    expect(await (await runtime.start(clerk, 'go')).result()).toBe('42')
  })
})

describe('events', () => {
  it('reach those who iterate whole and in order, also when they begin late', async () => {
    await using runtime = clerkRuntime(byTurn([{ text: 'hi' }]), newWorld())
    const run = await runtime.start(clerk, 'go', { id: 'r' })
    await run.result()
    const kinds: string[] = []
    for await (const event of run) kinds.push(event.kind)
    expect(kinds).toEqual(['run.started', 'model.replied', 'run.completed'])
  })

  it('go on when a listener throws', async () => {
    const logged: string[] = []
    const log = { info: () => undefined, warn: () => undefined, error: (message: string) => void logged.push(message) }
    await using runtime = createRuntime({
      store: memoryStore(),
      models: byTurn([{ text: 'hi' }]),
      definitions: [clerk],
      services: newWorld(),
      log,
    })
    const run = await runtime.start(clerk, 'go', { id: 'r' })
    const heard: string[] = []
    run.on('model.replied', () => {
      throw new Error('oops')
    })
    run.on('model.replied', ({ kind }) => heard.push(kind))
    run.on('model.replied', () => Promise.reject(new Error('late')) as never)
    expect(await run.result()).toBe('hi')
    expect(heard).toEqual(['model.replied'])
    expect(logged).toEqual([
      'A listener of "model.replied" of the run "r" threw: oops',
      'A listener of "model.replied" of the run "r" threw: late',
    ])
  })
})
