// The code of a workflow changes under its run: what is recorded must be asked for again, and each way out works.
import { setImmediate } from 'node:timers/promises'
import { crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type AnyDefinition,
  createRuntime,
  defineAgent,
  defineSignal,
  defineWorkflow,
  type Store,
  type WorkflowContext,
} from '../src/index.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const go = defineSignal({ name: 'go', payload: z.null() })
const echo = defineAgent({ name: 'echo', model: 'm', instructions: '' })
const effects: string[] = []
const step = (ctx: WorkflowContext, name: string) => ctx.step(name, () => effects.push(name))

function flow(run: (ctx: WorkflowContext) => Promise<unknown>, version = 1) {
  return defineWorkflow({ name: 'flow', version, input: z.null(), run })
}

function runtimeOn(store: Store, definitions: readonly AnyDefinition[], clock = manualClock()) {
  const models = scriptedModel(() => ({ text: 'echoed' }))
  return createRuntime({ store, models, definitions: [...definitions, echo], clock, log: quiet, random: () => 0 })
}

/** Runs to a rest, or until the process dies at a write. */
async function recorded(run: (ctx: WorkflowContext) => Promise<unknown>, at = Infinity): Promise<Store> {
  const store = memoryStore()
  const definition = flow(run)
  const runtime = runtimeOn(crashing(store, { at, side: 'before' }), [definition])
  const handle = await runtime.start(definition, null, { id: 'r' })
  if (at === Infinity) await handle.outcome()
  else while ((await store.entries('r')).length < at - 1) await setImmediate()
  await runtime.close()
  effects.length = 0
  return store
}

const original = async (ctx: WorkflowContext) => {
  await step(ctx, 'one')
  await step(ctx, 'two')
  await ctx.receive(go)
  return step(ctx, 'three')
}

/** Brings the run on under other code, and tells what that code did, or why it did not. */
async function under(store: Store, run: (ctx: WorkflowContext) => Promise<unknown>): Promise<unknown> {
  await using runtime = runtimeOn(store, [flow(run)])
  await runtime.send('r', go, null)
  return await runtime.resume('r').then(
    async (handle) => [(await handle.outcome()).kind, effects.splice(0), (await runtime.replay('r')).status],
    (error: Error) => error.message,
  )
}

const message = (seq: number, key: string, kind: string, today: string): string =>
  `The run "r" cannot go on under today's code of workflow "flow", version 1: its entry ${seq} is ${kind} at ${key}, and today's code would ${today}. ` +
  'Pin it: give createRuntime the version that wrote it beside today\'s; or patch it: let the code go the old way where ctx.patched("an id") is false; ' +
  `or fork it before that step: runtime.fork("r", { at: ${seq} }).`

describe('a step', () => {
  it.each<[string, (ctx: WorkflowContext) => Promise<unknown>, seq: number, today: string]>([
    [
      'inserted before one that is recorded',
      async (ctx) => [await step(ctx, 'zero'), await original(ctx)],
      1,
      'wait for step:zero',
    ],
    [
      'inserted between two that are recorded',
      async (ctx) => [await step(ctx, 'one'), await step(ctx, 'new'), await step(ctx, 'two')],
      2,
      'wait for step:new',
    ],
    ['renamed', async (ctx) => [await step(ctx, 'first'), await step(ctx, 'two')], 1, 'wait for step:first'],
    ['removed', async (ctx) => [await step(ctx, 'one'), await ctx.receive(go)], 2, 'wait for receive:go'],
    ['removed with all that follows', async () => 'at once', 1, 'have ended'],
  ])('that is %s is another path: nothing is done, and the ways out are named', async (_, run, seq, today) => {
    const store = await recorded(original)
    const before = await store.entries('r')
    expect(await under(store, run)).toBe(message(seq, seq === 1 ? 'step:one' : 'step:two', 'step.returned', today))
    expect(effects).toEqual([])
    expect(await store.entries('r')).toEqual(before)
  })

  it('that is inserted where the run has not been is done when the run comes there', async () => {
    const run = async (ctx: WorkflowContext) => {
      await step(ctx, 'one')
      await step(ctx, 'two')
      await ctx.receive(go)
      await step(ctx, 'new')
      return step(ctx, 'three')
    }
    expect(await under(await recorded(original), run)).toEqual(['completed', ['new', 'three'], 'matched'])
  })

  it.each<[string, (ctx: WorkflowContext) => Promise<unknown>, key: string, kind: string]>([
    ['child', (ctx) => ctx.agent(echo, 'x'), 'agent:echo', 'child.started'],
    ['timer', (ctx) => ctx.sleep(1_000), 'sleep', 'timer.set'],
  ])('that is inserted before a %s which has begun is found before it is done', async (_, begins, key, kind) => {
    // The process dies when the beginning is written and nothing more.
    const store = await recorded(begins, 3)
    expect((await store.entries('r')).map((entry) => entry.kind)).toEqual(['run.started', kind])
    expect(await under(store, async (ctx) => [await step(ctx, 'zero'), await begins(ctx)])).toBe(
      message(1, key, kind, 'wait for step:zero'),
    )
    expect(effects).toEqual([])
    const patched = async (ctx: WorkflowContext): Promise<unknown> => {
      if (ctx.patched('zero')) await step(ctx, 'zero')
      return begins(ctx)
    }
    const clock = manualClock()
    await using runtime = runtimeOn(store, [flow(patched)], clock)
    const run = await runtime.resume('r')
    while (!(await store.run('r'))?.endedAt) await clock.advance(1_000)
    expect(await run.outcome()).toMatchObject({ kind: 'completed' })
    expect(effects).toEqual([])
    expect((await runtime.replay('r')).status).toBe('matched')
  })
})

describe('the ways out of a step that was inserted', () => {
  const inserted = async (ctx: WorkflowContext) => [await step(ctx, 'zero'), await original(ctx)]

  it('are the version that wrote the run, beside today’s: pin', async () => {
    const store = await recorded(original)
    await using runtime = runtimeOn(store, [flow(inserted, 2), flow(original, 1)])
    await runtime.send('r', go, null)
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ kind: 'completed' })
    expect(effects.splice(0)).toEqual(['three'])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('are code that keeps the old way for runs that have passed: patch', async () => {
    const patched = async (ctx: WorkflowContext) => {
      if (ctx.patched('zero')) await step(ctx, 'zero')
      return original(ctx)
    }
    expect(await under(await recorded(original), patched)).toEqual(['completed', ['three'], 'matched'])
    const store = await recorded(patched)
    expect((await store.entries('r')).map(({ key }) => key).slice(1, 4)).toEqual([
      'patched:zero',
      'step:zero',
      'step:one',
    ])
    expect(await under(store, patched)).toEqual(['completed', ['three'], 'matched'])
  })

  it('are a run that begins where both ways were one: fork', async () => {
    const store = await recorded(original)
    const today = flow(inserted, 2)
    await using runtime = runtimeOn(store, [today])
    await runtime.send('r', go, null).catch(() => undefined)
    const fork = await runtime.fork('r', { at: 1, id: 'f', effects: 'live' })
    await fork.outcome()
    await runtime.send('f', go, null)
    expect(await (await runtime.resume('f')).outcome()).toMatchObject({ kind: 'completed' })
    expect(effects.splice(0)).toEqual(['zero', 'one', 'two', 'three'])
    expect((await runtime.replay('f')).status).toBe('matched')
    expect(await runtime.runs.get('f')).toMatchObject({ version: 2, forkOf: 'r', forkSeq: 1 })
  })
})
