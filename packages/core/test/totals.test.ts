// What a run says that it has used, with the runs that came of it.
import { crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  agentTool,
  createRuntime,
  defineAgent,
  defineWorkflow,
  type Model,
  ModelError,
  type ModelReply,
  type ModelRequest,
} from '../src/index.ts'
import { untilCrash } from './world.fixture.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const usage = { inputTokens: 10, cachedTokens: 0, outputTokens: 2, reasoningTokens: 0 }
const used = { turns: 0, calls: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0, costNano: 0, unpriced: 0 }

/** Replies at a price of 100: the helper's tool is called once by whoever has it. */
function answer({ card, items }: ModelRequest): ModelReply {
  const calls = card.tools.length > 0 && !items.some(({ kind }) => kind === 'result')
  return {
    items: calls
      ? [{ kind: 'call', callId: 'c', name: 'ask', arguments: '{"task":"Help."}' }]
      : [{ kind: 'assistant', text: 'Done.' }],
    finish: 'stop',
    model: 'm',
    usage,
    costNano: 100,
  }
}

const helper = defineAgent({ name: 'helper', model: 'm', instructions: '' })
const middle = defineAgent({
  name: 'middle',
  model: 'm',
  instructions: '',
  tools: [agentTool(helper, { name: 'ask', description: 'Asks.' })],
})
const boss = defineAgent({
  name: 'boss',
  model: 'm',
  instructions: '',
  tools: [agentTool(middle, { name: 'ask', description: 'Asks.' })],
})

describe('the totals of a run', () => {
  test('have agents that are called as tools in them, at any depth, and keep its own apart', async () => {
    await using runtime = createRuntime({
      store: memoryStore(),
      models: scriptedModel(answer),
      definitions: [boss, middle, helper],
      log,
    })
    const { totals } = await (await runtime.start(boss, 'go', { id: 'r' })).outcome()
    expect(totals).toMatchObject({ turns: 5, calls: 2, costNano: 500 })
    expect(totals.own).toMatchObject({ turns: 2, calls: 1, costNano: 200, inputTokens: 20 })
    expect(totals.descendants).toMatchObject({ turns: 3, calls: 1, costNano: 300, outputTokens: 6 })
    const row = await runtime.runs.get('r')
    expect(row.totals).toEqual(totals)
    expect((await runtime.runs.list())[0]?.totals).toEqual(totals)
  })

  test('of a round have those of the rounds before it, and of what these ran', async () => {
    const rounds = defineWorkflow({
      name: 'rounds',
      input: z.object({ left: z.number() }),
      run: async (ctx, { left }): Promise<string> => {
        await ctx.agent(middle, 'go')
        return left > 1 ? ctx.continueAs({ left: left - 1 }) : 'end'
      },
    })
    await using runtime = createRuntime({
      store: memoryStore(),
      models: scriptedModel(answer),
      definitions: [rounds, middle, helper],
      log,
    })
    const { totals } = await (await runtime.start(rounds, { left: 3 }, { id: 'r' })).outcome()
    expect(totals).toMatchObject({ turns: 9, costNano: 900, own: { turns: 0 } })
    const costs = (await runtime.runs.list({ name: 'rounds' })).map((row) => row.totals.costNano)
    expect(costs).toEqual([300, 600, 900])
  })

  test('stay what they were as long as the run is there, whatever is cleaned up', async () => {
    const clock = manualClock()
    const flow = defineWorkflow({
      name: 'flow',
      input: z.null(),
      run: async (ctx) => {
        await ctx.agent(boss, 'Go.')
        await ctx.sleep(60_000)
      },
    })
    await using runtime = createRuntime({
      store: memoryStore(),
      models: scriptedModel(answer),
      definitions: [helper, middle, boss, flow],
      clock,
      log,
    })
    const run = await runtime.start(flow, null, { id: 'f' })
    while (clock.pending === 0 || (await runtime.runs.list({ status: 'completed' })).length < 3) await clock.advance(1)
    await clock.advance(60_000)
    await run.result()
    const { totals } = await runtime.runs.get('f')

    expect(totals.costNano).toBe(500)
    // Its children ended a minute before it.
    expect(await runtime.gc({ olderThanMs: 30_000 })).toBe(0)
    expect((await runtime.runs.get('f')).totals).toEqual(totals)
    await clock.advance(60_000)
    expect(await runtime.gc({ olderThanMs: 30_000 })).toBe(4)
  })

  test('have the loser of a race in them, and move while a run goes on', async () => {
    const slow = defineAgent({ name: 'slow', model: 'm', instructions: '' })
    const seen: number[] = []
    const race = defineWorkflow({
      name: 'race',
      input: z.object({}),
      run: async (ctx) => {
        await ctx.agent(helper, 'first')
        await ctx.step('look', async () => void seen.push((await runtime.runs.get('r')).totals.costNano))
        return ctx.race([(branch) => branch.agent(middle, 'go'), (branch) => branch.agent(slow, 'wait')])
      },
    })
    const waits = scriptedModel(async (request, _, signal) => {
      if (request.card.agent !== 'slow') return answer(request)
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
      return answer(request)
    })
    const models: Model = { ask: (...asked) => waits.ask(...asked), reserve: async () => ({ usage, costNano: 7_000 }) }
    await using runtime = createRuntime({
      store: memoryStore(),
      models,
      definitions: [race, middle, helper, slow],
      log,
    })
    const { totals } = await (await runtime.start(race, {}, { id: 'r' })).outcome()
    expect(seen).toEqual([100])
    expect(totals).toMatchObject({ turns: 4, costNano: 7_400, estimated: 7_000, unpriced: 0 })
  })
})

describe('an ask that broke off', () => {
  const agent = defineAgent({ name: 'a', model: 'm', instructions: '', retry: { attempts: 3, baseMs: 1, maxMs: 2 } })
  const failing = (spent: ModelError['spent']): ModelError =>
    new ModelError({ code: 'cut', message: 'It broke off.', retryable: true, retryAfterMs: 0, spent })

  /** What a run has used whose first ask ends so. */
  async function totalsAfter(error: ModelError, reserve?: Model['reserve']): Promise<unknown> {
    const replies = scriptedModel([error, answer({ card: { tools: [] }, items: [] } as unknown as ModelRequest)])
    const models: Model = { ask: (...asked) => replies.ask(...asked), ...(reserve && { reserve }) }
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [agent], log })
    return (await (await runtime.start(agent, 'go')).outcome()).totals
  }

  const reply = { ...used, turns: 1, inputTokens: 10, outputTokens: 2, costNano: 100 }

  test('is charged at what is known of it', async () => {
    expect(await totalsAfter(failing({ usage, costNano: 90 }))).toEqual({
      ...reply,
      inputTokens: 20,
      outputTokens: 4,
      costNano: 190,
    })
  })

  test('is charged at the most that it was to cost where nobody has counted, and that is told', async () => {
    const totals = await totalsAfter(failing('unknown'), async () => ({ usage, costNano: 5_000 }))
    expect(totals).toEqual({ ...reply, inputTokens: 20, outputTokens: 4, costNano: 5_100, estimated: 5_000 })
  })

  test('is of unknown price where not even that can be said', async () => {
    expect(await totalsAfter(failing('unknown'))).toEqual({ ...reply, unpriced: 1 })
    const broken = (): Promise<never> => Promise.reject(new Error('no tokenizer'))
    expect(await totalsAfter(failing('unknown'), broken)).toEqual({ ...reply, unpriced: 1 })
  })

  test('is charged nothing where the service charges nothing', async () => {
    expect(await totalsAfter(failing(undefined), async () => ({ costNano: 5_000 }))).toEqual(reply)
  })

  test('is charged once, wherever its process dies', async () => {
    for (let at = 1; at <= 3; at++) {
      for (const side of ['before', 'after'] as const) {
        const kept = memoryStore()
        const clock = manualClock()
        let asks = 0
        const replies = scriptedModel((request) => (++asks === 1 ? failing({ usage, costNano: 90 }) : answer(request)))
        const store = crashing(kept, { at, side })
        const dying = createRuntime({ store, models: replies, definitions: [agent], clock, log })
        await untilCrash(dying, async () => {
          await (await dying.start(agent, 'go', { id: 'r' })).outcome()
        })
        await using runtime = createRuntime({ store: kept, models: replies, definitions: [agent], clock, log })
        const { totals } = await (await runtime.start(agent, 'go', { id: 'r' })).outcome()
        const written = (await runtime.runs.entries('r')).filter(({ kind }) => kind === 'model.failed').length
        expect(totals).toMatchObject({ turns: 1, costNano: 100 + 90 * written })
        expect((await runtime.replay('r')).status).toBe('matched')
      }
    }
  })
})
