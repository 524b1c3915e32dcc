import { changedStore, memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  after,
  type AnyDefinition,
  createRuntime,
  defineAgent,
  defineTool,
  type Model,
  type Replay,
  type Store,
} from '../src/index.ts'
import { hanging, byTurn, call, look, newWorld, outline, pay } from './world.fixture.ts'

const output = z.object({ total: z.number() })
const base = {
  name: 'clerk',
  model: 'gpt-4.1-mini',
  instructions: 'Serve the customer.',
  tools: [look, pay],
  output,
} as const
const recorded = defineAgent(base)
const script = [{ calls: [call('look', 'a'), call('pay', 'a')] }, { text: '{"total":12}' }]
const offline: Model = {
  ask() {
    throw new Error('A replay asks no model')
  },
}

/** A runtime that leaves its store open for the next. */
function runtimeOn(store: Store, definition: AnyDefinition, models: Model, services = newWorld()) {
  return createRuntime({ store, models, definitions: [definition], services })
}

/** Records a run of `recorded` and replays it, offline, under another definition of the same name. */
async function replayUnder(definition: AnyDefinition): Promise<Replay> {
  const store = memoryStore()
  const world = newWorld()
  await using recording = createRuntime({ store, models: byTurn(script), definitions: [recorded], services: world })
  await (await recording.start(recorded, 'go', { id: 'r' })).result()
  const before = [...world.effects]
  const replay = await runtimeOn(store, definition, offline, world).replay('r')
  expect(world.effects).toEqual(before)
  return replay
}

describe('a replay', () => {
  it('matches under the code that recorded it, without a model, an effect or a write', async () => {
    expect(await replayUnder(recorded)).toEqual({
      runId: 'r',
      status: 'matched',
      matched: 7,
      entries: 7,
      divergence: null,
      differences: [],
    })
  })

  it('tells that the fields of an output are in another order, and still matches', async () => {
    const written = defineAgent({ ...base, tools: [], output: z.object({ total: z.number(), note: z.string() }) })
    const today = defineAgent({ ...base, tools: [], output: z.object({ note: z.string(), total: z.number() }) })
    const store = memoryStore()
    const models = byTurn([{ text: '{"total":12,"note":"paid"}' }])
    await (await runtimeOn(store, written, models).start(written, 'go', { id: 'r' })).result()
    const replay = await runtimeOn(store, today, offline).replay('r')
    expect(replay).toMatchObject({ status: 'matched', divergence: null })
    expect(replay.differences.map(({ field }) => field)).toEqual(['output'])
  })

  it('tells which texts have changed, and still matches', async () => {
    const replay = await replayUnder(
      defineAgent({ ...base, instructions: 'Serve the customer well.', model: 'gpt-6-luna' }),
    )
    expect(replay.status).toBe('matched')
    expect(replay.differences).toEqual([
      {
        seq: 0,
        agent: 'clerk',
        field: 'instructions',
        recorded: 'Serve the customer.',
        today: 'Serve the customer well.',
      },
      { seq: 0, agent: 'clerk', field: 'model', recorded: '"gpt-4.1-mini"', today: '"gpt-6-luna"' },
    ])
  })

  it('names the first step that today’s code would not have taken', async () => {
    const key = 'agent:0/turn:0/call:1'
    const gone = await replayUnder(defineAgent({ ...base, tools: [look] }))
    expect(gone.divergence).toEqual({
      seq: 2,
      key,
      recorded: `call.judged pay at ${key} with {"id":"a"} (allowed)`,
      today: `call.failed pay at ${key} (unknown_tool)`,
    })
    const ruled = await replayUnder(defineAgent({ ...base, rules: [after(look, pay)] }))
    expect(ruled).toMatchObject({ status: 'diverged', matched: 3, divergence: { seq: 3 } })
    const strict = await replayUnder(defineAgent({ ...base, output: z.object({ total: z.number().min(100) }) }))
    expect(strict.divergence).toMatchObject({
      seq: 6,
      recorded: 'run.completed at run ({"total":12})',
      today: expect.stringContaining('output.judged'),
    })
    const other = defineTool({
      name: 'pay',
      description: 'Pays something back.',
      input: z.object({ id: z.string().transform((id) => id.toUpperCase()), usd: z.number().optional() }),
      effect: 'idempotent',
      execute: () => 'paid',
    })
    const changed = await replayUnder(defineAgent({ ...base, tools: [look, other] }))
    expect(changed.divergence).toMatchObject({
      key,
      recorded: `call.judged pay at ${key} with {"id":"a"} (allowed)`,
      today: `call.judged pay at ${key} with {"id":"A"} (allowed)`,
    })
  })
})

describe('a resumed run whose text has changed', () => {
  /** Starts under `recorded` with a model that hangs, then resumes under another definition. */
  async function resumeUnder(
    onChange: 'pin' | 'adopt' | 'stop',
    change: { instructions?: string; output?: z.ZodObject } = {},
    answer = '{"total":1}',
  ) {
    const store = memoryStore()
    const clock = (await import('@reprise/testing')).manualClock()
    const first = createRuntime({ store, models: hanging, definitions: [recorded], services: newWorld(), clock })
    await first.start(recorded, 'go', { id: 'r' })
    const closing = first.close()
    await clock.advance(25_000)
    await closing
    const seen: string[] = []
    const answering = byTurn([{ text: answer }])
    const model: Model = {
      ask(request, signal) {
        seen.push(request.instructions)
        return answering.ask(request, signal)
      },
    }
    const runtime = runtimeOn(store, defineAgent({ ...base, ...change, onChange }), model)
    return { runtime, seen }
  }
  const change = { instructions: 'Be kind.' }

  it('goes on with what was recorded when it pins', async () => {
    const { runtime, seen } = await resumeUnder('pin', change)
    await (await runtime.resume('r')).result()
    expect(seen).toEqual(['Serve the customer.'])
  })

  it('pins words, but takes the schemas of today’s code, which is what takes the calls', async () => {
    const wider = z.object({ total: z.number(), currency: z.string() })
    const { runtime, seen } = await resumeUnder('pin', { ...change, output: wider }, '{"total":1,"currency":"eur"}')
    expect(await (await runtime.resume('r')).result()).toEqual({ total: 1, currency: 'eur' })
    expect(seen).toEqual(['Serve the customer.'])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('takes today’s text, and records that, when it adopts', async () => {
    const { runtime, seen } = await resumeUnder('adopt', change)
    await (await runtime.resume('r')).result()
    expect(seen).toEqual(['Be kind.'])
    expect(outline(await runtime.runs.entries('r'))).toEqual([
      'run.started run',
      'definition.changed run',
      'model.replied agent:0/turn:0',
      'run.completed run',
    ])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is not taken up when it stops, and stays as it is for the code that fits', async () => {
    const { runtime, seen } = await resumeUnder('stop', change)
    await expect(runtime.resume('r')).rejects.toThrow(
      'The run "r" does not go on, since its definition says onChange: \'stop\' and the instructions of "clerk" reads otherwise today: ' +
        'it was "Serve the customer.", and is "Be kind.". Bring the old text back, or use \'pin\' or \'adopt\'.',
    )
    expect(seen).toEqual([])
    expect(await runtime.runs.get('r')).toMatchObject({
      status: 'waiting',
      owner: null,
      waiting: { kind: 'interrupted', error: { code: 'text_changed' }, mendable: true },
    })
  })
})

it('a run that is deleted while it is replayed is not there', async () => {
  const memory = memoryStore()
  const runtime = runtimeOn(memory, recorded, byTurn(script))
  await (await runtime.start(recorded, 'go', { id: 'r' })).outcome()
  const store = changedStore(memory, {
    entries: async (runId) => {
      await memory.gc(Number.MAX_SAFE_INTEGER, ['completed'], 10)
      return memory.entries(runId)
    },
  })
  await expect(runtimeOn(store, recorded, offline).replay('r')).rejects.toMatchObject({ code: 'unknown_run' })
})
