// Code that cannot be run again: misuse of ctx, code that is not deterministic, code that changed under a run.
import { setImmediate } from 'node:timers/promises'
import { manualClock, memoryStore } from '@reprise/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { defineSignal, type WorkflowContext } from '../src/index.ts'
import { echo, quiet, runtimeOf, workflow } from './flow.fixture.ts'
import { outline } from './world.fixture.ts'

const go = defineSignal({ name: 'go', payload: z.null() })

/** Goes on until it is aborted. */
const untilAborted = ({ signal }: { readonly signal: AbortSignal }): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

describe('misuse', () => {
  it('of one name for two things at a time is told with the mend', async () => {
    const flow = workflow((ctx) =>
      Promise.all([ctx.agent(echo, 'a', { key: 'x' }), ctx.agent(echo, 'b', { key: 'y' })]),
    )
    const clash = workflow((ctx) => Promise.all([ctx.agent(echo, 'a'), ctx.agent(echo, 'b')]))
    const fine = runtimeOf([flow])
    expect(await (await fine.start(flow, '')).result()).toEqual(['A', 'B'])
    const runtime = runtimeOf([clash])
    expect(await (await runtime.start(clash, '')).outcome()).toMatchObject({
      kind: 'failed',
      error: {
        code: 'name_in_use',
        message:
          'The workflow uses "agent:echo" again while it is still under way, so nobody could tell the two apart after a crash. ' +
          'Await the first, give each a key of its own ({ key }), or use ctx.map.',
      },
    })
  })

  it('of an outer ctx inside a branch, and of what is not awaited, fails the run with the mend', async () => {
    const outer = workflow((ctx) => ctx.map([1], () => ctx.step('inner', () => 1)))
    const runtime = runtimeOf([outer])
    expect(await (await runtime.start(outer, '')).outcome()).toMatchObject({
      kind: 'failed',
      error: {
        code: 'outer_context',
        message:
          'The workflow calls step "inner" on the outer ctx while the branches of map are under way. In a branch, use the ctx that it is given: (item, ctx) => ctx.step(...). Beside the branches, await them first, or make it one of them.',
      },
    })
    const forgotten = workflow(async (ctx) => {
      void ctx.step('late', () => 1)
      return 'done'
    })
    const second = runtimeOf([forgotten])
    expect(await (await second.start(forgotten, '')).outcome()).toMatchObject({
      kind: 'failed',
      error: {
        code: 'not_awaited',
        message: 'The workflow ended while it had not awaited: step:late. Await what ctx gives.',
      },
    })
  })

  it.each<[what: string, lost: string, code: (ctx: WorkflowContext) => Promise<unknown>]>([
    ['a step and a sleep', 'sleep', (ctx) => Promise.race([ctx.step('quick', () => 1), ctx.sleep(1e6)])],
    ['a sleep and a signal', 'receive:go', (ctx) => Promise.race([ctx.receive(go), ctx.sleep(0)])],
    ['two steps', 'step:slow', (ctx) => Promise.race([ctx.step('quick', () => 1), ctx.step('slow', untilAborted)])],
  ])('of the language’s own race, of %s, fails the run and names ctx.race', async (_, lost, code) => {
    const flow = workflow(code)
    const runtime = runtimeOf([flow])
    expect(await (await runtime.start(flow, '', { id: 'r' })).outcome()).toMatchObject({
      kind: 'failed',
      error: {
        code: 'not_awaited',
        message:
          `The workflow ended while it had not awaited: ${lost}. Await what ctx gives. ` +
          'Where the first of several is enough, use ctx.race([...]) in the place of Promise.race: it ends the others.',
      },
    })
    expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
  })

  it('of ctx within a step fails the step, also where nobody awaits it', async () => {
    const message =
      'The workflow calls step "inner" within the step "outer", which is recorded as one: after a crash nobody would ask for it again. ' +
      'Call ctx.step before the step and use its result in it, or call it after the step.'
    const awaited = workflow((ctx) => ctx.step('outer', () => ctx.step('inner', () => 1)))
    const forgotten = workflow((ctx) =>
      ctx.step('outer', () => {
        void ctx.step('inner', () => 1)
        return 2
      }),
    )
    for (const flow of [awaited, forgotten]) {
      const runtime = runtimeOf([flow])
      expect(await (await runtime.start(flow, '', { id: 'r' })).outcome()).toMatchObject({
        kind: 'failed',
        error: { code: 'ctx_in_step', message },
      })
      expect(outline(await runtime.runs.entries('r'))).toEqual([
        'run.started run',
        'step.failed step:outer',
        'run.failed run',
      ])
      expect((await runtime.replay('r')).status).toBe('matched')
    }
  })

  it('that the code catches fails the run all the same', async () => {
    const outer = workflow((ctx) => ctx.map([1], () => ctx.step('inner', () => 1).catch(() => 0)))
    const onward = workflow((ctx) =>
      Promise.all([ctx.step('a', () => 1), ctx.step('a', () => 2)]).catch(() => ctx.continueAs('b')),
    )
    for (const [flow, code] of [
      [outer, 'outer_context'],
      [onward, 'name_in_use'],
    ] as const) {
      const runtime = runtimeOf([flow])
      expect(await (await runtime.start(flow, '', { id: 'r' })).outcome()).toMatchObject({
        kind: 'failed',
        error: { code },
      })
      expect((await runtime.replay('r')).status).toBe('matched')
    }
  })

  it('of ctx after the end is told, and nothing is done', async () => {
    const errors: string[] = []
    const done: string[] = []
    const gate = Promise.withResolvers<void>()
    const flow = workflow(async (ctx) => {
      void gate.promise.then(() => ctx.step('late', () => done.push('late')))
      void setImmediate().then(() => gate.resolve())
      return 'done'
    })
    const log = { ...quiet, error: (line: string) => void errors.push(line) }
    const runtime = runtimeOf([flow], memoryStore(), manualClock(), { log })
    expect(await (await runtime.start(flow, '', { id: 'r' })).result()).toBe('done')
    await gate.promise
    await setImmediate()
    expect(errors).toEqual([
      'The workflow "flow" asked for step:late after it had ended, run "r", so it is not done. Await all that it begins before it returns.',
    ])
    expect(done).toEqual([])
  })
})

describe('the development check', () => {
  afterEach(() => vi.restoreAllMocks())

  /** Runs a workflow, and gives what the check says of it. */
  async function found(run: (ctx: WorkflowContext) => Promise<unknown>): Promise<string[]> {
    const errors: string[] = []
    const flow = workflow(run)
    const log = { ...quiet, error: (line: string) => void errors.push(line) }
    const runtime = runtimeOf([flow], memoryStore(), manualClock(), { log, checkDeterminism: true })
    expect(await (await runtime.start(flow, '', { id: 'r' })).outcome()).toMatchObject({ kind: 'completed' })
    return errors
  }

  const told = (where: string): string[] => [
    `The workflow "flow" is not deterministic: run again over its own journal, run "r" parts at ${where}. Take times, random numbers and I/O from ctx.`,
  ]

  it.each<[string, (ctx: WorkflowContext) => Promise<unknown>, string]>([
    [
      'Date.now in what an agent is given',
      (ctx) => ctx.agent(echo, `It is ${Date.now()}`),
      'entry 1: it recorded child.started echo at agent:echo, and would now start it with another input: "It is 1001"',
    ],
    [
      'Date.now in what is returned',
      async (ctx) => ctx.step('one', () => 1).then(() => Date.now()),
      'entry 2: it recorded run.completed {"output":1000}, and would now run.completed {"output":1001}',
    ],
    [
      'Math.random in which way is taken',
      (ctx) => (Math.random() < 0.5 ? ctx.step('heads', () => 1) : ctx.step('tails', () => 1)),
      'entry 1: it recorded step.returned at step:heads, and would now wait for step:tails',
    ],
    [
      'Math.random in which branch wins',
      (ctx) => {
        const first = Math.random() < 0.5 ? 0 : 1
        return ctx.race([0, 1].map((n) => async () => (n === first ? n : setImmediate(n))))
      },
      'entry 1: it recorded race.won by branch 0 at race, and would now have branch 1 win',
    ],
    [
      'a promise that nobody awaits',
      async (ctx) => {
        let price = 0
        const asked = Promise.withResolvers<void>()
        void asked.promise.then(() => (price = 9))
        await ctx.step('one', () => setImmediate().then(asked.resolve))
        return ctx.step(price > 0 ? 'dear' : 'free', () => 1)
      },
      'entry 2: it recorded step.returned at step:dear, and would now wait for step:free',
    ],
    [
      'I/O that is awaited outside of a step',
      async (ctx) => {
        await ctx.step('one', () => 1)
        await new Promise((resolve) => setTimeout(resolve, 20))
        await ctx.step('two', () => 2)
      },
      'entry 2: it recorded step.returned at step:two, and would now wait for something that is not of ctx',
    ],
  ])('finds %s', async (_, run, where) => {
    let [now, chance] = [999, 0]
    vi.spyOn(Date, 'now').mockImplementation(() => now)
    vi.spyOn(Math, 'random').mockImplementation(() => chance)
    // Another run of the code comes at another time; whoever else looks at the clock meanwhile moves nothing.
    const later = (ctx: WorkflowContext): Promise<unknown> => {
      now++
      chance += 0.4
      return run(ctx)
    }
    expect(await found(later)).toEqual(told(where))
  })

  it('of a patch after the end is told, and nothing is written', async () => {
    const errors: string[] = []
    const told: boolean[] = []
    const flow = workflow(async (ctx) => {
      void (async () => {
        // The code has ended by then, and that is not written yet.
        for (let tick = 0; tick < 20; tick++) await Promise.resolve()
        told.push(ctx.patched('late'))
      })()
      return 'done'
    })
    const log = { ...quiet, error: (line: string) => void errors.push(line) }
    const runtime = runtimeOf([flow], memoryStore(), manualClock(), { log })
    expect(await (await runtime.start(flow, '', { id: 'r' })).result()).toBe('done')
    expect(told).toEqual([false])
    expect((await runtime.runs.entries('r')).map(({ kind }) => kind)).toEqual(['run.started', 'run.completed'])
    expect(errors).toEqual([
      'The workflow "flow" asked for patched:late after it had ended, run "r", so it is not done. Await all that it begins before it returns.',
    ])
  })

  it('finds nothing where all comes from ctx', async () => {
    expect(
      await found(async (ctx) => {
        await ctx.agent(echo, `It is ${ctx.now()}`)
        const first = ctx.random() < 0.5 ? 0 : 1
        await ctx.race([0, 1].map((n) => async (branch) => (n === first ? n : branch.step('slow', () => n))))
        return ctx.uuid()
      }),
    ).toEqual([])
  })
})

describe('changed code', () => {
  const old = workflow(async (ctx) => {
    await ctx.step('one', () => 1)
    await ctx.receive(go)
    await ctx.step('two', () => 2)
  })

  it('that asks for another step where one is recorded is a divergence that names both, and leaves the run alone', async () => {
    const changed = workflow(async (ctx) => {
      await ctx.step('zero', () => 0)
      await ctx.step('one', () => 1)
    })
    const store = memoryStore()
    const one = runtimeOf([old], store)
    await (await one.start(old, '', { id: 'r' })).outcome()
    await one.close()
    const two = runtimeOf([changed], store)
    expect((await two.replay('r')).divergence).toEqual({
      seq: 1,
      key: 'step:one',
      recorded: 'step.returned at step:one',
      today: 'wait for step:zero',
    })
    await expect(two.resume('r')).rejects.toThrow(
      'The run "r" cannot go on under today\'s code of workflow "flow", version 1: its entry 1 is step.returned at step:one, and today\'s code would wait for step:zero. ' +
        "Pin it: give createRuntime the version that wrote it beside today's; or patch it: let the code go the old way where " +
        'ctx.patched("an id") is false; or fork it before that step: runtime.fork("r", { at: 1 }).',
    )
    await expect(two.approve('r', 'x', { by: 'ana' })).rejects.toThrow(
      'The run "r" is a workflow\'s, and has no calls of its own.',
    )
    expect((await store.entries('r')).length).toBe(3)
  })

  it('goes both ways behind a patch: the old for runs that passed, the new for those that did not', async () => {
    const patched = workflow(async (ctx) => {
      if (ctx.patched('zero')) await ctx.step('zero', () => 0)
      await ctx.step('one', () => 1)
      await ctx.receive(go)
      await ctx.step('two', () => 2)
    })
    const store = memoryStore()
    const one = runtimeOf([old], store)
    await (await one.start(old, '', { id: 'r' })).outcome()
    await one.close()
    const two = runtimeOf([patched], store)
    await two.send('r', go, null)
    expect(await (await two.resume('r')).outcome()).toMatchObject({ kind: 'completed' })
    await (await two.start(patched, '', { id: 'new' })).outcome()
    await two.send('new', go, null)
    expect(await (await two.resume('new')).outcome()).toMatchObject({ kind: 'completed' })
    const steps = async (id: string) =>
      (await two.runs.entries(id)).filter((entry) => entry.kind === 'step.returned').map((entry) => entry.key)
    expect(await steps('r')).toEqual(['step:one', 'step:two'])
    expect(await steps('new')).toEqual(['patched:zero', 'step:zero', 'step:one', 'step:two'])
    for (const id of ['r', 'new']) expect((await two.replay(id)).status).toBe('matched')
  })
})
