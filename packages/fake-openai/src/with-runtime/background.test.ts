// Replies that the service finishes by itself, and a process that dies while it waits for them.
import { createRuntime, type Outcome, type Store } from '@reprise/core'
import { openai } from '@reprise/openai'
import { Crash, crashing, manualClock, memoryStore } from '@reprise/testing'
import { describe, expect, test } from 'vitest'
import { fakeOpenAI } from '../fake-openai.ts'
import { clerk, part } from './shop.fixture.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** A service that takes a while for each reply, and the clock of all. */
async function openService() {
  const clock = manualClock({ now: 1_764_000_000_000 })
  const fake = await fakeOpenAI(async (ask) => ({ ...(await part(ask)), delayMs: 4_000 }), { clock })
  return { clock, fake }
}

type Service = Awaited<ReturnType<typeof openService>>

function runtimeOf({ clock, fake }: Service, store: Store, stream: boolean) {
  const models = openai({ apiKey: 'sk-test', baseURL: fake.url, background: true, clock, stream })
  return createRuntime({ store, models, definitions: [clerk], clock, random: () => 0, log })
}

/** Lets time go by until something has come about. */
async function passing<T>({ clock }: Service, work: Promise<T>): Promise<T> {
  let over = false
  const end = () => (over = true)
  work.then(end, end)
  while (!over) await clock.advance(1_000)
  return work
}

/** Runs on each of the stores in turn until the run ends; every process but the last dies. */
async function untilEnd(service: Service, stores: readonly Store[], stream: boolean): Promise<Outcome> {
  for (const store of stores) {
    await using runtime = runtimeOf(service, store, stream)
    try {
      const run = await runtime.start(clerk, 'Where is my order 4711?', { id: 'ticket' })
      const outcome = await passing(service, run.outcome())
      if (outcome.kind !== 'waiting') return outcome
    } catch (error) {
      if (!(error instanceof Crash)) throw error
    }
  }
  throw new Error('The run did not end')
}

/** How often a response was asked for, and how many were charged. */
async function asked({ fake }: Service) {
  const { lines } = await fake.invoice()
  const posts = fake.requests.filter(({ method, path }) => method === 'POST' && path === '/v1/responses')
  return { posts: posts.length, charged: lines.reduce((sum, { requests }) => sum + requests, 0) }
}

/** A store that tells in which of its writes something of a kind was written. */
function watched(store: Store, kind: string) {
  const writes: number[] = []
  let n = 0
  const commit = store.commit.bind(store)
  return {
    writes,
    store: Object.assign(store, {
      commit: (given: Parameters<Store['commit']>[0]) => {
        n += 1
        if (given.some(({ entries }) => entries.some((entry) => entry.kind === kind))) writes.push(n)
        return commit(given)
      },
    }),
  }
}

describe.for([true, false])('a run whose replies are written in the background (streamed: %s)', (stream) => {
  test('pays once for each reply that its journal has heard of, wherever its process dies', async () => {
    const whole = await openService()
    const { store, writes: heardOf } = watched(memoryStore(), 'model.asked')
    const counted = crashing(store, { at: Infinity, side: 'before' })
    const expected = await untilEnd(whole, [counted], stream)
    expect(expected).toMatchObject({ kind: 'completed', output: 'Order 4711 is on its way.' })
    expect(await asked(whole)).toEqual({ posts: 2, charged: 2 })
    expect(heardOf).toHaveLength(2)
    for (let at = 1; at <= counted.commits; at += 1) {
      // What is not streamed differs while it is waited for alone.
      if (!stream && !heardOf.includes(at) && !heardOf.includes(at - 1)) continue
      for (const side of ['before', 'after'] as const) {
        const place = `commit ${at}, ${side}`
        const service = await openService()
        const journal = memoryStore()
        const outcome = await untilEnd(service, [crashing(journal, { at, side }), journal], stream)
        expect(outcome, place).toEqual(expected)
        // What was never written down is asked for anew: nothing names it.
        const lost = side === 'before' && heardOf.includes(at) ? 1 : 0
        expect(await asked(service), place).toEqual({ posts: 2 + lost, charged: 2 + lost })
        await service.fake[Symbol.asyncDispose]()
      }
    }
    await whole.fake[Symbol.asyncDispose]()
  })

  test('that is cancelled stops its reply, which is not charged', async () => {
    const service = await openService()
    await using runtime = runtimeOf(service, memoryStore(), stream)
    const run = await runtime.start(clerk, 'Where is my order 4711?', { id: 'ticket' })
    while ((await runtime.runs.entries('ticket')).length < 2) await service.clock.advance(0)
    await run.cancel('no longer needed')
    expect(await run.outcome()).toMatchObject({ kind: 'cancelled', reason: 'no longer needed' })
    while (!service.fake.requests.some(({ path }) => path.endsWith('/cancel'))) await service.clock.advance(0)
    await service.clock.advance(10_000)
    expect(await asked(service)).toEqual({ posts: 1, charged: 0 })
    await service.fake[Symbol.asyncDispose]()
  })
})
