// Tools that somebody else answers: the run asks, rests, and goes on with the first valid answer.
import { crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { sqlite } from '@reprise/store'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { agentTool, askConfirmation, createRuntime, defineAgent, defineTool, type Store } from '../src/index.ts'
import { byTurn, outline, untilCrash } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const key = 'agent:0/turn:0/call:0'
const id = `r/${key}`

const payment = defineTool({
  name: 'await_payment',
  description: 'Waits until an invoice is paid.',
  external: true,
  input: z.object({ invoice: z.string() }),
  output: z.object({ paidUsd: z.number(), at: z.string().default('today') }),
  timeoutMs: 60_000,
})
const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: '', tools: [payment] })
const waits = () => byTurn([{ calls: [{ name: 'await_payment', arguments: { invoice: 'i7' } }] }, { text: 'done' }])

async function started(store: Store = memoryStore()) {
  const clock = manualClock()
  const runtime = createRuntime({ store, models: waits(), definitions: [clerk], clock, log: quiet })
  const run = await runtime.start(clerk, 'go', { id: 'r' })
  return { clock, runtime, run, outcome: await run.outcome() }
}

describe('a tool that somebody else answers', () => {
  it('lets its run rest until an answer has come, and gives that to the model as it was checked', async () => {
    const { runtime, run, outcome } = await started()
    const waiting = { kind: 'answer', key, id, tool: 'await_payment', until: 60_000, agent: 'clerk' }
    expect(outcome).toMatchObject({ kind: 'waiting', waiting, waits: [{ arguments: { invoice: 'i7' } }] })
    await expect(run.result()).rejects.toThrow(
      `The run "r" waits: for somebody to answer await_payment, as "${id}" until 1970-01-01T00:01:00.000Z. Call runtime.answer.`,
    )
    const goesOn = await runtime.answer(id, { paidUsd: 12 }, { by: { id: 'bank', source: 'webhook' } })
    expect(await goesOn.result()).toBe('done')
    const entries = await runtime.runs.entries('r')
    expect(outline(entries).slice(2)).toEqual([
      `answer.asked ${key}`,
      'run.waiting run',
      `call.returned ${key}`,
      'model.replied agent:0/turn:1',
      'run.completed run',
    ])
    expect(entries.find(({ kind }) => kind === 'call.returned')?.body).toMatchObject({
      result: { paidUsd: 12, at: 'today' },
      by: 'bank',
      source: 'webhook',
    })
    expect((await runtime.replay('r')).status).toBe('matched')
    expect(await runtime.audit({ runId: 'r' })).toMatchObject([
      { action: 'answered', by: { id: 'bank', source: 'webhook' }, what: key },
    ])
    await runtime.close()
  })

  it('waits on after an answer that its schema does not take, and says why', async () => {
    const { runtime } = await started()
    await expect(runtime.answer(id, { paidUsd: 'a lot' }, { by: 'bank' })).rejects.toThrow(
      `The answer to await_payment at "${key}" of the run "r" is none. `,
    )
    await expect(runtime.answer(id, { paidUsd: Number.NaN }, { by: 'bank' })).rejects.toThrow('paidUsd')
    expect((await runtime.runs.get('r')).waiting).toMatchObject({ kind: 'answer', id })
    await expect(runtime.answer('r/nowhere', {}, { by: 'bank' })).rejects.toThrow('runtime.answer was given id')
    await expect(runtime.answer('r/agent:0/turn:7/call:0', {}, { by: 'bank' })).rejects.toThrow(
      `The run "r" asks nobody for an answer at "agent:0/turn:7/call:0". It waits for: ${id} (await_payment).`,
    )
    await runtime.close()
  })

  it('takes the first answer: the same again is heard, and another is told who was first', async () => {
    const { runtime } = await started()
    const said = await Promise.allSettled([
      runtime.answer(id, { paidUsd: 1 }, { by: 'ana' }),
      runtime.answer(id, { paidUsd: 2 }, { by: 'ben' }),
    ])
    expect(said.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await (await runtime.resume('r')).outcome()
    const returned = (await runtime.runs.entries('r')).find(({ kind }) => kind === 'call.returned')
    const { by, result } = returned?.kind === 'call.returned' ? returned.body : {}
    const [lost] = said.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
    expect(lost).toContain(`${by} has answered "${key}" of the run "r" before`)
    await runtime.answer(id, result, { by: 'somebody else' })
    await expect(runtime.answer(id, { paidUsd: 3 }, { by: 'cem' })).rejects.toMatchObject({ code: 'answered' })
    await runtime.close()
  })

  it.each([
    ['memory', () => memoryStore()],
    ['SQLite', () => sqlite(':memory:')],
  ])('is told to the model as not answered once its time is over, on %s', async (_, open) => {
    const { clock, runtime } = await started(open())
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'waiting', wakeAt: 60_000 })
    await clock.advance(60_000)
    await expect(runtime.answer(id, { paidUsd: 1 }, { by: 'bank' })).rejects.toMatchObject({ code: 'answer_expired' })
    expect(await (await runtime.resume('r')).result()).toBe('done')
    const failed = (await runtime.runs.entries('r')).find(({ kind }) => kind === 'call.failed')
    expect(failed?.body).toMatchObject({
      error: {
        code: 'answer_expired',
        message: 'Not answered: nobody answered await_payment until 1970-01-01T00:01:00.000Z.',
      },
    })
    expect((await runtime.replay('r')).status).toBe('matched')
    await runtime.close()
  })

  it('asks anew in a fork, under the id of the fork, also where that may only read', async () => {
    const { runtime } = await started()
    await (await runtime.answer(id, { paidUsd: 1 }, { by: 'bank' })).result()
    const fork = await runtime.fork('r', { at: 3, id: 'f' })
    expect(await fork.outcome()).toMatchObject({ kind: 'waiting', waiting: { kind: 'answer', id: `f/${key}` } })
    expect(await (await runtime.answer(`f/${key}`, { paidUsd: 2 }, { by: 'ana' })).result()).toBe('done')
    expect((await runtime.replay('f')).status).toBe('matched')
    await runtime.close()
  })

  it('is answered from the journal where another model asks the same', async () => {
    const { runtime } = await started()
    await (await runtime.answer(id, { paidUsd: 1 }, { by: 'bank' })).result()
    const { all } = await runtime.backtest({ name: 'clerk' }, { model: 'm2' })
    expect(all).toMatchObject({ runs: 1, same: 1 })
    await runtime.close()
  })

  it('has an id that names the child where a child asks', async () => {
    const asks = agentTool(clerk, { name: 'clerk', description: 'Asks a clerk.' })
    const boss = defineAgent({ name: 'boss', model: 'm', instructions: '', tools: [asks] })
    const models = scriptedModel(({ card, items }) => {
      if (items.some(({ kind }) => kind === 'result')) return { text: 'done' }
      if (card.agent === 'boss') return { calls: [{ name: 'clerk', arguments: { task: 'go' } }] }
      return { calls: [{ name: 'await_payment', arguments: { invoice: 'i7' } }] }
    })
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [boss, clerk] })
    const outcome = await (await runtime.start(boss, 'go', { id: 'r' })).outcome()
    expect(outcome).toMatchObject({ kind: 'waiting', waiting: { kind: 'child', runId: id } })
    const child = await runtime.runs.get(id)
    expect(child.waiting).toMatchObject({ kind: 'answer', id: `${id}/${key}` })
    await (await runtime.answer(`${id}/${key}`, { paidUsd: 1 }, { by: 'bank' })).outcome()
    expect(await (await runtime.resume('r')).result()).toBe('done')
  })

  it('is answered within a transaction of the program, which the run goes on after', async () => {
    const store = memoryStore()
    const { runtime } = await started(store)
    await expect(
      store.transaction((tx) => {
        void runtime.answer(id, { paidUsd: 1 }, { by: 'bank', tx })
        throw new Error('rolled back')
      }),
    ).rejects.toThrow('rolled back')
    expect(await store.inbox('r')).toEqual([])
    await store.transaction((tx) => void runtime.answer(id, { paidUsd: 2 }, { by: 'bank', tx }))
    expect(await (await runtime.resume('r')).result()).toBe('done')
    await runtime.close()
  })

  it('is answered once and kept, wherever the process dies', async () => {
    const run = async (store: Store): Promise<unknown> => {
      const runtime = createRuntime({ store, models: waits(), definitions: [clerk], clock: manualClock(), log: quiet })
      return untilCrash(runtime, async () => {
        const outcome = await (await runtime.start(clerk, 'go', { id: 'r' })).outcome()
        if (outcome.kind !== 'waiting' || outcome.waiting.kind !== 'answer') return outcome
        return await (await runtime.answer(id, { paidUsd: 12 }, { by: 'bank' })).outcome()
      })
    }
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before', of: 'write' })
    const expected = await run(counted)
    expect(expected).toMatchObject({ kind: 'completed' })
    for (let at = 1; at <= counted.writes; at++)
      for (const side of ['before', 'after'] as const) {
        const store = memoryStore()
        const dying = (await run(crashing(store, { at, side, of: 'write' }))) as { kind: string } | undefined
        expect(dying?.kind === 'completed' ? dying : await run(store), `write ${at}, ${side}`).toEqual(expected)
        const asked = (await store.entries('r')).filter(({ kind }) => kind === 'answer.asked')
        expect(asked, `write ${at}, ${side}`).toHaveLength(1)
      }
  })

  it('has no effect and nothing to execute', () => {
    const wrong = { name: 'x', description: '', external: true, input: z.object({}), output: z.string() }
    expect(() => defineTool({ ...wrong, effect: 'read' } as never)).toThrow('Tool "x" is external, and has effect.')
    expect(() => defineTool({ ...wrong, output: undefined } as never)).toThrow('Tool "x" was given output')
  })
})

describe('a confirmation', () => {
  it('takes the arguments of its tool, and is bound to the call that is asked about', async () => {
    const refund = defineTool({
      name: 'refund',
      description: 'Refunds.',
      input: z.object({ order: z.string(), usd: z.number() }),
      effect: 'idempotent',
      execute: () => 'refunded',
    })
    const desk = defineAgent({ name: 'desk', model: 'm', instructions: '', tools: [refund, askConfirmation(refund)] })
    const models = byTurn([
      { calls: [{ name: 'confirm_refund', arguments: { order: 'o1', usd: 5 } }] },
      { calls: [{ name: 'refund', arguments: { usd: 5, order: 'o1' } }] },
      { text: 'done' },
    ])
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [desk] })
    await (await runtime.start(desk, 'go', { id: 'r' })).outcome()
    await expect(runtime.answer(id, { confirmed: 'yes' }, { by: 'kim' })).rejects.toMatchObject({ code: 'bad_answer' })
    expect(await (await runtime.answer(id, { confirmed: true }, { by: 'kim' })).result()).toBe('done')
    const entries = await runtime.runs.entries('r')
    const asked = entries.find(({ kind }) => kind === 'answer.asked')
    const ran = entries.findLast(({ kind }) => kind === 'call.returned')
    expect(asked?.kind === 'answer.asked' && asked.body.of).toEqual({
      tool: 'refund',
      asked: ran?.kind === 'call.returned' && ran.body.asked,
    })
    expect((await runtime.replay('r')).status).toBe('matched')
  })
})
