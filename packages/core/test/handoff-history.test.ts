// What moves along with a handoff: a payload, and as much of the conversation as the team says.
import { crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  handoff,
  type HandoffOptions,
  type Item,
  type JsonObject,
  ModelError,
  type ModelRequest,
  requestAt,
  type Store,
} from '../src/index.ts'
import { outline, untilCrash } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

const find = defineTool({
  name: 'find',
  description: 'Finds.',
  input: z.object({}),
  effect: 'read',
  execute: () => 'Order 4711',
})
const front = defineAgent({ name: 'front', model: 'small', instructions: 'Route.', tools: [find] })
const back = defineAgent({ name: 'back', model: 'large', instructions: 'Answer.' })
const payload = z.object({ orderId: z.string(), urgent: z.boolean().default(false) })

function desk<P extends z.ZodObject | undefined = undefined>(options: HandoffOptions<P>, budget = {}) {
  return defineTeam({
    name: 'desk',
    entry: front,
    handoffs: [
      [front, [handoff(back, options)]],
      [back, [front]],
    ],
    budget,
  })
}

function brief(items: readonly Item[]): string[] {
  return items.map((item) => {
    if (item.kind === 'user' || item.kind === 'assistant') return `${item.kind}: ${item.text}`
    if (item.kind === 'call') return `call ${item.name} ${item.arguments}`
    return item.kind === 'result' ? `result: ${item.output}` : item.kind
  })
}

/** The front finds an order and hands over with these arguments; the summary says so; the back answers. */
function model(args: JsonObject = {}, asked: ModelRequest[] = []) {
  return scriptedModel((request) => {
    const { card, items, allowedTools } = request
    asked.push({ ...request, items: items.slice() })
    if (card.agent === 'back') return { text: `Done after ${items.length}.` }
    if (allowedTools?.length === 0) return { text: 'Ana wants order 4711.' }
    if (items.length === 1) return { calls: [{ name: 'find' }] }
    return { calls: [{ name: 'transfer_to_back', arguments: args }] }
  })
}

describe('a payload', () => {
  it('is checked, recorded as its schema gave it, and told to the next agent once', async () => {
    const asked: ModelRequest[] = []
    const models = scriptedModel((request, nth) => {
      asked.push({ ...request, items: request.items.slice() })
      if (request.card.agent === 'back') return { text: 'Done.' }
      return { calls: [{ name: 'transfer_to_back', arguments: nth === 1 ? {} : { orderId: '4711' } }] }
    })
    const team = desk({ payload, description: 'To the back, with the order.' })
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [team], log: quiet })
    const run = await runtime.start(team, 'Hello', { id: 'r' })
    expect(await run.result()).toBe('Done.')
    expect(asked[0]?.card.tools.at(-1)).toMatchObject({
      name: 'transfer_to_back',
      description: 'To the back, with the order.',
      parameters: { required: ['orderId', 'urgent'] },
    })
    const entries = await runtime.runs.entries('r')
    expect(outline(entries)).toEqual([
      'run.started run',
      'model.replied agent:0/turn:0',
      'call.failed agent:0/turn:0/call:0',
      'model.replied agent:0/turn:1',
      'handoff.made agent:0/turn:1/call:0',
      'model.replied agent:1/turn:0',
      'run.completed run',
    ])
    expect(entries[2]?.body).toMatchObject({ error: { code: 'bad_arguments' } })
    expect(entries[4]?.body).toMatchObject({ to: 'back', payload: { orderId: '4711', urgent: false } })
    expect(brief(asked.at(-1)?.items ?? []).slice(-2)).toEqual([
      'call transfer_to_back {"orderId":"4711"}',
      'result: The conversation is now with back. It was given {"orderId":"4711","urgent":false}.',
    ])
    expect((await runtime.replay('r')).status).toBe('matched')
  })
})

describe('what moves', () => {
  it.each([
    [
      'the payload alone',
      { payload, history: 'payload' } as const,
      { orderId: '4711', urgent: true },
      ['user: front has handed this conversation over to you. With it comes:\n{"orderId":"4711","urgent":true}'],
    ],
    [
      'what a function gives',
      { history: ({ from, to, items }) => `${from} to ${to}: ${items.length} items` } as const,
      {},
      ['user: front has handed this conversation over to you. In short:\nfront to back: 4 items'],
    ],
    [
      'a summary',
      { history: 'summary' } as const,
      {},
      ['user: front has handed this conversation over to you. In short:\nAna wants order 4711.'],
    ],
    [
      'a summary and the payload',
      { payload, history: 'summary' } as const,
      { orderId: '4711', urgent: true },
      [
        'user: front has handed this conversation over to you. In short:\nAna wants order 4711.\n\nWith it comes:\n{"orderId":"4711","urgent":true}',
      ],
    ],
    [
      'all',
      {},
      {},
      [
        'user: Hello',
        'call find {}',
        'result: Order 4711',
        'call transfer_to_back {}',
        'result: The conversation is now with back.',
      ],
    ],
  ] satisfies [string, HandoffOptions<typeof payload>, JsonObject, string[]][])(
    'is %s, and stands in the journal as it was told',
    async (_, options, args, told) => {
      const asked: ModelRequest[] = []
      const team = desk(options as HandoffOptions<typeof payload>)
      await using runtime = createRuntime({
        store: memoryStore(),
        models: model(args, asked),
        definitions: [team],
        log: quiet,
      })
      expect(await (await runtime.start(team, 'Hello', { id: 'r' })).result()).toBe(`Done after ${told.length}.`)
      expect(brief(asked.at(-1)?.items ?? [])).toEqual(told)
      const entries = await runtime.runs.entries('r')
      const replied = entries.filter(({ kind }) => kind === 'model.replied')
      for (const [at, { seq }] of replied.entries()) {
        const { card, instructions, items, today } = asked[at] as ModelRequest
        expect(requestAt(entries, seq)).toEqual({ card, instructions, items, today })
      }
      expect(await runtime.replay('r')).toMatchObject({ status: 'matched', differences: [] })
    },
  )

  it('is asked for with the holder’s own prompt, counts as a turn, and is not streamed as an answer', async () => {
    const asked: ModelRequest[] = []
    const team = desk({ history: { model: 'tiny', instructions: 'Sum up.', maxOutputTokens: 50 } })
    await using runtime = createRuntime({
      store: memoryStore(),
      models: model({}, asked),
      definitions: [team],
      log: quiet,
    })
    const run = await runtime.start(team, 'Hello', { id: 'r' })
    const said: string[] = []
    for await (const event of run) if (event.kind === 'text.delta') said.push(event.delta)
    expect(said).toEqual(['Done after 1.'])
    expect(asked[2]).toMatchObject({
      card: { agent: 'front', model: 'tiny', maxOutputTokens: 50, output: null, tools: asked[1]?.card.tools },
      instructions: 'Route.',
      allowedTools: [],
    })
    expect(brief(asked[2]?.items ?? []).slice(-3)).toEqual([
      'call transfer_to_back {}',
      'result: The conversation is being handed over.',
      'user: Sum up.',
    ])
    expect((await runtime.runs.get('r')).totals).toMatchObject({ turns: 4 })
    expect(outline(await runtime.runs.entries('r')).slice(4)).toEqual([
      'model.replied agent:0/turn:1/call:0/summary',
      'handoff.made agent:0/turn:1/call:0',
      'model.replied agent:1/turn:0',
      'run.completed run',
    ])
  })

  it('is asked for again where the service fails, and the run fails where it fails for good', async () => {
    const clock = manualClock()
    const team = desk({ history: 'summary' })
    const failing = (retryable: boolean) => {
      let failures = 0
      return scriptedModel(({ card, allowedTools }) => {
        if (card.agent === 'back') return { text: 'Done.' }
        if (allowedTools?.length !== 0) return { calls: [{ name: 'transfer_to_back' }] }
        failures += 1
        return failures < 3 ? new ModelError({ code: 'overloaded', message: 'Busy.', retryable }) : { text: 'Short.' }
      })
    }
    await using runtime = createRuntime({
      store: memoryStore(),
      models: failing(true),
      definitions: [team],
      clock,
      log: quiet,
    })
    const run = await runtime.start(team, 'Hello', { id: 'r' })
    const ended = run.result()
    while ((await runtime.runs.get('r')).endedAt === null) await clock.advance(1_000)
    expect(await ended).toBe('Done.')
    expect(outline(await runtime.runs.entries('r')).slice(2, 5)).toEqual([
      'model.failed agent:0/turn:0/call:0/summary',
      'model.failed agent:0/turn:0/call:0/summary #2',
      'model.replied agent:0/turn:0/call:0/summary #3',
    ])
    expect((await runtime.replay('r')).status).toBe('matched')
    await using other = createRuntime({ store: memoryStore(), models: failing(false), definitions: [team], log: quiet })
    expect(await (await other.start(team, 'Hello')).outcome()).toMatchObject({
      kind: 'failed',
      error: { code: 'overloaded' },
    })
  })

  it('holds as it is recorded where the code says otherwise by then', async () => {
    const store = memoryStore()
    const before = desk({ payload, history: 'summary' })
    const parts = { store, models: model({ orderId: '1', urgent: true }), log: quiet } as const
    await using runtime = createRuntime({ ...parts, definitions: [before] })
    await (await runtime.start(before, 'Hello', { id: 'r' })).result()
    await using later = createRuntime({ ...parts, definitions: [desk({ payload })] })
    const replay = await later.replay('r')
    expect(replay).toMatchObject({
      status: 'matched',
      differences: [{ agent: 'front', field: 'history of transfer_to_back', recorded: '"summary"', today: '"all"' }],
    })
    const tight = desk({ payload: z.object({ orderId: z.string().min(4), urgent: z.boolean() }) })
    await using stricter = createRuntime({ ...parts, definitions: [tight] })
    expect((await stricter.replay('r')).status).toBe('diverged')
  })

  it('is taken over by a fork, which asks for no second summary', async () => {
    const asked: ModelRequest[] = []
    const team = desk({ history: 'summary' })
    await using runtime = createRuntime({
      store: memoryStore(),
      models: model({}, asked),
      definitions: [team],
      log: quiet,
    })
    await (await runtime.start(team, 'Hello', { id: 'r' })).result()
    const before = asked.length
    // Up to the summary, and not the handoff.
    const fork = await runtime.fork('r', { at: 5, id: 'f' })
    expect(await fork.result()).toBe('Done after 1.')
    expect(asked.slice(before).map(({ card }) => card.agent)).toEqual(['back'])
    expect((await runtime.replay('f')).status).toBe('matched')
  })

  it('comes to the same end, wherever the process dies, and is paid once it is written', async () => {
    const team = desk({ payload, history: 'summary' })
    const play = async (store: Store, asked: ModelRequest[]): Promise<unknown> => {
      const models = model({ orderId: '1', urgent: true }, asked)
      const runtime = createRuntime({ store, models, definitions: [team], log: quiet })
      return untilCrash(runtime, async () => (await runtime.start(team, 'Hello', { id: 'r' })).outcome())
    }
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    const expected = await play(counted, [])
    expect(expected).toMatchObject({ kind: 'completed', output: 'Done after 1.' })
    for (let at = 1; at <= counted.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        const store = memoryStore()
        const asked: ModelRequest[] = []
        await play(crashing(store, { at, side }), asked)
        expect(await play(store, asked), `commit ${at}, ${side}`).toMatchObject({
          kind: 'completed',
          output: 'Done after 1.',
        })
        const summaries = asked.filter(({ allowedTools }) => allowedTools?.length === 0).length
        expect(summaries, `commit ${at}, ${side}`).toBeLessThanOrEqual(side === 'before' ? 2 : 1)
      }
    }
  })
})

describe('a definition of a handoff is refused', () => {
  it.each([
    [
      { history: 'payload' },
      'The handoff to "back" moves the payload alone, and has none: its agent would read nothing.',
    ],
    [{ history: 'some' }, "The handoff to \"back\": history: \"some\". Give it 'all', 'payload', 'summary'"],
    [{ history: { maxOutputTokens: 0 } }, 'The handoff to "back" has history.maxOutputTokens 0.'],
    [{ description: '' }, 'The handoff to "back": description: "". Give it a text, or leave it out.'],
    [{ payload: z.string() }, 'The handoff to "back": payload is not an object'],
  ])('%j', (options, message) => {
    expect(() => handoff(back, options as HandoffOptions<undefined>)).toThrow(message)
  })

  it('whose summary asks for a model that the runtime does not have', () => {
    const team = desk({ history: { model: 'tiny' } })
    const models = { small: model(), large: model() }
    expect(() => createRuntime({ store: memoryStore(), models, definitions: [team] })).toThrow(
      'The summary from "front" to "back" asks for the model "tiny"',
    )
  })
})

describe('handoffs that go in circles', () => {
  const ring = (budget: object, own: object = {}) => {
    const left = defineAgent({ name: 'left', model: 'm', instructions: '', budget: own })
    const right = defineAgent({ name: 'right', model: 'm', instructions: '' })
    return defineTeam({
      name: 'ring',
      entry: left,
      handoffs: [
        [left, [right]],
        [right, [left]],
      ],
      budget,
    })
  }
  const models = () =>
    scriptedModel(({ card }) => ({ calls: [{ name: `transfer_to_${card.agent === 'left' ? 'right' : 'left'}` }] }))

  it.each([
    [{}, {}, 16, 'The run of team "ring" has made all of its 16 handoffs without an answer.'],
    [{ handoffs: 3 }, {}, 3, 'The run of team "ring" has made all of its 3 handoffs without an answer.'],
    [{}, { handoffs: 2 }, 4, 'Agent "left" has made all of its 2 handoffs without an answer.'],
  ])('are stopped with a reason (%j, %j)', async (budget, own, made, message) => {
    const team = ring(budget, own)
    await using runtime = createRuntime({ store: memoryStore(), models: models(), definitions: [team], log: quiet })
    const outcome = await (await runtime.start(team, 'go', { id: 'r' })).outcome()
    expect(outcome).toMatchObject({ kind: 'over-budget', error: { code: 'out_of_handoffs' } })
    expect('error' in outcome && outcome.error.message).toContain(message)
    const entries = await runtime.runs.entries('r')
    expect(entries.filter(({ kind }) => kind === 'handoff.made')).toHaveLength(made)
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('are counted on by a resume, and anew in a fork', async () => {
    const team = ring({ handoffs: 4 })
    const store = memoryStore()
    const parts = { models: models(), definitions: [team], log: quiet } as const
    const dying = createRuntime({ ...parts, store: crashing(store, { at: 4, side: 'after' }) })
    await untilCrash(dying, async () => (await dying.start(team, 'go', { id: 'r' })).outcome())
    await using runtime = createRuntime({ ...parts, store })
    await (await runtime.resume('r')).outcome()
    const made = async (id: string) =>
      (await runtime.runs.entries(id)).filter(({ kind }) => kind === 'handoff.made').length
    expect(await made('r')).toBe(4)
    const fork = await runtime.fork('r', { at: 3, id: 'f' })
    expect(await fork.outcome()).toMatchObject({ kind: 'over-budget' })
    expect(await made('f')).toBe(5)
  })
})
