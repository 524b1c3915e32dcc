// An agent that another agent calls as a tool, and that waits for somebody.
import { crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { agentTool, createRuntime, defineAgent, defineTool, type Store } from '../src/index.ts'
import { outline, untilCrash } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const asking = 'agent:0/turn:0/call:0'
const child = `r/${asking}`

/** A desk that asks a till to pay, which somebody must allow, and that pays a little itself. */
function desk(paid: string[]) {
  const tool = (name: string, approval: boolean) =>
    defineTool({
      name,
      description: 'Pays.',
      input: z.object({}),
      effect: 'idempotent',
      approval,
      execute: (_, { idempotencyKey }) => {
        paid.push(`${name} ${idempotencyKey}`)
        return name
      },
    })
  const till = defineAgent({ name: 'till', model: 'm', instructions: '', tools: [tool('pay', true)] })
  const ask = agentTool(till, { name: 'ask', description: 'Asks the till.' })
  const tools = [ask, tool('note', false), tool('seal', true)]
  return [defineAgent({ name: 'desk', model: 'm', instructions: '', tools }), till] as const
}

/** The till pays and says so; the desk makes these calls, and says what it was told. */
function models(...calls: string[]) {
  return scriptedModel(({ card, items }) => {
    const told = items.flatMap((item) => (item.kind === 'result' ? item.output : []))
    if (told.length > 0) return { text: told.join(', ') }
    if (card.agent === 'till') return { calls: [{ name: 'pay' }] }
    return { calls: calls.map((name) => ({ name, arguments: name === 'ask' ? { task: 'Pay.' } : {} })) }
  })
}

describe('an agent whose agent waits for somebody', () => {
  it('waits too, and goes on with the answer', async () => {
    const paid: string[] = []
    const definitions = desk(paid)
    const store = memoryStore()
    await using runtime = createRuntime({ store, models: models('ask', 'note'), definitions, log: quiet })
    const run = await runtime.start(definitions[0], 'go', { id: 'r' })
    expect(await run.outcome()).toMatchObject({
      kind: 'waiting',
      waiting: { kind: 'child', key: asking, runId: child },
    })
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'waiting', owner: null })
    await expect(run.result()).rejects.toThrow(`The run "r" waits: for its child run "${child}".`)
    expect(await (await runtime.approve(child, asking, { by: 'ana' })).result()).toBe('pay')
    expect(await (await runtime.resume('r')).result()).toBe('pay, note')
    expect(paid).toEqual(['note r/agent:0/turn:0/call:1', `pay ${child}/${asking}`])
    expect(outline(await runtime.runs.entries('r')).slice(2)).toEqual([
      'call.judged agent:0/turn:0/call:1',
      'call.returned agent:0/turn:0/call:1',
      'run.waiting run',
      `call.returned ${asking}`,
      'model.replied agent:0/turn:1',
      'run.completed run',
    ])
    expect(await store.inbox('r')).toEqual([])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it.each([
    ['the agent first', [child, 'r']],
    ['its own call first', ['r', child]],
  ] as const)('waits for a call of its own beside it, and both are allowed, %s', async (_, order) => {
    const paid: string[] = []
    const definitions = desk(paid)
    const store = memoryStore()
    await using runtime = createRuntime({ store, models: models('ask', 'seal'), definitions, log: quiet })
    await (await runtime.start(definitions[0], 'go', { id: 'r' })).outcome()
    for (const runId of order) {
      const key = runId === 'r' ? 'agent:0/turn:0/call:1' : asking
      await (await runtime.approve(runId, key, { by: 'ana' })).outcome()
      await (await runtime.resume('r')).outcome()
    }
    expect(await (await runtime.resume('r')).result()).toBe('pay, seal')
    expect(paid.toSorted()).toEqual([`pay ${child}/${asking}`, 'seal r/agent:0/turn:0/call:1'])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is taken up by a worker when its agent has ended elsewhere', async () => {
    const definitions = desk([])
    const store = memoryStore()
    const clock = manualClock()
    const parts = { store, models: models('ask'), definitions, clock, log: quiet } as const
    await using runtime = createRuntime(parts)
    const worker = runtime.work()
    await runtime.enqueue(definitions[0], 'go', { id: 'r' })
    while ((await store.run('r'))?.status !== 'waiting') await clock.advance(250)
    await runtime.approve(child, asking, { by: 'ana' })
    while ((await store.run('r'))?.endedAt === null) await clock.advance(250)
    expect(await (await runtime.resume('r')).result()).toBe('pay')
    await worker.stop()
  })

  it('takes it along when it is cancelled', async () => {
    const paid: string[] = []
    const definitions = desk(paid)
    const store = memoryStore()
    await using runtime = createRuntime({ store, models: models('ask'), definitions, log: quiet })
    await (await runtime.start(definitions[0], 'go', { id: 'r' })).outcome()
    await runtime.cancel('r')
    expect(await store.run(child)).toMatchObject({ status: 'cancelled' })
    expect(await store.run('r')).toMatchObject({ status: 'cancelled' })
    expect(paid).toEqual([])
  })

  it('comes to the same end, wherever the process dies', { tags: 'slow' }, async () => {
    const play = async (store: Store, paid: string[]): Promise<unknown> => {
      const definitions = desk(paid)
      const runtime = createRuntime({ store, models: models('ask', 'note'), definitions, log: quiet })
      return untilCrash(runtime, async () => {
        const outcome = await (await runtime.start(definitions[0], 'go', { id: 'r' })).outcome()
        const rests = outcome.kind === 'waiting' && outcome.waiting.kind === 'child'
        const waiting = rests ? (await store.run(child))?.waiting : null
        if (waiting?.kind === 'approval') await (await runtime.approve(child, asking, { by: 'ana' })).outcome()
        return await (await runtime.resume('r')).outcome()
      })
    }
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    const expected = await play(counted, [])
    expect(expected).toMatchObject({ kind: 'completed', output: 'pay, note' })
    for (let at = 1; at <= counted.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        const store = memoryStore()
        const paid: string[] = []
        await play(crashing(store, { at, side }), paid)
        expect(await play(store, paid), `commit ${at}, ${side}`).toEqual(expected)
        expect([...new Set(paid)].toSorted(), `commit ${at}, ${side}`).toEqual([
          'note r/agent:0/turn:0/call:1',
          `pay ${child}/${asking}`,
        ])
        expect(await store.inbox('r'), `commit ${at}, ${side}`).toEqual([])
      }
    }
  })
})
