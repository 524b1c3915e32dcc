// What a store could not keep: refused where it comes in, rounded where it is a time, and borne by its own run alone.
import { setImmediate } from 'node:timers/promises'
import { sqlite } from '@reprise/store'
import { changedStore, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { type Clock, createRuntime, defineAgent, defineSignal, defineWorkflow, type RunWrite } from '../src/index.ts'

const echo = defineAgent({ name: 'echo', model: 'm', instructions: '' })
const nap = defineWorkflow({
  name: 'nap',
  input: z.number(),
  run: async (ctx, ms) => {
    await ctx.sleep(ms)
    return 'up'
  },
})
const word = defineSignal({ name: 'word', payload: z.string() })
const definitions = [echo, nap] as const

function newRuntime(clock: Clock = manualClock({ now: 1_000 }), store = sqlite(':memory:')) {
  return createRuntime({ store, models: scriptedModel(() => ({ text: 'hi' })), definitions, clock })
}

describe('a sleep of a part of a millisecond', () => {
  it('ends at the next whole one, and holds up nobody', async () => {
    const clock = manualClock({ now: 1_000 })
    await using runtime = newRuntime(clock)
    const worker = runtime.work()
    await runtime.enqueue(nap, 20_000 / 3, { id: 'nap' })
    for (let looks = 0; looks < 100 && (await runtime.runs.get('nap')).status !== 'waiting'; looks++)
      await clock.advance(10)
    const { wakeAt } = await runtime.runs.get('nap')
    expect(wakeAt).toSatisfy(Number.isSafeInteger)
    for (let looks = 0; looks < 100 && (await runtime.runs.get('nap')).status !== 'completed'; looks++)
      await clock.advance(100)
    const [, set, fired] = await runtime.runs.entries('nap')
    expect([set, fired].map((entry) => entry?.body)).toMatchObject([{ until: wakeAt }, { until: wakeAt }])
    await worker.stop()
  })

  it('of as good as for ever ends with the last of all dates', async () => {
    const clock = manualClock({ now: 1_000 })
    await using runtime = newRuntime(clock)
    const worker = runtime.work()
    await runtime.enqueue(nap, Number.MAX_VALUE, { id: 'nap' })
    for (let looks = 0; looks < 100 && (await runtime.runs.get('nap')).status !== 'waiting'; looks++)
      await clock.advance(10)
    expect((await runtime.runs.get('nap')).wakeAt).toBe(8.64e15)
    await worker.stop()
  })
})

test('a clock that tells parts of milliseconds is read in whole ones, and one that tells no time is refused', async () => {
  let now = 1_000.75
  const clock = { ...manualClock(), now: () => now }
  await using runtime = newRuntime(clock)
  const run = await runtime.start(echo, 'go', { id: 'r' })
  await run.result()
  expect((await runtime.runs.entries('r')).map(({ at }) => at)).toEqual([1_000, 1_000, 1_000])
  now = Number.NaN
  await expect(runtime.start(echo, 'go')).rejects.toMatchObject({
    code: 'bad_clock',
    message: "The runtime's clock says that it is NaN. now() must give milliseconds since 1970, of a date.",
  })
})

describe('what no store can keep', () => {
  const half = 'Party 🎉'.slice(0, 7)
  const text =
    'It must be text of whole characters: no U+0000, and no half of a surrogate pair, as a cut through an emoji leaves.'

  it('is refused before it is written, with what was given', async () => {
    await using runtime = newRuntime()
    await expect(runtime.enqueue(echo, 'go', { priority: 0.5 })).rejects.toThrow(
      'enqueue has priority 0.5. It must be a whole number.',
    )
    await expect(runtime.enqueue(echo, 'go', { priority: 2 ** 53 })).rejects.toThrow('It must be a whole number.')
    await expect(runtime.start(echo, 'go', { tags: ['ok', 'a\u0000b'] })).rejects.toThrow(
      `A run was given tags[1] "a\\u0000b". ${text}`,
    )
    await expect(runtime.enqueue(echo, 'go', { tags: [half] })).rejects.toThrow(`tags[0] "Party \\ud83c". ${text}`)
    await runtime.enqueue(nap, 1, { id: 'nap' })
    await expect(runtime.send('nap', word, 'x', { id: half })).rejects.toThrow(`send was given id "Party \\ud83c".`)
    await expect(runtime.gc({ olderThanMs: Number.NaN })).rejects.toThrow(
      'gc has olderThanMs NaN. It must be 0 milliseconds or more, and finite.',
    )
    await expect(runtime.runs.list({ limit: 0.5 })).rejects.toThrow(
      'runs.list has limit 0.5. It must be a whole number of 1 to 1,000: for more, go on with { after } of the last one.',
    )
    expect(await runtime.gc({ olderThanMs: 0.5 })).toBe(0)
  })

  it('is refused in words of a program without types that leaves away who acts', async () => {
    await using runtime = newRuntime()
    await runtime.enqueue(nap, 1, { id: 'nap' })
    for (const act of ['approve', 'reject', 'unquarantine', 'erase'] as const) {
      const given = act === 'approve' || act === 'reject' ? ['nap', 'ask'] : ['nap']
      await expect((async () => Reflect.apply(runtime[act], runtime, given))()).rejects.toMatchObject({
        code: 'bad_text',
        message: expect.stringContaining(`${act} was given by undefined.`),
      })
    }
    const oneText: object = { tags: 'vip' }
    await expect(runtime.start(echo, 'go', oneText)).rejects.toThrow(
      'A run was given tags "vip". It must be a list of texts.',
    )
  })

  it('is refused of an agent when it is defined', () => {
    expect(() =>
      defineAgent({ name: 'hot', model: 'm', instructions: '', settings: { temperature: Number.NaN } }),
    ).toThrow(
      'Agent "hot": settings.temperature is NaN, which JSON cannot say. Give a number, a text, or leave it out.',
    )
  })

  it('is refused of a key in the code of a workflow', async () => {
    const keyed = defineWorkflow({
      name: 'keyed',
      input: z.null(),
      run: (ctx) => ctx.step('publish', () => 1, { key: half }),
    })
    await using runtime = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [keyed] })
    expect(await (await runtime.start(keyed, null)).outcome()).toMatchObject({
      kind: 'failed',
      error: { code: 'bad_text', message: `step "publish" was given key "Party \\ud83c". ${text}` },
    })
  })
})

describe('a write that a store cannot take', () => {
  it('is the failure of its own run alone, and not of those that shared its commit', async () => {
    const memory = memoryStore()
    const sizes: number[] = []
    const store = changedStore(memory, {
      commit: async (writes: readonly RunWrite[]) => {
        sizes.push(writes.length)
        if (
          writes.some(({ runId, entries }) => runId === 'bad' && entries.some(({ kind }) => kind === 'run.completed'))
        )
          throw new Error('datatype mismatch')
        return memory.commit(writes)
      },
    })
    const lines: string[] = []
    const log = { info: () => undefined, warn: () => undefined, error: (line: string) => void lines.push(line) }
    const models = scriptedModel(() => ({ text: 'hi' }))
    await using runtime = createRuntime({ store, models, definitions, log })
    const ids = ['r1', 'r2', 'bad', 'r3', 'r4']
    const runs = await Promise.all(ids.map((id) => runtime.start(echo, 'go', { id })))
    const outcomes = await Promise.all(runs.map((run) => run.outcome()))
    expect(outcomes.map((outcome) => outcome.kind)).toEqual([
      'completed',
      'completed',
      'waiting',
      'completed',
      'completed',
    ])
    expect(lines.map((line) => line.split('\n')[0])).toEqual(['The run "bad" was interrupted: datatype mismatch'])
    expect(Math.max(...sizes)).toBeGreaterThan(1)
    await setImmediate()
  })
})
