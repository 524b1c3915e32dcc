// A store that is a server: it takes several commits at a time, is out of reach for a while, and tells of what happens.
import { createRuntime, defineAgent, defineSignal, defineTool, StoreError } from '@reprise/core'
import type { Hint, RunWrite, Store } from '@reprise/core'
import { changedStore, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

const aside = () => new Promise((resolve) => setImmediate(resolve))

/** An agent that calls its tool a few times, and then answers. */
function caller(calls = 3) {
  let effects = 0
  const note = defineTool({
    name: 'note',
    description: 'Notes.',
    input: z.object({}),
    effect: 'idempotent',
    execute: () => ++effects,
  })
  const models = scriptedModel(({ items }) =>
    items.filter(({ kind }) => kind === 'result').length < calls ? { calls: [{ name: 'note' }] } : { text: 'done' },
  )
  const agent = defineAgent({ name: 'caller', model: 'm', instructions: '', tools: [note] })
  return { agent, models, effects: () => effects }
}

describe('commits', () => {
  /** A store whose commits take as long as `held` says, and what was under way together. */
  function slow(commitsAtOnce: number | undefined) {
    const kept = memoryStore()
    const flying: (readonly RunWrite[])[] = []
    const seen = { most: 0, twice: [] as string[] }
    const store = changedStore(kept, {
      commitsAtOnce,
      commit: async (writes) => {
        const others = new Set(flying.flat().map(({ runId }) => runId))
        seen.twice.push(...writes.flatMap(({ runId }) => (others.has(runId) ? [runId] : [])))
        flying.push(writes)
        seen.most = Math.max(seen.most, flying.length)
        for (let turns = 0; turns < 5; turns++) await aside()
        flying.splice(flying.indexOf(writes), 1)
        return kept.commit(writes)
      },
    })
    return { store, seen }
  }

  test.each([
    [undefined, 1],
    [2, 2],
    [3, 3],
  ])('as many are under way as a store takes (%s), and no run writes in two of them', async (atOnce, most) => {
    const { store, seen } = slow(atOnce)
    const { agent, models } = caller()
    await using runtime = createRuntime({ store, models, definitions: [agent] })
    const runs = []
    for (let nth = 0; nth < 12; nth++) {
      runs.push(runtime.start(agent, 'go'))
      await aside()
    }
    for (const run of await Promise.all(runs)) expect((await run.outcome()).kind).toBe('completed')
    expect(seen).toEqual({ most, twice: [] })
  })
})

describe('a store that is out of reach', () => {
  const unreachable = () =>
    new StoreError({ code: 'store_unreachable', message: 'The server does not answer.', retryable: true })

  /** A store that nobody reaches from its `from`th use on for a while; what it is asked to write then, it may have written. */
  function away(clock: ReturnType<typeof manualClock>, { from, forMs }: { from: number; forMs: number }) {
    const kept = memoryStore()
    let uses = 0
    let since: number | undefined
    const asked =
      <Given extends readonly unknown[], T>(ask: (...given: Given) => Promise<T>) =>
      async (...given: Given): Promise<T> => {
        if (++uses >= from) since ??= clock.monotonic()
        if (since === undefined || clock.monotonic() - since >= forMs) return ask(...given)
        if (uses % 2 === 0) await ask(...given)
        throw unreachable()
      }
    return changedStore(kept, {
      commit: asked((writes) => kept.commit(writes)),
      run: asked((id) => kept.run(id)),
      entries: asked((id, first) => kept.entries(id, first)),
      inbox: asked((id) => kept.inbox(id)),
      heartbeat: asked((owner, beat) => kept.heartbeat(owner, beat)),
    })
  }

  async function outcomeOn(clock: ReturnType<typeof manualClock>, store: Store) {
    const { agent, models, effects } = caller()
    await using runtime = createRuntime({ store, models, definitions: [agent], clock })
    let isOver = false
    const ended = runtime
      .start(agent, 'go', { id: 'r' })
      .then((run) => run.outcome())
      .finally(() => (isOver = true))
    while (!isOver) {
      await clock.advance(100)
      await aside()
    }
    const outcome = await ended
    return { outcome, effects: effects() }
  }

  test.each(Array.from({ length: 8 }, (_, index) => index + 1))(
    'from its use %i on for 18 seconds ends no run, and nothing is done twice',
    async (from) => {
      const clock = manualClock()
      const { outcome, effects } = await outcomeOn(clock, away(clock, { from, forMs: 18_000 }))
      expect([outcome.kind, effects]).toEqual(['completed', 3])
    },
  )

  test('for a moment is waited for by whoever reads it, and by a signal that is left early', async () => {
    const clock = manualClock()
    const kept = memoryStore()
    /** What is done, and whose first answer is lost. */
    const once = <Given extends readonly unknown[], T>(ask: (...given: Given) => Promise<T>) => {
      let isLost = false
      return async (...given: Given): Promise<T> => {
        const answer = await ask(...given)
        if (isLost) return answer
        isLost = true
        throw unreachable()
      }
    }
    const store = changedStore(kept, {
      audit: once((filter) => kept.audit(filter)),
      schedules: once((filter) => kept.schedules(filter)),
      sendEarly: once((message, limit) => kept.sendEarly(message, limit)),
    })
    const hello = defineSignal({ name: 'hello', payload: z.string() })
    await using runtime = createRuntime({ store, models: scriptedModel([]), definitions: [], clock })
    const asked = Promise.all([
      runtime.audit(),
      runtime.schedules.list(),
      runtime.send('later', hello, 'hi', { early: true }),
    ])
    for (let turns = 0; turns < 20; turns++) {
      await clock.advance(100)
      await aside()
    }
    expect(await asked).toEqual([[], [], undefined])
  })

  test('for longer than that leaves the run to whoever takes it up', async () => {
    const clock = manualClock()
    const { outcome } = await outcomeOn(clock, away(clock, { from: 4, forMs: 60_000 }))
    expect(outcome).toMatchObject({ kind: 'waiting', waiting: { kind: 'interrupted' } })
  })
})

describe('a store that tells of what happens', () => {
  /** A store that tells each who listens. */
  function telling() {
    const kept = memoryStore()
    const ears = new Map<string, (hint: Hint) => void>()
    const tell = (hint: Hint) => ears.forEach((hear) => hear(hint))
    const store = changedStore(kept, {
      listen: (owner, onHint) => {
        ears.set(owner, onHint)
        return async () => void ears.delete(owner)
      },
      commit: async (writes) => {
        const results = await kept.commit(writes)
        if (writes.some(({ create }) => create?.status === 'queued')) tell({ kind: 'work' })
        return results
      },
      send: async (message, secrets) => {
        const isNew = await kept.send(message, secrets)
        tell({ kind: 'mail', runId: message.runId })
        return isNew
      },
    })
    return { store, ears }
  }

  test('wakes a worker, and a run that has mail, without a look: the clock stands', async () => {
    const { store, ears } = telling()
    const clock = manualClock()
    let called: () => void = () => undefined
    const isCalled = new Promise<void>((resolve) => (called = resolve))
    const wait = defineTool({
      name: 'wait',
      description: 'Waits.',
      input: z.object({}),
      effect: 'read',
      execute: (_input, { signal }) => {
        called()
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    })
    const agent = defineAgent({ name: 'waiter', model: 'm', instructions: '', tools: [wait] })
    const models = scriptedModel([{ calls: [{ name: 'wait' }] }])
    const other = createRuntime({ store, models, definitions: [agent], clock: manualClock() })
    const runtime = createRuntime({ store, models, definitions: [agent], clock })
    const worker = runtime.work()
    for (let turns = 0; turns < 20; turns++) await aside()
    await other.enqueue(agent, 'go', { id: 'r' })
    await isCalled
    await other.cancel('r', 'no more')
    while ((await store.run('r'))?.endedAt === null) await aside()

    expect((await store.run('r'))?.status).toBe('cancelled')
    expect(ears.size).toBe(1)
    await worker.stop()
    await runtime.close()
    expect(ears.size).toBe(0)
    await other.close()
  })

  test('and cannot be told that nobody listens any more is let go of all the same', async () => {
    let isLetGo = false
    const store = changedStore(memoryStore(), {
      listen: () => async () => {
        throw new Error('no connection')
      },
      hold: () => async () => void (isLetGo = true),
    })
    const runtime = createRuntime({ store, models: scriptedModel([]), definitions: [] })
    runtime.work()
    await runtime.close()

    expect(isLetGo).toBe(true)
  })

  test('has a worker look again that was told while it looked: the clock stands', async () => {
    const { store } = telling()
    const { agent, models } = caller()
    await using other = createRuntime({ store, models, definitions: [agent] })
    let isLeft = false
    const looking = changedStore(store, {
      take: async (taker, filter) => {
        const taken = await store.take(taker, filter)
        if (!isLeft) {
          isLeft = true
          await other.enqueue(agent, 'go', { id: 'r' })
        }
        return taken
      },
    })
    await using runtime = createRuntime({ store: looking, models, definitions: [agent], clock: manualClock() })
    const worker = runtime.work()
    for (let turns = 0; turns < 5_000 && !(await store.run('r'))?.endedAt; turns++) await aside()

    expect((await store.run('r'))?.status).toBe('completed')
    await worker.stop()
  })
})
