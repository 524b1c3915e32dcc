// How much of a result its model is told, and how it reads on in what was cut.
import { crashing, manualClock, memoryStore, type ScriptedAnswer, scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  agentTool,
  createRuntime,
  defineAgent,
  defineTool,
  type Entry,
  type Item,
  type Model,
  type ModelRequest,
  requestsOf,
  type Store,
  ToolError,
} from '../src/index.ts'

const lines = Array.from({ length: 200 }, (_, n) => `${n}: order ${4_000 + n}`).join('\n')
const input = z.object({})
const list = defineTool({
  name: 'list',
  description: 'Lists orders.',
  input,
  effect: 'read',
  maxResultTokens: 200,
  execute: () => lines,
})
const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: 'Serve.', tools: [list] })

/** By the place in the conversation. */
function byTurn(answers: readonly ScriptedAnswer[]): Model {
  return scriptedModel(({ items }) => answers[items.filter(({ kind }) => kind === 'call').length] ?? { text: 'done' })
}

/** A model of which it is known how much it reads. */
function reading(inputTokens: number, answers: readonly ScriptedAnswer[]): Model {
  return { ...byTurn(answers), figures: (model) => (model === 'm' ? { inputTokens } : undefined) }
}

function resultsIn(items: readonly Item[]): string[] {
  return items.flatMap((item) => (item.kind === 'result' ? [item.output] : []))
}

/** What the model was told of each call by the end. */
async function told(store: Store, models: Model, agent = clerk, id = 'r'): Promise<readonly string[]> {
  await using runtime = createRuntime({ store, models, definitions: [agent], random: () => 0 })
  await (await runtime.start(agent, 'Go.', { id })).result()
  const entries = await runtime.runs.entries(id)
  const requests: readonly ModelRequest[] = [...requestsOf(entries)] as never
  // The tools never change within a run.
  expect(new Set(requests.map(({ card }) => JSON.stringify(card.tools))).size).toBe(1)
  expect((await runtime.replay(id)).status).toBe('matched')
  return resultsIn(requests.at(-1)?.items ?? [])
}

const readOn = (from: number, characters: number | null = null): ScriptedAnswer => ({
  calls: [{ name: 'read_result', arguments: { result: 'r1', from, characters } }],
})

/** Where the note of a cut says to read on. */
function fromOf(told: string | undefined): number {
  return Number(/"from":(\d+)/.exec(told ?? '')?.[1])
}

it('a long result is told by its head and its tail, the journal has it whole, and the model can read on to its end', async () => {
  const models = scriptedModel(({ items }) => {
    const results = resultsIn(items)
    const last = results.at(-1)
    if (last === undefined) return { calls: [{ name: 'list', arguments: {} }] }
    if (results.length === 1) return readOn(fromOf(last))
    const [, next] = /read on from (\d+)\.\]$/.exec(last) ?? []
    return next === undefined ? { text: 'done' } : readOn(Number(next))
  })
  const store = memoryStore()
  const [cut = '', ...parts] = await told(store, models)
  expect(cut.startsWith('0: order 4000\n') && cut.endsWith('199: order 4199')).toBe(true)
  expect(cut.length).toBeLessThan(1_000)
  const read = parts.map((part) => part.split('\n').slice(1, -1).join('\n'))
  expect(parts.length).toBeGreaterThan(3)
  expect([cut.split('\n[')[0], ...read].join('\n')).toBe(lines)
  const bodies = (await store.entries('r')).filter(({ kind }) => kind === 'call.returned').map(({ text }) => text)
  expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ result: lines, bound: { version: 1, tokens: 200 } })
})

it('what is no result, or is read beyond its end, is told so', async () => {
  const answers = [
    readOn(0),
    { calls: [{ name: 'list', arguments: {} }] },
    readOn(9_999),
    readOn(0, 5),
    { calls: [{ name: 'read_result', arguments: { result: 'r7', from: 0, characters: null } }] },
    { calls: [{ name: 'read_result', arguments: { result: 'r1', from: -1, characters: null } }] },
  ]
  const [none, , beyond, five, other, wrong] = await told(memoryStore(), byTurn(answers))
  expect(none).toBe('There is no result "r1". No result was cut so far: each was told whole.')
  expect(beyond).toBe(`r1 has ${lines.length} characters, and none from 9999 on.`)
  expect(five).toBe(
    `[r1, of list, from 0 to 5 of ${lines.length} characters]\n0: or\n[${lines.length - 5} characters are left: read on from 5.]`,
  )
  expect(other).toBe('There is no result "r7". There is: r1 (of list).')
  expect(wrong).toContain('from must be a whole number from 0 on')
})

it('a process that dies anywhere leaves a run that is told the same', async () => {
  const answers = [{ calls: [{ name: 'list', arguments: {} }] }, readOn(300), readOn(900)]
  const whole = memoryStore()
  const counted = crashing(whole, { at: Infinity, side: 'before' })
  const expected = await told(counted, byTurn(answers))
  for (let at = 1; at <= counted.commits; at++) {
    const store = memoryStore()
    await told(crashing(store, { at, side: 'after' }), byTurn(answers)).catch(() => undefined)
    expect(await told(store, byTurn(answers)), `commit ${at}`).toEqual(expected)
  }
})

it('a fork reads on in what the run that it comes from was told, and is told of a result that was edited', async () => {
  const store = memoryStore()
  await told(store, byTurn([{ calls: [{ name: 'list', arguments: {} }] }]))
  const models = byTurn([{ calls: [{ name: 'list', arguments: {} }] }, readOn(300)])
  await using runtime = createRuntime({ store, models, definitions: [clerk] })
  const at = (await runtime.runs.entries('r')).findIndex(({ kind }) => kind === 'call.returned') + 1
  const fork = await runtime.fork('r', { at })
  await fork.result()
  const edited = await runtime.fork('r', { at, edit: { kind: 'result', result: lines.replaceAll('order', 'ORDER') } })
  await edited.result()
  const last = (entries: readonly Entry[]): string | undefined =>
    resultsIn([...requestsOf(entries)].at(-1)?.items ?? []).at(-1)
  expect(last(await runtime.runs.entries(fork.id))).toContain('[r1, of list, from 300 to')
  expect(last(await runtime.runs.entries(edited.id))).toContain('ORDER')
  expect((await runtime.replay(edited.id)).status).toBe('matched')
})

it('a backtest tells the candidate what the journal told, and lets it read on elsewhere', async () => {
  const store = memoryStore()
  await told(store, byTurn([{ calls: [{ name: 'list', arguments: {} }] }, readOn(300)]))
  const heard: string[][] = []
  const candidate = byTurn([{ calls: [{ name: 'list', arguments: {} }] }, readOn(600)])
  const models: Model = {
    async *ask(request, signal) {
      heard.push(resultsIn(request.items))
      yield* candidate.ask(request, signal)
    },
  }
  await using runtime = createRuntime({ store, models, definitions: [clerk] })
  const { runs } = await runtime.backtest({ ids: ['r'] }, { model: 'n' })
  expect(runs).toBeDefined()
  expect(heard.at(-1)?.map((text) => text.slice(0, 22))).toEqual(['0: order 4000\n1: order', '[r1, of list, from 600'])
})

it('by default a result has a sixteenth of what its model reads, where that is known; then there is nothing to read on with', async () => {
  const plain = defineTool({ name: 'list', description: 'Lists.', input, effect: 'read', execute: () => ({ lines }) })
  const agent = defineAgent({ name: 'clerk', model: 'm', instructions: 'Serve.', tools: [plain] })
  const answers = [{ calls: [{ name: 'list', arguments: {} }] }]
  const [cut] = await told(memoryStore(), reading(16 * 300, answers), agent)
  expect(cut).toContain('characters are left out here. Ask again for less where you need them.')
  const store = memoryStore()
  expect(await told(store, byTurn(answers), agent)).toEqual([JSON.stringify({ lines })])
  const [entry] = (await store.entries('r')).filter(({ kind }) => kind === 'call.returned')
  expect(JSON.parse(entry?.text ?? '')).toEqual({ name: 'list', asked: expect.any(String), result: { lines } })
  const unbounded = defineAgent({ ...agent, tools: [{ ...plain, maxResultTokens: Infinity }] } as never)
  expect(await told(memoryStore(), reading(16 * 300, answers), unbounded as never)).toEqual([JSON.stringify({ lines })])
})

it('errors, answers of agents and results of transactions have the same bounds', async () => {
  const bound = { input, description: '', maxResultTokens: 200 }
  const fail = defineTool({
    ...bound,
    name: 'fail',
    effect: 'read',
    execute: () => {
      throw new ToolError({ code: 'no', message: lines })
    },
  })
  const book = defineTool({ ...bound, name: 'book', effect: 'transactional', execute: () => lines })
  const helper = defineAgent({ name: 'helper', model: 'm', instructions: 'Help.' })
  const help = agentTool(helper, { name: 'help', description: '', maxResultTokens: 200 })
  const boss = defineAgent({ name: 'boss', model: 'm', instructions: 'Serve.', tools: [fail, book, help] })
  const models = scriptedModel(({ card, items }) => {
    if (card.agent === 'helper') return { text: lines }
    if (resultsIn(items).length > 0) return { text: 'done' }
    const task = { task: 'list' }
    return {
      calls: [
        { name: 'fail', arguments: {} },
        { name: 'book', arguments: {} },
        { name: 'help', arguments: task },
      ],
    }
  })
  await using runtime = createRuntime({ store: memoryStore(), models, definitions: [boss, helper] })
  const run = await runtime.start(boss, 'Go.')
  await run.result()
  const results = resultsIn([...requestsOf(await runtime.runs.entries(run.id))].at(-1)?.items ?? [])
  const names = results.map((text) => /read_result \{"result":"(r\d)"/.exec(text)?.[1])
  expect(new Set(names)).toEqual(new Set(['r1', 'r2', 'r3']))
  expect(results.every((text) => text.length < 1_000)).toBe(true)
})

it('what people say of a call has the same bounds: an answer, and what they found of one in doubt', async () => {
  const bound = { input, description: '', maxResultTokens: 200 }
  const ask = defineTool({ ...bound, name: 'ask', external: true, output: z.string() })
  const mail = defineTool({
    ...bound,
    name: 'mail',
    effect: 'once',
    timeoutMs: 1_000,
    execute: (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', reject)),
  })
  const agent = defineAgent({ name: 'clerk', model: 'm', instructions: '', tools: [ask, mail] })
  const calls = ['ask', 'mail'].map((name) => ({ name, arguments: {} }))
  const clock = manualClock()
  await using runtime = createRuntime({
    store: memoryStore(),
    models: byTurn([{ calls }]),
    definitions: [agent],
    clock,
  })
  const run = await runtime.start(agent, 'Go.', { id: 'r' })
  let over = false
  const rest = run.outcome().finally(() => (over = true))
  while (!over) await clock.advance(500)
  await rest
  const key = 'agent:0/turn:0/call:'
  await (await runtime.answer(`r/${key}0`, lines, { by: 'ana' })).outcome()
  await (await runtime.settleDoubt('r', `${key}1`, { happened: true, result: lines }, 'ana')).result()
  const entries = await runtime.runs.entries('r')
  for (const text of resultsIn([...requestsOf(entries)].at(-1)?.items ?? [])) expect(text.length).toBeLessThan(1_000)
  const kept = entries.filter(({ kind }) => kind === 'call.returned' || kind === 'call.resolved')
  expect(kept.map(({ body }) => body)).toMatchObject([
    { result: lines, bound: { version: 1, tokens: 200 } },
    { result: lines, bound: { version: 1, tokens: 200 } },
  ])
  expect((await runtime.replay('r')).status).toBe('matched')
})

it('a bound that cannot be kept is refused, and so is a tool by the name of the one that reads on', () => {
  const options = { name: 'list', description: '', input, effect: 'read', execute: () => 1 } as const
  expect(() => defineTool({ ...options, maxResultTokens: 99 })).toThrow(
    'Tool "list" has maxResultTokens 99. It must be a whole number of 100 or more, or Infinity for no bound.',
  )
  const own = defineTool({ ...options, name: 'read_result' })
  const make = (...tools: never[]): unknown => defineAgent({ name: 'a', model: 'm', instructions: '', tools })
  expect(() => make(list as never, own as never)).toThrow('Agent "a" has two tools named "read_result"')
  expect(() => make(own as never)).not.toThrow()
})
