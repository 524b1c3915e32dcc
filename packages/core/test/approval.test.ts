import { crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineTool, type Store } from '../src/index.ts'
import { byTurn, outline, untilCrash } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const key = 'agent:0/turn:0/call:0'

function till(
  paid: string[],
  approval: boolean | ((input: { usd: number }) => boolean) = ({ usd }) => usd > 100,
  other: {
    readonly input?: z.ZodType<{ usd: number }>
    readonly description?: string
    readonly effect?: 'read'
    readonly approvalTimeoutMs?: number
  } = {},
) {
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    input: z.object({ usd: z.number() }),
    effect: 'idempotent',
    approval,
    ...other,
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

  it('is asked for anew, under another id, when the tool does or takes something else than was shown', async () => {
    const paid: string[] = []
    const store = memoryStore()
    const old = till(paid)
    const one = createRuntime({ store, models: pays(200), definitions: [old] })
    await (await one.start(old, 'go', { id: 'r' })).outcome()
    await one.close()
    const now = till(paid, true, { input: z.object({ usd: z.number(), note: z.string().optional() }) })
    await using two = createRuntime({ store, models: pays(200), definitions: [now], log: quiet })
    await expect(two.approve('r', key, { by: 'ana' })).rejects.toThrow(
      `pay at "${key}" of the run "r" was to be allowed as it was when that was asked: its effect or its arguments' schema is another today. Take the run up (runtime.resume), and it is asked anew, under another id.`,
    )
    const id = `${key}#2`
    expect(await (await two.resume('r')).outcome()).toMatchObject({ kind: 'waiting', waiting: { id, key } })
    await expect(two.approve('r', key, { by: 'ana' })).rejects.toThrow(
      `The run "r" has no call at "${key}" that waits to be allowed. It was asked anew, under "${id}". Waiting: ${id} (pay).`,
    )
    expect(paid).toEqual([])
    expect(await (await two.approve('r', id, { by: 'ana' })).result()).toBe('done')
    expect(paid).toEqual([`200 r/${key}`])
    expect((await two.replay('r')).status).toBe('matched')
  })

  it('is not lost by a word that is only said otherwise', async () => {
    const paid: string[] = []
    const store = memoryStore()
    const old = till(paid)
    const one = createRuntime({ store, models: pays(200), definitions: [old] })
    await (await one.start(old, 'go', { id: 'r' })).outcome()
    await one.close()
    const now = till(paid, true, { description: 'Pays money.' })
    await using two = createRuntime({ store, models: pays(200), definitions: [now] })
    expect(await (await two.approve('r', key, { by: 'ana' })).result()).toBe('done')
  })

  it('does not hold for another tool when a process dies between the word and the call', async () => {
    const paid: string[] = []
    const store = memoryStore()
    const old = till(paid)
    const one = createRuntime({ store, models: pays(200), definitions: [old] })
    await (await one.start(old, 'go', { id: 'r' })).outcome()
    await one.close()
    const dying = createRuntime({
      store: crashing(store, { at: 2, side: 'before' }),
      models: pays(200),
      definitions: [old],
      log: quiet,
    })
    await (await dying.approve('r', key, { by: 'ana' })).outcome()
    await dying.close()
    expect((await store.entries('r')).at(-1)?.kind).toBe('approval.given')
    const before = paid.length
    const now = till(paid, true, { effect: 'read' })
    await using two = createRuntime({ store, models: pays(200), definitions: [now], log: quiet })
    expect(await (await two.resume('r')).outcome()).toMatchObject({ kind: 'waiting', waiting: { id: `${key}#2` } })
    expect(paid.length).toBe(before)
  })

  describe('within a time', () => {
    const hour = 3_600_000
    const until = '1970-01-01T01:00:00.000Z'

    async function waiting() {
      const paid: string[] = []
      const store = memoryStore()
      const clock = manualClock()
      const told: string[] = []
      const models = scriptedModel(({ items }) => {
        told.push(...items.flatMap((item) => (item.kind === 'result' ? [item.output] : [])))
        return items.length === 1 ? { calls: [{ name: 'pay', arguments: { usd: 200 } }] } : { text: 'sorry' }
      })
      const agent = till(paid, true, { approvalTimeoutMs: hour })
      const runtime = createRuntime({ store, models, definitions: [agent], clock, log: quiet })
      const outcome = await (await runtime.start(agent, 'go', { id: 'r' })).outcome()
      return { paid, store, clock, told, runtime, outcome }
    }

    it('counts as refused when that is over, the model is told, and a late word is refused', async () => {
      const { paid, store, clock, told, runtime, outcome } = await waiting()
      expect(outcome).toMatchObject({ waiting: { kind: 'approval', id: key, until: hour } })
      expect(await store.run('r')).toMatchObject({ status: 'waiting', wakeAt: hour })
      await clock.advance(hour - 1)
      const worker = runtime.work()
      await clock.advance(0)
      expect((await store.run('r'))?.status).toBe('waiting')
      await clock.advance(1)
      await expect(runtime.approve('r', key, { by: 'ana' })).rejects.toThrow(
        `pay at "${key}" of the run "r" could be allowed or refused until ${until}: it counts as refused. Take the run up (runtime.resume), and the model is told so.`,
      )
      await clock.advance(1_000)
      expect((await store.run('r'))?.status).toBe('completed')
      await worker.stop()
      expect(told).toEqual([
        `Not executed: nobody allowed pay with these arguments until ${until}. Do not call it again like this.`,
      ])
      await expect(runtime.approve('r', key, { by: 'ana' })).rejects.toThrow('the clock has refused it.')
      expect(paid).toEqual([])
      expect((await runtime.replay('r')).status).toBe('matched')
      await runtime.close()
    })

    it('takes a word that was left in time, however late it is read', async () => {
      const { paid, store, clock, runtime } = await waiting()
      await runtime.close()
      const body = { key, attempt: 1, by: 'ana', approved: true, reason: '' }
      await store.send({ runId: 'r', dedupe: `approval:${key}`, kind: 'approval', body, at: hour - 1 })
      await clock.advance(2 * hour)
      const agent = till(paid, true, { approvalTimeoutMs: hour })
      await using late = createRuntime({ store, models: pays(200), definitions: [agent], clock })
      expect(await (await late.resume('r')).result()).toBe('done')
      expect(paid).toEqual([`200 r/${key}`])
    })
  })

  it('takes a word that was left in time and is read only after that, since another call went on', async () => {
    const paid: string[] = []
    const store = memoryStore()
    const clock = manualClock()
    const gate = Promise.withResolvers<void>()
    const wait = defineTool({
      name: 'wait',
      description: 'Waits.',
      input: z.object({}),
      effect: 'read',
      execute: () => gate.promise.then(() => 'over'),
    })
    const { tools } = till(paid, true, { approvalTimeoutMs: 1_500 })
    const agent = defineAgent({ name: 'till', model: 'm', instructions: '', tools: [...tools, wait] })
    const models = byTurn([{ calls: [{ name: 'pay', arguments: { usd: 200 } }, { name: 'wait' }] }, { text: 'done' }])
    const parts = { store, models, definitions: [agent], clock, log: quiet } as const
    await using one = createRuntime(parts)
    const run = await one.start(agent, 'go', { id: 'r' })
    while ((await store.entries('r')).length < 3) await clock.advance(0)
    // A runtime of its own, which does not drive the run: the one that does looks for messages each second.
    await using two = createRuntime(parts)
    await clock.advance(1_400)
    await two.approve('r', key, { by: 'ana' })
    await clock.advance(100)
    gate.resolve()
    await clock.advance(0)
    expect(await run.result()).toBe('done')
    expect(paid).toEqual([`200 r/${key}`])
    expect((await one.replay('r')).status).toBe('matched')
  })

  it('is given once and kept, wherever the process dies', async () => {
    const run = async (store: Store, paid: string[]): Promise<unknown> => {
      const agent = till(paid)
      const runtime = createRuntime({ store, models: pays(200), definitions: [agent], log: quiet })
      return untilCrash(runtime, async () => {
        const outcome = await (await runtime.start(agent, 'go', { id: 'r' })).outcome()
        if (outcome.kind !== 'waiting' || outcome.waiting.kind !== 'approval') return outcome
        return await (await runtime.approve('r', key, { by: 'ana' })).outcome()
      })
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
