// A conversation that grows too long is made shorter by an entry.
import { crashing, memoryStore, scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  after,
  type Compact,
  compactBy,
  createRuntime,
  defineAgent,
  defineTool,
  type Entry,
  type EntryOf,
  type Item,
  type Model,
  ModelError,
  type ModelFigures,
  type ModelRequest,
  requestsOf,
  type Store,
  summarize,
  trimResults,
} from '../src/index.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** About 1,000 tokens, and others for each page. */
const pageOf = (page: number): string =>
  Array.from({ length: 120 }, (_, n) => `${page}-${n}: a line of a page`).join('\n')

const input = z.object({ page: z.int() })
const execute = ({ page }: { page: number }): string => pageOf(page)
const read = defineTool({ name: 'read', description: 'Reads.', input, effect: 'read', execute })
const ask = defineTool({ name: 'first', description: '', input: z.object({}), effect: 'read', execute: () => 'yes' })
const pay = defineTool({
  name: 'pay',
  description: '',
  input: z.object({}),
  effect: 'idempotent',
  execute: () => 'paid',
})

function reader(compact?: Compact | false, tools = [read]) {
  const budget = { turns: 60 }
  const rules = [after(pay, ask)]
  const options = { name: 'reader', model: 'm', instructions: 'Read all pages.', budget, rules }
  return defineAgent({ ...options, tools: [...tools, ask, pay], ...(compact !== undefined && { compact }) })
}

type Script = Parameters<typeof scriptedModel>[0] & object

/** Reads a page a turn, and asks first; it goes by how many replies it has made, and not by what it is shown of them. */
function pages(count: number): Script {
  return ({ items }) => {
    const page =
      Number(
        items
          .flatMap((item) => (item.kind === 'call' ? item.callId : []))
          .at(-1)
          ?.slice(1) ?? -1,
      ) + 1
    const id = { callId: `p${page}` }
    if (page > count) return { text: 'All read.' }
    if (page === 0) return { calls: [{ ...id, name: 'first', arguments: {} }] }
    return { calls: [{ ...id, name: page === count ? 'pay' : 'read', arguments: page === count ? {} : { page } }] }
  }
}

interface World {
  readonly store?: Store
  readonly agent?: ReturnType<typeof reader>
  readonly figures?: ModelFigures
  readonly script?: Script
  readonly id?: string
}

async function live({ store = memoryStore(), agent = reader(), figures, script = pages(12), id = 'r' }: World) {
  const asked: ModelRequest[] = []
  const model = scriptedModel(async (request, nth, signal) => {
    asked.push({ ...request, items: [...request.items] })
    return (script as (...given: unknown[]) => never)(request, nth, signal)
  })
  const models: Model = { ask: (...given) => model.ask(...given), ...(figures && { figures: () => figures }) }
  await using runtime = createRuntime({ store, models, definitions: [agent], log, random: () => 0 })
  const run = await runtime.start(agent, 'Read the book.', { id })
  const heard: string[] = []
  run.on('text.delta', ({ delta }) => void heard.push(delta))
  const outcome = await run.outcome()
  const entries = await runtime.runs.entries(id)
  const replay = await runtime.replay(id)
  return { outcome, entries, asked, heard, replay, runtime }
}

function compactions(entries: readonly Entry[]): EntryOf<'history.compacted'>[] {
  return entries.filter((entry) => entry.kind === 'history.compacted')
}

/** Each call has its result after it, before anything else is said. */
function expectWhole(items: readonly Item[]): void {
  const open = new Set<string>()
  for (const item of items) {
    if (item.kind === 'call') open.add(item.callId)
    else if (item.kind === 'result') expect(open.delete(item.callId)).toBe(true)
    else expect([...open]).toEqual([])
  }
  expect([...open]).toEqual([])
}

const words = (items: readonly Item[]): number => JSON.stringify(items).length / 3.4

it('a conversation that would not fit any more loses the middle of its old results, and nothing else', async () => {
  const { outcome, entries, asked, replay } = await live({ figures: { inputTokens: 20_000 }, script: pages(40) })
  expect(outcome).toMatchObject({ kind: 'completed', output: 'All read.', totals: { turns: 42, calls: 41 } })
  const found = compactions(entries)
  expect(found.map(({ body: { way, why } }) => `${way} ${why}`)).toEqual(['trim window', 'trim window'])
  const [first] = found
  expect(first?.key).toMatch(/^agent:0\/turn:\d+\/compaction$/)
  expect(first?.body.estimate.before).toBeGreaterThan(19_000)
  expect(first?.body.estimate.after).toBeLessThan(8_000)
  for (const { items, card, instructions } of asked) {
    expectWhole(items)
    expect(words(items)).toBeLessThan(20_000)
    expect([items[0], instructions, card]).toEqual([asked[0]?.items[0], 'Read all pages.', asked[0]?.card])
  }
  const results = asked.at(-1)?.items.flatMap((item) => (item.kind === 'result' ? item.output : [])) ?? []
  expect(results.length).toBe(41)
  expect(results[1]).toMatch(
    /^1-0: a line of a page\n[^]*\n\[The rest of this result, of \d+ characters, was taken out/,
  )
  expect(results.at(-2)).toBe(pageOf(39))
  expect(replay.status).toBe('matched')
  const rebuilt = [...requestsOf(entries)].map(({ items }) => items)
  expect(rebuilt).toEqual(asked.map(({ items }) => items))
})

it('rules go by the journal: what was called before stays called', async () => {
  const compact = compactBy((items) => [...items.slice(0, 1), ...items.slice(-2)], { whenTokens: 3_000 })
  const { entries, asked } = await live({ agent: reader(compact), script: pages(30) })
  expect(compactions(entries).length).toBeGreaterThan(1)
  expect(JSON.stringify(asked.at(-2)?.items)).not.toContain('"first"')
  expect(entries.some(({ kind, body }) => kind === 'call.returned' && body.name === 'pay')).toBe(true)
})

it('without a word of the agent and of its model nothing is made shorter, and neither where the agent says so', async () => {
  for (const world of [{}, { agent: reader(false), figures: { inputTokens: 8_000 } }])
    expect(compactions((await live(world)).entries)).toEqual([])
})

it('a threshold is heeded once it pays by what the run may still ask, and by prices where they are known', async () => {
  const agent = reader(trimResults({ whenTokens: 4_000, keep: 2 }))
  // Read anew at ten times the price from cache, it never pays within these turns; at the same price it pays at once.
  const dear = { inputNano: 1_000, cachedNano: 10, outputNano: 1_000 }
  const even = { inputNano: 100, cachedNano: 100, outputNano: 100 }
  expect(compactions((await live({ agent, figures: dear })).entries)).toEqual([])
  const [first] = compactions((await live({ agent, figures: even })).entries)
  expect(first?.body).toMatchObject({ way: 'trim', why: 'threshold', estimate: { costNano: 0 } })
  expect(first?.body.estimate.savesNano).toBeGreaterThan(100_000)
  const [unpriced] = compactions((await live({ agent, script: pages(30) })).entries)
  expect(unpriced?.body.estimate.before).toBeGreaterThan(4_000)
  expect(unpriced?.body.estimate).not.toHaveProperty('costNano')
})

/** A model that sums up, and counts what it is asked for that. */
function summing(script: Script, sums: ModelRequest[] = []): Script {
  return (request, ...more) => {
    const last = request.items.at(-1)
    const before = script as (...given: unknown[]) => never
    if (last?.kind !== 'user' || !last.text.startsWith('The conversation has grown')) return before(request, ...more)
    sums.push({ ...request, items: [...request.items] })
    const usage = { inputTokens: 5_000, cachedTokens: 4_900, outputTokens: 20, reasoningTokens: 0 }
    const items = [{ kind: 'assistant', text: `Summary of ${request.items.length} items.` }] as const
    return { items, finish: 'stop', model: 'm-1', usage, costNano: 7_000 }
  }
}

it('a summary is an ask of the run’s own: keyed, recorded and counted, over a beginning that is cached, and heard by nobody', async () => {
  const sums: ModelRequest[] = []
  const agent = reader(summarize({ keepTokens: 2_500 }))
  const { outcome, entries, asked, heard, replay } = await live({
    agent,
    figures: { inputTokens: 20_000 },
    script: summing(pages(40), sums),
  })
  expect(outcome.kind).toBe('completed')
  expect([heard.join(''), replay.status]).toEqual(['All read.', 'matched'])
  const found = compactions(entries)
  expect(found.length).toBe(sums.length)
  expect(found.length).toBeGreaterThan(1)
  expect(found[0]).toMatchObject({
    key: expect.stringMatching(/\/compaction$/) as string,
    body: {
      way: 'summary',
      why: 'window',
      model: 'm-1',
      spent: { costNano: 7_000 },
      asked: expect.any(String) as string,
    },
  })
  const { totals } = outcome
  expect(totals).toMatchObject({ costNano: 7_000 * sums.length, outputTokens: 20 * sums.length, turns: 42 })
  const [sum] = sums
  const before = asked[asked.findIndex(({ items }) => items.at(-1)?.kind === 'user' && items.length > 1) - 1]
  expect(sum?.allowedTools).toEqual([])
  expect(sum?.card).toEqual({ ...before?.card, maxOutputTokens: 1_024, output: null })
  expect(sum?.items.slice(0, -1)).toEqual(before?.items.slice(0, (sum?.items.length ?? 0) - 1))
  for (const { items } of asked) expectWhole(items)
  const last = asked.at(-1)?.items ?? []
  expect(last.slice(0, 2)).toEqual([
    { kind: 'user', text: 'Read the book.' },
    { kind: 'assistant', text: `Summary of the conversation so far:\nSummary of ${sums.at(-1)?.items.length} items.` },
  ])
})

it('a summary that does not come is asked for again, and then the run goes on without', async () => {
  const agent = reader(summarize({ keepTokens: 2_500 }))
  const figures = { inputTokens: 20_000 }
  const down = new ModelError({ code: 'overloaded', message: 'Down.', retryable: true, retryAfterMs: 1 })
  const gone = new ModelError({ code: 'gone', message: 'Gone.', retryable: false })
  for (const error of [down, gone]) {
    let failed = 0
    const sums = summing(pages(24))
    const script: Script = (request, ...more) => {
      const last = request.items.at(-1)
      const isSum = last?.kind === 'user' && last.text.startsWith('The conversation has grown')
      if (isSum && failed++ === 0) return error
      return (sums as (...given: unknown[]) => never)(request, ...more)
    }
    const { outcome, entries, replay } = await live({ agent, figures, script })
    expect([outcome.kind, replay.status]).toEqual(['completed', 'matched'])
    const at = entries.findIndex(({ kind }) => kind === 'model.failed')
    expect(entries[at]?.key).toMatch(/\/compaction$/)
    const [, next] = entries.slice(at)
    expect(next).toMatchObject({
      kind: 'history.compacted',
      attempt: error === down ? 2 : 1,
      body: { way: error === down ? 'summary' : 'trim' },
    })
    expect([...requestsOf(entries)].length).toBe(26)
  }
})

it('a turn that is too long by itself has nothing to sum up, and its older results are trimmed', async () => {
  const calls = Array.from({ length: 24 }, (_, page) => ({ callId: `p${page}`, name: 'read', arguments: { page } }))
  const script: Script = ({ items }) => (items.length === 1 ? { calls } : { text: 'All read.' })
  const agent = reader(summarize())
  const { outcome, entries, asked } = await live({ agent, figures: { inputTokens: 20_000 }, script })
  expect(outcome).toMatchObject({ kind: 'completed', output: 'All read.' })
  expect(compactions(entries).map(({ body }) => `${body.way} ${body.why}`)).toEqual(['trim window'])
  expect(asked[1]?.items.at(-1)).toMatchObject({ output: pageOf(23) })
})

it('a function that fails, or tears the conversation, interrupts the run until it is mended', async () => {
  const store = memoryStore()
  const torn = reader(compactBy((items) => items.slice(2), { whenTokens: 3_000 }))
  const first = await live({ store, agent: torn, script: pages(30) })
  expect(first.outcome).toMatchObject({ kind: 'waiting', waiting: { kind: 'interrupted', mendable: true } })
  expect(JSON.stringify(first.outcome)).toContain(
    'The function by which agent \\"reader\\" is compacted tears the conversation: the result at 0 lacks its call \\"p0\\".',
  )
  const mended = reader(compactBy((items) => items.slice(0, 1), { whenTokens: 3_000 }))
  const { outcome } = await live({ store, agent: mended, script: () => ({ text: 'Mended.' }) })
  expect(outcome).toMatchObject({ kind: 'completed', output: 'Mended.' })
})

it('a process that dies anywhere leaves a run that says the same', async () => {
  const world = { agent: reader(summarize({ keepTokens: 1_000, whenTokens: 3_000 })) }
  const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
  const expected = await live({ ...world, store: counted, script: summing(pages(14)) })
  const shapes = (entries: readonly Entry[]): string[] =>
    entries.map(({ kind, key, digest }) => `${kind} ${key} ${digest}`)
  expect(compactions(expected.entries).length).toBeGreaterThan(0)
  for (let at = 1; at <= counted.commits; at++) {
    for (const side of process.env['REPRISE_ALL'] ? (['before', 'after'] as const) : (['after'] as const)) {
      const store = memoryStore()
      await live({ ...world, store: crashing(store, { at, side }), script: summing(pages(14)) }).catch(() => undefined)
      const { entries, replay } = await live({ ...world, store, script: summing(pages(14)) })
      expect(replay.status).toBe('matched')
      expect(shapes(entries).filter((line) => !line.startsWith('run.completed'))).toEqual(
        shapes(expected.entries).filter((line) => !line.startsWith('run.completed')),
      )
    }
  }
})

it('a fork goes on from the shorter conversation, and a backtest makes it shorter at the same place', async () => {
  const store = memoryStore()
  const agent = reader(trimResults())
  const { entries } = await live({ store, agent, figures: { inputTokens: 20_000 }, script: pages(24) })
  const at = entries.findIndex(({ kind }) => kind === 'history.compacted') + 1
  const heard: number[] = []
  const model = scriptedModel(pages(24))
  const models: Model = {
    async *ask(request, signal) {
      heard.push(JSON.stringify(request.items).length)
      yield* model.ask(request, signal)
    },
  }
  await using runtime = createRuntime({ store, models, definitions: [agent], log })
  const sizes = [...requestsOf(entries)].map(({ items }) => JSON.stringify(items).length)
  const fork = await runtime.fork('r', { at })
  await fork.outcome()
  expect(heard[0]).toBe(sizes.find((size, nth) => size < (sizes[nth - 1] ?? 0)))
  expect((await runtime.replay(fork.id)).status).toBe('matched')
  heard.length = 0
  const report = await runtime.backtest({ ids: ['r'] }, { model: 'n' })
  expect(report.runs.length).toBe(1)
  expect(heard).toEqual(sizes)
})

it('an agent that can read on reads what was taken out of a result', async () => {
  const long = defineTool({
    name: 'read',
    description: 'Reads.',
    input,
    effect: 'read',
    maxResultTokens: 5_000,
    execute,
  })
  const agent = reader(trimResults(), [long])
  const script: Script = (request, ...more) => {
    const results = request.items.flatMap((item) => (item.kind === 'result' ? item.output : []))
    const trimmed = results.some((text) => text.includes('To read it again: read_result {"result":"r1","from":0}.'))
    const isRead = results.some((text) => text.startsWith('[r1, of read, from 0 to'))
    const callId = `p${results.length - 1}`
    if (trimmed && !isRead)
      return {
        calls: [{ callId: `${callId}0`, name: 'read_result', arguments: { result: 'r1', from: 0, characters: 60 } }],
      }
    if (isRead) return { text: 'Read again.' }
    return (pages(30) as (...given: unknown[]) => never)(request, ...more)
  }
  const { outcome, asked, replay } = await live({ agent, figures: { inputTokens: 8_000 }, script })
  expect([outcome.kind, replay.status]).toEqual(['completed', 'matched'])
  expect(JSON.stringify(asked.at(-1)?.items)).toContain('characters]\\n1-0: a line of a page\\n1-1: a line')
})
