// What comes twice, gets lost, or comes just when a run writes: two runtimes on one file, as two processes are.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { sqlite } from '@reprise/store'
import { changedStore, type ManualClock, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  createRuntime,
  defineAgent,
  defineSignal,
  defineTool,
  type Outcome,
  type Store,
  StoreError,
} from '../src/index.ts'
import { runtimeOf, workflow } from './flow.fixture.ts'
import { byTurn, outline } from './world.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-races-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0

/** Two stores on one file. */
function twoStores() {
  const path = join(folder, `${files++}.db`)
  return [sqlite(path, { durability: 'process' }), sqlite(path, { durability: 'process' })] as const
}

/** Lets time go by until something has come about. */
async function passing<T>(clock: ManualClock, coming: Promise<T>): Promise<T> {
  let over = false
  void coming.then(
    () => (over = true),
    () => (over = true),
  )
  while (!over) await clock.advance(250)
  return coming
}

const busy = new StoreError({ code: 'store_busy', message: 'The store is busy.', retryable: true })
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const go = defineSignal({ name: 'go', payload: z.null() })
const asked = 'agent:0/turn:0/call:0'

/** Pays what it is told to, large amounts once somebody has allowed it. */
function till(paid: number[]) {
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    input: z.object({ usd: z.number() }),
    effect: 'idempotent',
    approval: ({ usd }) => usd > 100,
    execute: ({ usd }) => {
      paid.push(usd)
      return 'paid'
    },
  })
  return defineAgent({ name: 'till', model: 'm', instructions: '', tools: [pay] })
}

const pays = (...usds: number[]) => byTurn([{ calls: usds.map((usd) => ({ name: 'pay', arguments: { usd } })) }])

/** The same store; something happens just before, or just after, one of its commits. */
function meeting(store: Store, at: number, side: 'before' | 'after', happen: () => Promise<unknown>) {
  let commits = 0
  return changedStore(store, {
    commit: async (writes) => {
      const isIt = ++commits === at
      if (isIt && side === 'before') await happen()
      const result = await store.commit(writes)
      if (isIt && side === 'after') await happen()
      return result
    },
  })
}

describe('what is said twice, and at once, by two processes', () => {
  it('begins one run, allows a call once, and gives everybody the same answer', async () => {
    const paid: number[] = []
    const agent = till(paid)
    const clock = manualClock()
    const runtimes = twoStores().map((store) =>
      createRuntime({ store, models: pays(200, 5), definitions: [agent], clock, log: quiet }),
    )
    const everybody = [...runtimes, ...runtimes]
    const runs = await Promise.all(everybody.map((runtime) => runtime.start(agent, 'go', { id: 'r' })))
    for (const outcome of await passing(clock, Promise.all(runs.map((run) => run.outcome()))))
      expect(outcome).toMatchObject({ kind: 'waiting', waiting: { kind: 'approval', key: asked } })
    const resumed = await Promise.all(everybody.map((runtime) => runtime.resume('r')))
    for (const outcome of await passing(clock, Promise.all(resumed.map((run) => run.outcome()))))
      expect(outcome).toMatchObject({ kind: 'waiting', waiting: { kind: 'approval', key: asked } })
    const allowed = await passing(
      clock,
      Promise.all(everybody.map((runtime) => runtime.approve('r', asked, { by: 'ana' }))),
    )
    const results = await passing(clock, Promise.all(allowed.map((run) => run.result())))
    expect(results).toEqual(['done', 'done', 'done', 'done'])
    expect(paid).toEqual([5, 200])
    expect(outline(await (runtimes[0] as (typeof runtimes)[0]).runs.entries('r'))).toEqual([
      'run.started run',
      'model.replied agent:0/turn:0',
      `approval.asked ${asked}`,
      'call.judged agent:0/turn:0/call:1',
      'call.returned agent:0/turn:0/call:1',
      'run.waiting run',
      `approval.given ${asked}`,
      `call.returned ${asked}`,
      'model.replied agent:0/turn:1',
      'run.completed run',
    ])
    await passing(clock, Promise.all(runtimes.map((runtime) => runtime.close())))
  })
})

describe('a wake-up', () => {
  const done: string[] = []
  const flow = workflow(async (ctx) => {
    await ctx.receive(go)
    await ctx.step('work', () => void done.push('work'))
    await ctx.sleep(10_000)
    return 'done'
  })
  const once = ['run.started run', 'run.waiting run', 'message.received message:go/0', 'step.returned step:work']

  it('that is lost is made good by the next sweep, and one that comes again does nothing', async () => {
    const [store, other] = twoStores()
    const clock = manualClock()
    const before = runtimeOf([flow], store, clock)
    await (await before.start(flow, '', { id: 'r' })).outcome()
    // Whoever sent this died before it could wake anybody.
    const body = { signal: 'go', id: 'once', payload: null }
    await store.send({ runId: 'r', dedupe: 'signal:go:once', kind: 'signal', body, at: 0 })
    await before.close()
    const runtime = runtimeOf([flow], other, clock)
    const worker = runtime.work()
    const stands = async (status: string): Promise<void> => {
      while ((await other.run('r'))?.status !== status || (await other.entries('r')).length < 5)
        await clock.advance(250)
    }
    await stands('waiting')
    for (let times = 0; times < 3; times++) {
      await runtime.send('r', go, null, { id: 'once' })
      await clock.advance(1_000)
    }
    expect(outline(await runtime.runs.entries('r'))).toEqual([...once, 'timer.set sleep'])
    await clock.advance(10_000)
    await stands('completed')
    await runtime.send('r', go, null, { id: 'once' })
    expect(await (await runtime.resume('r')).result()).toBe('done')
    expect(outline(await runtime.runs.entries('r'))).toEqual([
      ...once,
      'timer.set sleep',
      'timer.fired sleep',
      'run.completed run',
    ])
    expect(done).toEqual(['work'])
    await passing(clock, worker.stop())
    await passing(clock, runtime.close())
  })
})

describe('a signal that comes before anybody waits for it', () => {
  it('is kept, and is heard by whoever does, in the same process or the next', async () => {
    for (const restarts of [false, true]) {
      const gate = Promise.withResolvers<void>()
      const flow = workflow(async (ctx) => {
        await ctx.step('first', () => gate.promise)
        await ctx.receive(go)
        return 'heard'
      })
      const [store, other] = twoStores()
      const clock = manualClock()
      const runtime = runtimeOf([flow], store, clock)
      const run = await runtime.start(flow, '', { id: 'r' })
      await runtime.send('r', go, null)
      while ((await store.entries('r')).length < 2) await clock.advance(0)
      const next = runtimeOf([flow], other, clock)
      if (restarts) void runtime.close()
      gate.resolve()
      const outcome = await passing(clock, run.outcome())
      const last = restarts
        ? await passing(
            clock,
            next.resume('r').then((resumed) => resumed.outcome()),
          )
        : outcome
      expect(last).toMatchObject({ kind: 'completed', output: 'heard' })
      await passing(clock, Promise.all([runtime.close(), next.close()]))
    }
  })
})

describe('a cancel that meets any write of a run', () => {
  it.each(['before', 'after'] as const)('ends it in one way, and its child with it (%s the write)', async (side) => {
    const child = workflow(async (ctx) => ctx.step('work', () => 'worked'), 'child')
    const flow = workflow(async (ctx) => {
      await ctx.step('first', () => 'first')
      const worked = await ctx.child(child, '')
      return ctx.step('last', () => worked)
    })
    const ends = new Set<string>()
    for (let at = 1, met = true; met; at++) {
      const store = memoryStore()
      const outsider = runtimeOf([flow, child], store)
      met = false
      const cancel = async (): Promise<void> => {
        met = true
        // There is nothing to cancel before the first write.
        await outsider.cancel('r', 'enough').catch(() => undefined)
      }
      const clock = manualClock()
      const runtime = runtimeOf([flow, child], meeting(store, at, side, cancel), clock)
      const outcome = await passing(
        clock,
        runtime.start(flow, '', { id: 'r' }).then((run) => run.outcome()),
      )
      ends.add(outcome.kind)
      expect(['completed', 'cancelled'], `write ${at}`).toContain(outcome.kind)
      for (const { id, status, owner } of await runtime.runs.list()) {
        const terminal = (await runtime.runs.entries(id)).filter(({ kind }) =>
          /^run\.(completed|failed|cancelled)$/.test(kind),
        )
        expect(
          terminal.map(({ kind }) => kind),
          `write ${at}: ${id}`,
        ).toEqual([`run.${status}`])
        expect(owner, `write ${at}: ${id}`).toBeNull()
        expect((await runtime.replay(id)).status, `write ${at}: ${id}`).toBe('matched')
      }
      await passing(clock, runtime.close())
    }
    expect([...ends].toSorted()).toEqual(['cancelled', 'completed'])
  })
})

describe('a cancel that comes with the last thing that a run waits for', () => {
  const agent = defineAgent({ name: 'agent', model: 'm', instructions: '' })

  it.each(['agent', 'workflow'] as const)('ends the run in one way, whichever is first (%s)', async (kind) => {
    const ends = new Set<string>()
    // By how many turns the cancel comes first, or, below zero, after: of the promises, and some of the event loop.
    for (let turns = -40; turns < 40; turns++) {
      const pass = async (many: number): Promise<void> => {
        for (let turn = 1; turn <= many; turn++) await (turn % 8 === 0 ? setImmediate() : Promise.resolve())
      }
      const last = async (): Promise<{ text: string }> => {
        void pass(-turns).then(() => runtime.cancel('r', 'enough'))
        await pass(turns)
        return { text: 'done' }
      }
      const flow = workflow(async (ctx) => ctx.step('last', async () => (await last()).text))
      const clock = manualClock()
      const models = scriptedModel(last)
      const runtime = createRuntime({ store: memoryStore(), models, definitions: [agent, flow], clock, log: quiet })
      const run = await runtime.start(kind === 'agent' ? agent : flow, 'go', { id: 'r' })
      ends.add((await passing(clock, run.outcome())).kind)
      const kinds = (await runtime.runs.entries('r')).map((entry) => entry.kind)
      const terminal = kinds.filter((one) => /^run\.(completed|failed|cancelled)$/.test(one))
      expect(terminal, `${turns} turns`).toEqual([`run.${(await runtime.runs.get('r')).status}`])
      expect((await runtime.replay('r')).status, `${turns} turns`).toBe('matched')
      await passing(clock, runtime.close())
    }
    expect([...ends].toSorted()).toEqual(['cancelled', 'completed'])
  })
})

describe('an approval that meets any write of its run', () => {
  it.each(['before', 'after'] as const)('is journaled once, and the call is made once (%s the write)', async (side) => {
    let early = 0
    for (let at = 1, met = true; met; at++) {
      const paid: number[] = []
      const agent = till(paid)
      const store = memoryStore()
      const clock = manualClock()
      const parts = { definitions: [agent], clock, log: quiet } as const
      const outsider = createRuntime({ ...parts, store, models: pays() })
      met = false
      let said = false
      const approve = async (): Promise<void> => {
        met = true
        said = await outsider.approve('r', asked, { by: 'ana' }).then(
          () => true,
          () => false,
        )
      }
      const runtime = createRuntime({ ...parts, store: meeting(store, at, side, approve), models: pays(200, 5, 7) })
      const run = await runtime.start(agent, 'go', { id: 'r' })
      let outcome: Outcome = await passing(clock, run.outcome())
      if (said) early++
      if (outcome.kind === 'waiting') {
        // It was given too early to count, or just when the run came to rest.
        const allowed = await (said ? runtime.resume('r') : runtime.approve('r', asked, { by: 'ana' }))
        outcome = await passing(clock, allowed.outcome())
      }
      expect(outcome, `write ${at}`).toMatchObject({ kind: 'completed', output: 'done' })
      const entries = await runtime.runs.entries('r')
      expect(entries.filter(({ kind }) => kind === 'approval.given').length, `write ${at}`).toBe(1)
      expect(
        paid.toSorted((one, two) => one - two),
        `write ${at}`,
      ).toEqual([5, 7, 200])
      expect((await runtime.replay('r')).status, `write ${at}`).toBe('matched')
      await passing(clock, Promise.all([runtime.close(), outsider.close()]))
    }
    expect(early).toBeGreaterThan(0)
  })

  it('is read after all when it was left just before the run came to rest, by somebody who has died since', async () => {
    let left = 0
    for (let at = 1, met = true; met; at++) {
      const paid: number[] = []
      const agent = till(paid)
      const store = memoryStore()
      const clock = manualClock()
      met = false
      const leave = async (): Promise<void> => {
        met = true
        const kinds = (await store.entries('r')).map(({ kind }) => kind)
        if (!kinds.includes('approval.asked') || kinds.includes('run.waiting')) return
        left++
        const body = { key: asked, attempt: 1, by: 'ana', approved: true, reason: '' }
        await store.send({ runId: 'r', dedupe: `approval:${asked}`, kind: 'approval', body, at: 0 })
      }
      const parts = { models: pays(200, 5), definitions: [agent], clock, log: quiet } as const
      const runtime = createRuntime({ ...parts, store: meeting(store, at, 'before', leave) })
      const before = left
      const run = await runtime.start(agent, 'go', { id: 'r' })
      const outcome = await passing(clock, run.outcome())
      expect(outcome.kind, `write ${at}`).toBe(left > before ? 'completed' : 'waiting')
      await passing(clock, runtime.close())
    }
    expect(left).toBe(1)
  })
})

describe('a commit that was made, though the store said that it was busy', () => {
  it('is known again when it is tried again, whichever it is', async () => {
    const paid: number[] = []
    const agent = till(paid)
    const expected = [
      'run.started run',
      'model.replied agent:0/turn:0',
      `call.judged ${asked}`,
      `call.returned ${asked}`,
      'model.replied agent:0/turn:1',
      'run.completed run',
    ]
    for (let at = 1, met = true; met; at++) {
      const store = sqlite(join(folder, `${files++}.db`), { durability: 'process' })
      const clock = manualClock()
      met = false
      const fail = (): Promise<never> => {
        met = true
        return Promise.reject(busy)
      }
      const parts = { models: pays(5), definitions: [agent], clock, log: quiet } as const
      const runtime = createRuntime({ ...parts, store: meeting(store, at, 'after', fail) })
      const run = await passing(clock, runtime.start(agent, 'go', { id: 'r' }))
      expect(await passing(clock, run.result()), `write ${at}`).toBe('done')
      expect(outline(await runtime.runs.entries('r')), `write ${at}`).toEqual(expected)
      expect(paid.splice(0), `write ${at}`).toEqual([5])
      await passing(clock, runtime.close())
    }
  })
})
