// What a handle tells of a run and, where it is asked to, of the runs below it.
import { changedStore, crashing, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  agentTool,
  createRuntime,
  defineAgent,
  defineTool,
  defineWorkflow,
  type Runtime,
  type RunEvent,
  type Store,
} from '../src/index.ts'
import { untilCrash } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const writer = defineAgent({ name: 'writer', model: 'm', instructions: '' })
const write = agentTool(writer, { name: 'write', description: 'Writes.' })
const boss = defineAgent({ name: 'boss', model: 'm', instructions: '', tools: [write] })
const flow = defineWorkflow({
  name: 'flow',
  input: z.object({ bosses: z.number() }),
  run: (ctx, { bosses }) =>
    ctx.map(
      Array.from({ length: bosses }, (_, at) => at),
      (at, branch) => branch.agent(boss, `${at}`, { key: `${at}` }),
    ),
})
const definitions = [flow, boss, writer] as const

/** The boss lets the writer write, and says what it has written. */
const model = () =>
  scriptedModel(({ card, items }) => {
    const last = items.at(-1)
    if (card.agent === 'writer') return { text: 'Once upon a time', deltas: 4 }
    return last?.kind === 'result'
      ? { text: last.output }
      : { calls: [{ name: 'write', arguments: { task: 'Write.' } }] }
  })

const runtimeOn = (store: Store) => createRuntime({ store, models: model(), definitions, log: quiet })

/** All entries of the store, by run, as they should be told: each once and in its order. */
async function stored(runtime: Runtime, runId: string): Promise<Map<string, number[]>> {
  const runs = new Map([[runId, (await runtime.runs.entries(runId)).map(({ seq }) => seq)]])
  for (const { id } of await runtime.runs.list({ parentId: runId }))
    for (const [below, seqs] of await stored(runtime, id)) runs.set(below, seqs)
  return runs
}

function told(events: readonly RunEvent[]): Map<string, number[]> {
  const entries = events.flatMap((event) => ('seq' in event ? [event] : []))
  return new Map(
    Object.entries(Object.groupBy(entries, ({ runId }) => runId)).map(([id, own = []]) => [
      id,
      own.map(({ seq }) => seq),
    ]),
  )
}

async function collect(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const all: RunEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

/** Maps in one order, whatever came first. */
const sorted = (runs: Map<string, number[]>) => [...runs].toSorted(([one], [other]) => (one < other ? -1 : 1))

describe('the events of a run and its children', () => {
  it('are all entries of all runs below it, each once and in its order, and all that is said', async () => {
    await using runtime = runtimeOn(memoryStore())
    const run = await runtime.start(flow, { bosses: 3 }, { id: 'r' })
    const events = await collect(run.events({ children: true }))
    expect(sorted(told(events))).toEqual(sorted(await stored(runtime, 'r')))
    expect(told(events).size).toBe(7)
    const said = Object.groupBy(
      events.filter((event) => event.kind === 'text.delta'),
      ({ runId }) => runId,
    )
    const texts = Object.entries(said).map(([runId, deltas = []]) => [runId, deltas.map(({ delta }) => delta).join('')])
    expect(texts).toHaveLength(6)
    expect(new Set(texts.map(([, text]) => text))).toEqual(new Set(['Once upon a time']))
    // A child is told of before it speaks.
    const begun = events.findIndex((event) => event.kind === 'child.started' && event.body.name === 'writer')
    expect(begun).toBeLessThan(events.findIndex((event) => event.kind === 'text.delta'))
  })

  it('are not among the run’s own', async () => {
    await using runtime = runtimeOn(memoryStore())
    const run = await runtime.start(boss, 'go', { id: 'r' })
    const events = await collect(run)
    expect(new Set(events.map(({ runId }) => runId))).toEqual(new Set(['r']))
    expect(events.map(({ kind }) => kind)).toEqual([
      'run.started',
      'model.replied',
      'child.started',
      'call.returned',
      'text.delta',
      'model.replied',
      'run.completed',
    ])
  })

  it('come whole to whoever asks in the middle, and to whoever asks at the end', async () => {
    await using runtime = runtimeOn(memoryStore())
    const run = await runtime.start(flow, { bosses: 2 }, { id: 'r' })
    const late: Promise<RunEvent[]>[] = []
    for await (const event of run.events({ children: true })) {
      if ('seq' in event) late.push(collect((await runtime.resume('r')).events({ children: true })))
    }
    late.push(collect((await runtime.resume('r')).events({ children: true })))
    const expected = sorted(await stored(runtime, 'r'))
    expect(late.length).toBeGreaterThan(20)
    for (const events of await Promise.all(late)) expect(sorted(told(events))).toEqual(expected)
  })

  it('come whole where another process drove a child, and where a child is taken up', async () => {
    const store = memoryStore()
    const pay = defineTool({
      name: 'pay',
      description: 'Pays.',
      input: z.object({}),
      effect: 'idempotent',
      approval: true,
      execute: () => 'paid',
    })
    const till = defineAgent({ name: 'till', model: 'm', instructions: '', tools: [pay] })
    const desk = defineWorkflow({ name: 'desk', input: z.object({}), run: (ctx) => ctx.agent(till, 'Pay.') })
    const models = scriptedModel(({ items }) => (items.length > 1 ? { text: 'paid' } : { calls: [{ name: 'pay' }] }))
    const parts = { store, models, definitions: [desk, till], log: quiet } as const
    await using here = createRuntime(parts)
    const run = await here.start(desk, {}, { id: 'r' })
    const before = await collect(run.events({ children: true }))
    expect(sorted(told(before))).toEqual(sorted(await stored(here, 'r')))
    const [child] = await here.runs.list({ parentId: 'r' })
    if (child?.waiting?.kind !== 'approval') throw new Error('The child waits to be allowed')
    const there = createRuntime({ ...parts, definitions: [till] })
    await (await there.approve(child.id, child.waiting.id, { by: 'ana' })).outcome()
    const events = await collect((await here.resume('r')).events({ children: true }))
    expect(sorted(told(events))).toEqual(sorted(await stored(here, 'r')))
    expect(events.at(-1)).toMatchObject({ kind: 'run.completed', runId: 'r' })
  })

  it('come whole after a crash, wherever the process died', async () => {
    const live = async (store: Store) => {
      const runtime = runtimeOn(store)
      return untilCrash(runtime, async () => {
        const run = await runtime.start(flow, { bosses: 1 }, { id: 'r' })
        const events = await collect(run.events({ children: true }))
        return { told: sorted(told(events)), stored: sorted(await stored(runtime, 'r')) }
      })
    }
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    await live(counted)
    for (let at = 1; at <= counted.commits; at++) {
      const store = memoryStore()
      await live(crashing(store, { at, side: 'after' }))
      const second = await live(store)
      expect(second?.told, `commit ${at}`).toEqual(second?.stored)
      expect(second?.told.length).toBe(3)
    }
  })

  it('end when the handle is let go of', async () => {
    await using runtime = runtimeOn(memoryStore())
    const run = await runtime.start(flow, { bosses: 1 }, { id: 'r' })
    const events: RunEvent[] = []
    for await (const event of run.events({ children: true })) {
      events.push(event)
      if (event.kind === 'text.delta') run[Symbol.dispose]()
    }
    expect(events.at(-1)).toMatchObject({ kind: 'text.delta' })
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ kind: 'completed' })
  })
})

describe('a child', () => {
  it.each([
    ['a workflow’s', flow, { bosses: 1 }],
    ['an agent’s', boss, 'go'],
  ] as const)('can be listened to as soon as its parent says that it is started: %s', async (_, definition, input) => {
    await using runtime = runtimeOn(memoryStore())
    const heard: string[] = []
    // The two definitions take inputs of their own, and the table keeps each beside its own.
    const run = await runtime.start(definition as typeof boss, input as string, { id: 'r' })
    run.on('child.started', ({ body }) => {
      void runtime
        .resume(body.runId)
        .then((child) => child.on('model.replied', ({ kind, runId }) => heard.push(`${kind} ${runId === body.runId}`)))
    })
    await run.outcome()
    expect(heard.slice(0, 1)).toEqual(['model.replied true'])
  })

  it('that a workflow gives up before it begins is not waited for', async () => {
    const store = memoryStore()
    const runtime = runtimeOn(store)
    const run = await runtime.start(flow, { bosses: 1 }, { id: 'r' })
    const asked = new Promise<unknown>((resolve) => {
      run.on('child.started', ({ body }) => {
        void run.cancel()
        resolve(
          runtime.resume(body.runId).then(
            () => 'there',
            () => 'not there',
          ),
        )
      })
    })
    await run.outcome()
    expect(['there', 'not there']).toContain(await asked)
    await runtime.close()
  })
})

it('reads no entry of a run twice for whoever follows it, and tells what comes after one', async () => {
  const read: (number | undefined)[] = []
  const kept = memoryStore()
  const store = changedStore(kept, {
    entries: (runId, from) => {
      read.push(from)
      return kept.entries(runId, from)
    },
  })
  const models = scriptedModel(() => ({ text: 'done' }))
  await using runtime = createRuntime({ store, models, definitions, log: quiet })
  const run = await runtime.start(writer, 'go', { id: 'r' })
  await run.result()
  const all = await runtime.runs.entries('r')
  expect(all.length).toBe(3)
  for (const from of [0, 1, 3, 4]) expect(await runtime.runs.entries('r', { from })).toEqual(all.slice(from))
  await expect(runtime.runs.entries('nobody', { from: 1 })).rejects.toMatchObject({ code: 'unknown_run' })
  read.length = 0
  for await (const event of run) expect(event.runId).toBe('r')
  expect(read.filter((from) => from !== undefined)).toEqual([0, 3])
})
