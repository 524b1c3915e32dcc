// What is under way when a runtime is closed, and goes on after it.
import { setImmediate } from 'node:timers/promises'
import { crashing, type ManualClock, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineTool, type Store } from '../src/index.ts'
import { quiet, runtimeOf, workflow } from './flow.fixture.ts'
import { outline } from './world.fixture.ts'

const CALL = 'agent:0/turn:0/call:0'

let begun = 0

/** Each test's runs begin at a moment of their own: what other tests have left running is told apart by it. */
function clockOfItsOwn(): ManualClock {
  return manualClock({ now: 1_700_000_000_000 + begun++ * 3_600_000 })
}

/** A letter that takes its time, whatever its signal says, and a world that knows which ones were sent. */
function post() {
  const sent: string[] = []
  const gates: (() => void)[] = []
  const send = defineTool({
    name: 'send',
    description: 'Sends a letter.',
    input: z.object({}),
    effect: 'once',
    timeoutMs: 60_000,
    execute: async (_input, { idempotencyKey }) => {
      await new Promise<void>((resolve) => gates.push(resolve))
      sent.push(idempotencyKey)
      return 'sent'
    },
    reconcile: (_input, { idempotencyKey }) =>
      Promise.resolve(sent.includes(idempotencyKey) ? { happened: true, result: 'sent' } : { happened: false }),
  })
  const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [send] })
  const model = scriptedModel(({ items }) =>
    items.at(-1)?.kind === 'result' ? { text: 'done' } : { calls: [{ name: 'send' }] },
  )
  const runtime = (store: Store, clock = clockOfItsOwn()) =>
    createRuntime({ store, models: model, definitions: [agent], log: quiet, clock })
  const open = async (): Promise<void> => {
    for (const gate of gates.splice(0)) gate()
    await turns()
  }
  return { sent, gates, agent, runtime, open }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

describe('a call that may not happen twice, and runs on when its runtime is closed', () => {
  it('is in doubt: nobody asks about it until it is over, and it happens once', async () => {
    const { agent, gates, open, runtime, sent } = post()
    const [store, clock] = [memoryStore(), clockOfItsOwn()]
    const one = runtime(store, clock)
    await one.start(agent, 'go', { id: 'r' })
    while (gates.length === 0) await setImmediate()
    const closing = one.close()
    await clock.advance(8_000)
    await turns()
    await closing
    const two = runtime(store)
    expect(await (await two.resume('r')).outcome()).toMatchObject({
      kind: 'waiting',
      waiting: { kind: 'in-doubt', key: CALL },
    })
    await open()
    expect(await (await two.resume('r')).outcome()).toMatchObject({ kind: 'completed', output: 'done' })
    expect(sent).toEqual([`r/${CALL}`])
    expect(outline(await two.runs.entries('r')).slice(2)).toEqual([
      `call.intended ${CALL}`,
      `call.doubted ${CALL}`,
      'run.waiting run',
      `call.doubted ${CALL}`,
      `call.resolved ${CALL}`,
      'model.replied agent:0/turn:1',
      'run.completed run',
    ])
    expect(await two.replay('r')).toMatchObject({ status: 'matched' })
  })

  it('happens once wherever the process dies, and whichever write of its end the store refuses', async () => {
    for (let at = 1; at <= 4; at++) {
      for (const side of ['before', 'after'] as const) {
        const { agent, gates, open, runtime, sent } = post()
        const [store, clock] = [memoryStore(), clockOfItsOwn()]
        const one = runtime(crashing(store, { at, side }), clock)
        await one.start(agent, 'go', { id: 'r' }).catch(() => undefined)
        await turns()
        const wasRunning = gates.length > 0
        const closing = one.close()
        await clock.advance(8_000)
        await turns()
        await closing
        const two = runtime(store)
        const run = await two.start(agent, 'go', { id: 'r' })
        await turns()
        if (wasRunning) expect(sent, `write ${at}, ${side}`).toEqual([])
        await open()
        await turns()
        await open()
        await run.outcome()
        expect(await (await two.resume('r')).outcome(), `write ${at}, ${side}`).toMatchObject({ kind: 'completed' })
        expect(sent, `write ${at}, ${side}`).toEqual([`r/${CALL}`])
      }
    }
  })
})

describe('a call whose intent is written just when its runtime is closed', () => {
  it('is made, and in no doubt', async () => {
    const { agent, gates, open, runtime, sent } = post()
    const store = memoryStore()
    const commit = store.commit.bind(store)
    let closing: Promise<void> | undefined
    store.commit = async (writes) => {
      const results = await commit(writes)
      const isIntent = writes.some(({ entries }) => entries.some(({ kind }) => kind === 'call.intended'))
      if (isIntent) closing ??= one.close()
      return results
    }
    const one = runtime(store)
    await one.start(agent, 'go', { id: 'r' })
    for (let turn = 0; gates.length === 0 && turn < 1_000; turn++) await setImmediate()
    await open()
    await closing
    expect(sent).toEqual([`r/${CALL}`])
    const two = runtime(store)
    expect(await (await two.resume('r')).outcome()).toMatchObject({ kind: 'completed', output: 'done' })
    expect(outline(await two.runs.entries('r')).filter((entry) => entry.startsWith('call'))).toEqual([
      `call.intended ${CALL}`,
      `call.returned ${CALL}`,
    ])
    expect(sent).toHaveLength(1)
  })
})

describe('a runtime that is closed', () => {
  it('aborts what is under way after the grace that it was given, and below ten seconds where it was given none', async () => {
    for (const [given, graceMs] of [
      [{}, 8_000],
      [{ closeGraceMs: 500 }, 500],
    ] as const) {
      let abortedAt: number | undefined
      const clock = manualClock()
      const flow = workflow((ctx) =>
        ctx.step('slow', ({ signal }) => {
          signal.addEventListener('abort', () => (abortedAt = clock.now()))
          return new Promise(() => undefined)
        }),
      )
      const runtime = runtimeOf([flow], memoryStore(), clock, given)
      await runtime.start(flow, '')
      await turns()
      const closing = runtime.close()
      await clock.advance(20_000)
      await closing
      expect(abortedAt).toBe(graceMs)
    }
    expect(() => runtimeOf([], memoryStore(), clockOfItsOwn(), { closeGraceMs: -1 })).toThrow(
      'createRuntime was given closeGraceMs: -1. It must be 0 milliseconds or more, and finite.',
    )
  })

  it(
    'aborts what is under way a few at a time, with a work that grows with the runs alone',
    { tags: 'slow' },
    async () => {
      /** Closes a runtime with so many runs under way, each of which takes a millisecond to be aborted. */
      const closing = async (runs: number) => {
        const gate = Promise.withResolvers<void>()
        let elapsed = 0
        let looks = 0
        let inTurn = 0
        let most = 0
        const flow = workflow((ctx) =>
          ctx.step('slow', ({ signal }) => {
            signal.addEventListener('abort', () => {
              elapsed++
              most = Math.max(most, ++inTurn)
            })
            return new Promise(() => undefined)
          }),
        )
        // The time of all is over at one moment.
        const clock = {
          ...manualClock(),
          monotonic: () => (looks++, elapsed),
          sleep: (ms: number) => (ms === 8_000 ? gate.promise : new Promise<void>(() => undefined)),
        }
        const runtime = runtimeOf([flow], memoryStore(), clock)
        for (let n = 0; n < runs; n++) await runtime.start(flow, '')
        await turns()
        looks = 0
        let over = false
        const closed = runtime.close().then(() => (over = true))
        await turns()
        gate.resolve()
        for (; !over; inTurn = 0) await setImmediate()
        await closed
        return { looks, most, elapsed }
      }
      const [few, many] = [await closing(500), await closing(2_000)]

      expect([few.elapsed, many.elapsed]).toEqual([500, 2_000])
      expect(many.most).toBeLessThanOrEqual(100)
      expect(many.looks / few.looks).toBeLessThan(6)
    },
  )

  it('stops each of its runs once, however many they are and whose children', async () => {
    const child = workflow((ctx) => ctx.sleep(1e9), 'child')
    const flow = workflow((ctx) => ctx.map([1, 2, 3], (_n, branch) => branch.child(child, '')))
    const store = memoryStore()
    const runtime = runtimeOf([flow, child], store)
    for (let n = 0; n < 50; n++) await runtime.start(flow, '')
    await turns()
    await runtime.close()
    const rows = await store.runs({ limit: 1_000 })
    expect(rows).toHaveLength(200)
    expect(rows.filter(({ owner, endedAt }) => owner !== null || endedAt !== null)).toEqual([])
  })
})

describe('the store of a runtime', () => {
  it('is closed with the last of its runtimes, once, where it cannot be opened again', async () => {
    let closed = 0
    const store = Object.assign(memoryStore(), { close: () => Promise.resolve(void closed++) })
    const flow = workflow(async (_ctx, input) => input)
    const [one, two] = [runtimeOf([flow], store), runtimeOf([flow], store)]
    await Promise.all([one.close(), one.close()])
    expect(closed).toBe(0)
    expect(await (await two.start(flow, 'on')).result()).toBe('on')
    await two.close()
    await one.close()
    expect(closed).toBe(1)
  })

  it('is let go by each runtime as the owner that it is, and is not held by one that was refused', async () => {
    const said: string[] = []
    const store: Store = Object.assign(memoryStore(), {
      close: () => Promise.resolve(void said.push('closed')),
      hold: (owner: string) => {
        said.push(`held by ${owner}`)
        return () => Promise.reject(new Error(`not let go by ${owner}`))
      },
    })
    const options = {
      store,
      models: scriptedModel([]),
      owners: { name: () => 'ann', isGone: () => false, isGoneWhole: () => false },
    }
    expect(() => createRuntime({ ...options, definitions: [], closeGraceMs: -1 })).toThrow('closeGraceMs: -1')
    const log = { ...quiet, error: (text: string) => said.push(text) }
    await createRuntime({ ...options, definitions: [], log }).close()
    expect(said).toEqual(['held by ann', 'The store did not close: not let go by ann'])
  })
})
