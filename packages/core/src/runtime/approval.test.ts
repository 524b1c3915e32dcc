import { Crash, crashing, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineTool, type Store } from '../index.ts'
import { byTurn, outline } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const key = 'agent:0/turn:0/call:0'

function till(paid: string[], approval: boolean | ((input: { usd: number }) => boolean) = ({ usd }) => usd > 100) {
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    input: z.object({ usd: z.number() }),
    effect: 'idempotent',
    approval,
    execute: ({ usd }, { idempotencyKey }) => {
      paid.push(`${usd} ${idempotencyKey}`)
      return 'paid'
    },
  })
  return defineAgent({ name: 'till', model: 'm', instructions: '', tools: [pay] })
}

const pays = (usd: number) => byTurn([{ calls: [{ name: 'pay', arguments: { usd } }] }, { text: 'done' }])

describe('a tool that asks for approval', () => {
  it('runs without it where its arguments need none, and waits for a person where they do', async () => {
    const paid: string[] = []
    const agent = till(paid)
    await using small = createRuntime({ store: memoryStore(), models: pays(20), definitions: [agent] })
    expect(await (await small.start(agent, 'go', { id: 'r' })).result()).toBe('done')
    await using large = createRuntime({ store: memoryStore(), models: pays(200), definitions: [agent] })
    const run = await large.start(agent, 'go', { id: 'r' })
    expect(await run.outcome()).toMatchObject({ kind: 'waiting', waiting: { kind: 'approval', key, tool: 'pay' } })
    await expect(run.result()).rejects.toThrow(
      `The run "r" waits: for somebody to allow pay at ${key}. Call runtime.approve or runtime.reject.`,
    )
    expect(paid).toEqual([`20 r/${key}`])
    await expect(large.approve('r', 'nowhere', { by: 'ana' })).rejects.toThrow(
      `The run "r" has no call at "nowhere" that waits to be allowed. Waiting: ${key} (pay).`,
    )
    expect(await (await large.approve('r', key, { by: 'ana' })).result()).toBe('done')
    expect(paid).toEqual([`20 r/${key}`, `200 r/${key}`])
    expect(outline(await large.runs.entries('r')).slice(2)).toEqual([
      `approval.asked ${key}`,
      'run.waiting run',
      `approval.given ${key}`,
      `call.returned ${key}`,
      'model.replied agent:0/turn:1',
      'run.completed run',
    ])
    expect((await large.replay('r')).status).toBe('matched')
    expect(await (await large.approve('r', key, { by: 'bob' })).result()).toBe('done')
    await expect(large.reject('r', key, { by: 'bob' })).rejects.toThrow('ana has allowed it.')
  })

  it('is told to the model as not allowed, with the reason, when somebody refuses', async () => {
    const paid: string[] = []
    const agent = till(paid, true)
    const told: string[] = []
    const model = scriptedModel(({ items }, nth) => {
      told.push(...items.flatMap((item) => (item.kind === 'result' ? [item.output] : [])))
      return nth === 1 ? { calls: [{ name: 'pay', arguments: { usd: 1 } }] } : { text: 'sorry' }
    })
    await using runtime = createRuntime({ store: memoryStore(), models: model, definitions: [agent] })
    await (await runtime.start(agent, 'go', { id: 'r' })).outcome()
    expect(await (await runtime.reject('r', key, { by: 'ana', reason: 'not this month' })).result()).toBe('sorry')
    expect(told).toEqual([
      'Not executed: ana did not allow pay with these arguments: not this month. Do not call it again like this.',
    ])
    expect(paid).toEqual([])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('does not hold up the other calls of its reply', async () => {
    const paid: string[] = []
    const agent = till(paid)
    const model = byTurn([{ calls: [200, 5].map((usd) => ({ name: 'pay', arguments: { usd } })) }])
    await using runtime = createRuntime({ store: memoryStore(), models: model, definitions: [agent] })
    expect(await (await runtime.start(agent, 'go', { id: 'r' })).outcome()).toMatchObject({ kind: 'waiting' })
    expect(paid).toEqual(['5 r/agent:0/turn:0/call:1'])
  })

  it('binds to the arguments that were shown: changed code that makes others of the call does not go on with it', async () => {
    const paid: string[] = []
    const store = memoryStore()
    const old = till(paid)
    const one = createRuntime({ store, models: pays(200), definitions: [old] })
    await (await one.start(old, 'go', { id: 'r' })).outcome()
    await one.close()
    const cents = defineTool({
      name: 'pay',
      description: 'Pays.',
      input: z.object({ usd: z.number().transform((usd) => usd * 100) }),
      effect: 'idempotent',
      approval: true,
      execute: ({ usd }) => paid.push(String(usd)),
    })
    const changed = defineAgent({ name: 'till', model: 'm', instructions: '', tools: [cents] })
    await using two = createRuntime({ store, models: pays(200), definitions: [changed], log: quiet })
    await expect(two.approve('r', key, { by: 'ana' })).rejects.toThrow("cannot go on under today's code")
    expect(paid).toEqual([])
  })

  it('is given once and kept, wherever the process dies', async () => {
    const run = async (store: Store, paid: string[]): Promise<unknown> => {
      const agent = till(paid)
      const runtime = createRuntime({ store, models: pays(200), definitions: [agent], log: quiet })
      try {
        const outcome = await (await runtime.start(agent, 'go', { id: 'r' })).outcome()
        if (outcome.kind !== 'waiting' || outcome.waiting.kind !== 'approval') return outcome
        return await (await runtime.approve('r', key, { by: 'ana' })).outcome()
      } catch (error) {
        if (!(error instanceof Crash)) throw error
        return undefined
      } finally {
        await runtime.close()
      }
    }
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    const expected = await run(counted, [])
    expect(expected).toMatchObject({ kind: 'completed' })
    for (let at = 1; at <= counted.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        const store = memoryStore()
        const paid: string[] = []
        const dying = await run(crashing(store, { at, side }), paid)
        const outcome =
          dying !== undefined && (dying as { kind: string }).kind === 'completed' ? dying : await run(store, paid)
        expect(outcome, `commit ${at}, ${side}`).toEqual(expected)
        expect([...new Set(paid)], `commit ${at}, ${side}`).toEqual([`200 r/${key}`])
        const given = (await store.entries('r')).filter(({ kind }) => kind === 'approval.given')
        expect(given.length, `commit ${at}, ${side}`).toBe(1)
      }
    }
  })
})
