// Every commit is a crash point: the process dies before or after it, another takes the run up, and the world must be
// as if nothing had happened.
import { setImmediate } from 'node:timers/promises'
import { changedStore, Crash, crashing, memoryStore, type ScriptedAnswer, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineWorkflow, type ModelRequest, type Outcome, type Store } from '../src/index.ts'
import { byTurn, call, clerk, newWorld, outline, untilCrash, type World } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const gone = new Error('This process is dead.')

const script: readonly ScriptedAnswer[] = [
  { calls: [call('look', 'a'), call('pay', 'a')] },
  { calls: [call('pay', 'b'), { name: 'fly' }, call('pay', 'c')] },
  { calls: [call('look', 'b')] },
  { text: 'done' },
]

/** Runs once, and again on the same store until it ends; every process but the last dies. */
async function untilEnd(store: Store, world: World, first: Store, model = byTurn(script)): Promise<Outcome> {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  for (const attempt of [first, store]) {
    await using runtime = createRuntime({
      store: attempt,
      models: model,
      definitions: [clerk],
      services: world,
      random: () => 0,
      log,
    })
    try {
      const outcome = await (await runtime.start(clerk, 'go', { id: 'r' })).outcome()
      if (outcome.kind !== 'waiting') return outcome
    } catch (error) {
      if (!(error instanceof Crash)) throw error
    }
  }
  throw new Error('The run did not end')
}

describe('a run whose process dies', () => {
  it('ends as if it had not, wherever it dies, and asks the model nothing twice whose reply was committed', async () => {
    const whole = memoryStore()
    const counted = crashing(whole, { at: Infinity, side: 'before' })
    const world = newWorld()
    const expected = await untilEnd(whole, world, counted)
    const entries = outline(
      await whole
        .entries('r')
        .then((sealed) => sealed.map(({ kind, key, attempt }) => ({ kind, key, attempt }) as never)),
    )
    expect(counted.commits).toBeGreaterThan(6)
    for (let at = 1; at <= counted.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        const store = memoryStore()
        const crashed = newWorld()
        const asked: string[] = []
        const model = scriptedModel((request: ModelRequest, nth, signal) => {
          asked.push(String(request.items.length))
          return answer(request, nth, signal)
        })
        const outcome = await untilEnd(store, crashed, crashing(store, { at, side }), model)
        const place = `commit ${at}, ${side}`
        expect(outcome, place).toEqual(expected)
        const sealed = await store.entries('r')
        expect(sealed.map(({ kind, key }) => `${kind} ${key}`).toSorted(), place).toEqual(
          entries.map((line) => line.replace(/ #\d+$/, '')).toSorted(),
        )
        expect([...new Set(crashed.effects)].toSorted(), place).toEqual(world.effects.toSorted())
        // A reply is asked for again only where its commit did not happen.
        expect(asked.length - new Set(asked).size, place).toBeLessThanOrEqual(side === 'before' ? 1 : 0)
      }
    }
  })
})

const scripted = byTurn(script)
async function answer(request: ModelRequest, _nth: number, signal: AbortSignal): Promise<ScriptedAnswer> {
  for await (const event of scripted.ask(request, signal)) if (event.kind === 'reply') return event.reply
  throw new Error('The script gave no reply')
}

describe('a run whose process dies between its last step and its end', () => {
  it('ends, and does no step again', async () => {
    const store = memoryStore()
    const done: string[] = []
    const flow = defineWorkflow({
      name: 'flow',
      input: z.null(),
      async run(ctx) {
        const answer = await ctx.agent(clerk, 'go')
        await ctx.step('last', () => void done.push('last'))
        // What the code does after its last step is no entry: the step is written before the end.
        await setImmediate()
        return answer
      },
    })
    const model = byTurn([{ text: 'asked once' }])
    const parts = { models: model, definitions: [flow, clerk], services: newWorld(), log: quiet } as const
    const dying = changedStore(store, {
      commit: (writes) =>
        writes.some(({ row, runId }) => runId === 'r' && row?.endedAt) ? Promise.reject(gone) : store.commit(writes),
    })
    const first = createRuntime({ ...parts, store: dying })
    expect(await (await first.start(flow, null, { id: 'r' })).outcome()).toMatchObject({ kind: 'waiting' })
    const kinds = async (): Promise<string[]> => (await store.entries('r')).map(({ kind }) => kind)
    const before = ['run.started', 'child.started', 'child.ended', 'step.returned']
    expect(await kinds()).toEqual(before)
    await using second = createRuntime({ ...parts, store })
    expect(await (await second.resume('r')).result()).toBe('asked once')
    expect(await kinds()).toEqual([...before, 'run.completed'])
    expect([done, model.requests]).toEqual([['last'], 1])
  })
})

describe('a once call whose process dies', () => {
  it('before its intent is written has not been made, and is made once by whoever takes the run up', async () => {
    const store = memoryStore()
    const world = newWorld()
    const model = byTurn([{ calls: [call('mail', 'a')] }, { text: 'done' }])
    const outcome = await untilEnd(store, world, crashing(store, { at: 2, side: 'before' }), model)
    expect(outcome).toMatchObject({ kind: 'completed', output: 'done' })
    expect(world.effects).toEqual(['mail a r/agent:0/turn:0/call:0'])
  })

  it('is not made again: the run waits until a person says whether it happened', async () => {
    const key = 'agent:0/turn:0/call:0'
    for (const [side, at] of [
      ['after', 2],
      ['before', 3],
    ] as const) {
      const store = memoryStore()
      const world = newWorld()
      const model = byTurn([{ calls: [call('mail', 'a')] }, { text: 'done' }])
      const outcome = untilEnd(store, world, crashing(store, { at, side }), model)
      await expect(outcome).rejects.toThrow('The run did not end')
      expect(world.effects.length).toBe(side === 'after' ? 0 : 1)
      await using runtime = createRuntime({ store, models: model, definitions: [clerk], services: world })
      expect(await runtime.runs.get('r')).toMatchObject({
        status: 'waiting',
        waiting: { kind: 'in-doubt', key, id: key, tool: 'mail' },
        owner: null,
      })
      const run = await runtime.settleDoubt(
        'r',
        key,
        side === 'after' ? { happened: false } : { happened: true, result: 'sent' },
      )
      expect(await run.result()).toBe('done')
      expect(world.effects).toEqual(['mail a r/agent:0/turn:0/call:0'])
      expect((await runtime.replay('r')).status).toBe('matched')
    }
  })

  it(
    'is settled by no word on an attempt before, wherever the process of the one who says it stands still',
    { tags: 'slow' },
    async () => {
      const key = 'agent:0/turn:0/call:0'
      for (const held of ['entries', 'send'] as const) {
        const store = memoryStore()
        const model = byTurn([{ calls: [call('mail', 'a')] }])
        await untilEnd(store, newWorld(), crashing(store, { at: 3, side: 'before' }), model).catch(() => undefined)
        const gate = Promise.withResolvers<void>()
        const slow = changedStore(store, {
          entries: async (runId) => {
            if (held === 'entries') await gate.promise
            return store.entries(runId)
          },
          send: async (message) => {
            await gate.promise
            return store.send(message)
          },
        })
        const parts = { models: model, definitions: [clerk], services: newWorld(), log: quiet }
        await using late = createRuntime({ ...parts, store: slow })
        const said = late.settleDoubt('r', key, { happened: true, result: 'sent' }, 'ben').then(
          () => 'taken',
          (error: Error) => error.message,
        )
        const dying = createRuntime({ ...parts, store: crashing(store, { at: 2, side: 'before' }) })
        await untilCrash(dying, async () => (await dying.settleDoubt('r', key, { happened: false }, 'ana')).outcome())
        const next = createRuntime({ ...parts, store })
        expect(await (await next.resume('r')).outcome()).toMatchObject({ waiting: { key, id: `${key}#2` } })
        await next.close()
        gate.resolve()
        if (held === 'entries')
          expect(await said).toBe(
            `The run "r" has no call in doubt at "${key}". ana has said that it did not happen. In doubt: ${key}#2 (mail).`,
          )
        await said
        await using last = createRuntime({ ...parts, store })
        expect(await (await last.resume('r')).outcome()).toMatchObject({ waiting: { id: `${key}#2` } })
        const run = await last.settleDoubt('r', `${key}#2`, { happened: true, result: 'sent' }, 'ana')
        expect(await run.result()).toBe('done')
        expect((await last.replay('r')).status).toBe('matched')
      }
    },
  )
})
