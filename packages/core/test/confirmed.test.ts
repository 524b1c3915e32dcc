// A call may run once a user has said yes to exactly its arguments: what is recorded of that decides, and nothing that is said.
import { crashing, memoryStore, type ScriptedAnswer, scriptedModel } from '@reprise/testing'
import { sqlite } from '@reprise/store'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  after,
  type AnyAgent,
  askConfirmation,
  confirmed,
  createRuntime,
  defineAgent,
  defineTool,
  type Entry,
  type Model,
  type Outcome,
  type Runtime,
  type Store,
} from '../src/index.ts'
import { byTurn, untilCrash } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const find = defineTool({ name: 'find', description: '', input: z.object({}), effect: 'read', execute: () => 'found' })

function deskOf(refunds: number[] = [], approval: boolean | ((given: { readonly usd: number }) => boolean) = false) {
  const refund = defineTool({
    name: 'refund',
    description: 'Refunds.',
    input: z.object({ usd: z.number(), note: z.string().default('') }),
    effect: 'idempotent',
    approval,
    execute: ({ usd }) => refunds.push(usd),
  })
  const tools = [find, refund, askConfirmation(refund)] as const
  return defineAgent({ name: 'desk', model: 'm', instructions: '', tools, rules: [confirmed(refund)] })
}

const call = (name: string, usd: number) => ({ name, arguments: { usd } })
const asks = (usd: number): ScriptedAnswer => ({ calls: [call('confirm_refund', usd)] })
const refunds = (usd: number): ScriptedAnswer => ({ calls: [call('refund', usd)] })
const desks = (store: Store, models: Model, desk: AnyAgent = deskOf()): Runtime =>
  createRuntime({ store, models, definitions: [desk], log: quiet })

const REFUSED =
  'Not executed: refund may be called only with arguments to which the user has said yes before, asked by confirm_refund. Call confirm_refund with these arguments first, and refund with the same once the answer is yes.'

/** What was said of each call of the tool that is to be confirmed. */
function verdicts(entries: readonly Entry[]): (true | string | undefined)[] {
  return entries.flatMap(({ kind, body }) =>
    kind === 'call.judged' && body.name === 'refund' ? [body.allowed || `${body.rule}: ${body.told}`] : [],
  )
}

/** Plays a run to its end: whenever it asks, the next answer is given. */
async function played(script: readonly ScriptedAnswer[], answers: readonly boolean[]) {
  const done: number[] = []
  const desk = deskOf(done)
  await using runtime = desks(memoryStore(), byTurn(script), desk)
  let outcome: Outcome = await (await runtime.start(desk, 'go', { id: 'r' })).outcome()
  for (const yes of answers) {
    if (outcome.kind !== 'waiting' || outcome.waiting.kind !== 'answer') throw new Error(`it is ${outcome.kind}`)
    outcome = await (await runtime.answer(outcome.waiting.id, { confirmed: yes }, { by: 'kim' })).outcome()
  }
  expect(outcome.kind).toBe('completed')
  expect((await runtime.replay('r')).status).toBe('matched')
  return { done, said: verdicts(await runtime.runs.entries('r')) }
}

describe('a tool whose calls are to be confirmed', () => {
  it('is refused before, with what to do first, and runs with what was confirmed', async () => {
    expect(await played([refunds(5), asks(5), refunds(5)], [true])).toEqual({
      done: [5],
      said: [`confirmed: ${REFUSED}`, true],
    })
  })

  it('goes by the arguments: however they are written, and no others', async () => {
    const same = { calls: [{ name: 'refund', arguments: { note: '', usd: 5 } }] }
    const { done, said } = await played([asks(5), refunds(50), same], [true])
    expect({ done, said }).toEqual({ done: [5], said: [`confirmed: ${REFUSED}`, true] })
  })

  it('is refused after a no, and after a no that takes a yes back', async () => {
    expect((await played([asks(5), refunds(5)], [false])).done).toEqual([])
    expect((await played([asks(5), asks(5), refunds(5)], [true, false])).done).toEqual([])
  })

  it('is refused beside the call that asks, and whatever is said by then counts from the next reply on', async () => {
    const beside = { calls: [call('confirm_refund', 5), call('refund', 5)] }
    expect(await played([beside, refunds(5)], [true])).toEqual({ done: [5], said: [`confirmed: ${REFUSED}`, true] })
  })

  it('does not go by how soon people answer: a yes beside a call that waits comes too late for it', async () => {
    const done: number[] = []
    const look = defineTool({ name: 'look', description: '', input: z.object({}), external: true, output: z.string() })
    const desk = deskOf(done)
    const [, refund, ask] = desk.tools
    if (!refund || !ask) throw new Error('The desk has no such tools')
    const tools = [look, refund, ask]
    const rules = [...desk.rules, after(refund, look)]
    const agent = defineAgent({ name: 'desk', model: 'm', instructions: '', tools, rules })
    const beside = { calls: [call('confirm_refund', 5), { name: 'look', arguments: {} }, call('refund', 5)] }
    await using runtime = desks(memoryStore(), byTurn([beside, refunds(5)]), agent)
    await (await runtime.start(agent, 'go', { id: 'r' })).outcome()
    const key = 'r/agent:0/turn:0/call:'
    await (await runtime.answer(`${key}0`, { confirmed: true }, { by: 'kim' })).outcome()
    await (await runtime.answer(`${key}1`, 'seen', { by: 'kim' })).outcome()
    expect(verdicts(await runtime.runs.entries('r'))).toEqual([`confirmed: ${REFUSED}`, true])
    expect(done).toEqual([5])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is offered once somebody has said yes', async () => {
    const offered: (readonly string[] | undefined)[] = []
    const script = [asks(5), refunds(5)]
    let at = 0
    const models = scriptedModel((request) => {
      offered.push(request.allowedTools)
      return script[at++] ?? { text: 'done' }
    })
    const desk = deskOf()
    await using runtime = desks(memoryStore(), models, desk)
    const outcome = await (await runtime.start(desk, 'go', { id: 'r' })).outcome()
    if (outcome.kind === 'waiting' && outcome.waiting.kind === 'answer')
      await (await runtime.answer(outcome.waiting.id, { confirmed: true }, { by: 'kim' })).outcome()
    expect(offered).toEqual([['find', 'confirm_refund'], undefined, undefined])
  })

  it('is held to what was confirmed where somebody who allows it changes its arguments', async () => {
    const done: number[] = []
    const desk = deskOf(done, true)
    await using runtime = desks(memoryStore(), byTurn([asks(5), refunds(5)]), desk)
    await (await runtime.start(desk, 'go', { id: 'r' })).outcome()
    const id = 'r/agent:0/turn:0/call:0'
    await (await runtime.answer(id, { confirmed: true }, { by: 'kim' })).outcome()
    const ask = 'agent:0/turn:1/call:0'
    await (await runtime.approve('r', ask, { by: 'ana', arguments: { usd: 50, note: '' } })).outcome()
    expect(done).toEqual([])
    expect(verdicts(await runtime.runs.entries('r'))).toEqual([true, `confirmed: ${REFUSED}`])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('asks anew in a fork that acts', async () => {
    const done: number[] = []
    const desk = deskOf(done)
    await using runtime = desks(memoryStore(), byTurn([asks(5), refunds(5)]), desk)
    await (await runtime.start(desk, 'go', { id: 'r' })).outcome()
    await (await runtime.answer('r/agent:0/turn:0/call:0', { confirmed: true }, { by: 'kim' })).outcome()
    const entries = await runtime.runs.entries('r')
    const at = entries.findIndex(({ kind }) => kind === 'call.returned') + 1
    await (await runtime.fork('r', { at, id: 'f', effects: 'live' })).outcome()
    await (await runtime.fork('r', { at, id: 'g' })).outcome()
    expect(done).toEqual([5])
    expect(verdicts(await runtime.runs.entries('f'))).toEqual([`confirmed: ${REFUSED}`])
    expect(verdicts(await runtime.runs.entries('g'))).toEqual([true])
    for (const id of ['f', 'g']) expect((await runtime.replay(id)).status).toBe('matched')
  })

  it('goes by what was confirmed in an earlier turn of its session', async () => {
    const done: number[] = []
    const desk = deskOf(done)
    const models = scriptedModel(({ items }) => {
      const last = items.at(-1)
      if (last?.kind !== 'user') return { text: 'done' }
      return last.text === 'ask' ? asks(5) : refunds(Number(last.text))
    })
    await using runtime = desks(memoryStore(), models, desk)
    const session = runtime.session('chat', { agent: desk })
    const first = await session.send('ask')
    await first.outcome()
    await (await runtime.answer(`${first.id}/agent:0/turn:0/call:0`, { confirmed: true }, { by: 'kim' })).outcome()
    const next = await session.send('5')
    await next.outcome()
    await (await session.send('50')).outcome()
    expect(done).toEqual([5])
    expect((await runtime.replay(next.id)).status).toBe('matched')
  })

  it('comes to the same wherever the process dies', async () => {
    expect(await endsAlike(() => memoryStore())).toBeGreaterThan(5)
  })

  it('comes to the same wherever the process dies, on SQLite', { tags: 'slow' }, async () => {
    expect(await endsAlike(() => sqlite(':memory:'))).toBeGreaterThan(5)
  })

  /** Lets the process die before and after each write, and gives how many there were. */
  async function endsAlike(open: () => Store): Promise<number> {
    const run = async (store: Store, done: number[]) => {
      const desk = deskOf(done)
      const runtime = desks(store, byTurn([refunds(5), asks(5), refunds(5)]), desk)
      return untilCrash(runtime, async () => {
        const outcome = await (await runtime.start(desk, 'go', { id: 'r' })).outcome()
        if (outcome.kind !== 'waiting' || outcome.waiting.kind !== 'answer') return outcome
        return await (await runtime.answer(outcome.waiting.id, { confirmed: true }, { by: 'kim' })).outcome()
      })
    }
    const counted = crashing(open(), { at: Infinity, side: 'before', of: 'write' })
    const expected = await run(counted, [])
    expect(expected).toMatchObject({ kind: 'completed' })
    for (let at = 1; at <= counted.writes; at++)
      for (const side of ['before', 'after'] as const) {
        const [store, done] = [open(), [] as number[]]
        const dying = await run(crashing(store, { at, side, of: 'write' }), done)
        expect(dying?.kind === 'completed' ? dying : await run(store, done), `${side} ${at}`).toEqual(expected)
        await using runtime = desks(store, byTurn([]), deskOf())
        expect(verdicts(await runtime.runs.entries('r')), `${side} ${at}`).toEqual([`confirmed: ${REFUSED}`, true])
        expect(new Set(done), `${side} ${at}`).toEqual(new Set([5]))
      }
    return counted.writes
  }
})
