// Forks of workflows: what their code is told again, and what it may do beyond the fork point.
import { Crash, crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type AnyDefinition,
  createRuntime,
  defineAgent,
  defineSignal,
  defineWorkflow,
  type Outcome,
  type Store,
  type WorkflowContext,
} from '../src/index.ts'
import { call, look, newWorld, outline, pay, type World } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const go = defineSignal({ name: 'go', payload: z.string() })
const reader = defineAgent({ name: 'reader', model: 'm', instructions: '', tools: [look, pay] })
/** Calls what it is asked to, once. */
const model = scriptedModel(({ items }) => {
  const [first] = items
  if (first?.kind !== 'user') throw new Error('A conversation begins with what a user says')
  return items.length === 1 && first.text ? { calls: [call(first.text, 'a')] } : { text: `${first.text} is done` }
})

function flowOf<T>(run: (ctx: WorkflowContext, input: string) => Promise<T>, name = 'flow') {
  return defineWorkflow({ name, input: z.string(), run })
}

function runtimeOn(
  store: Store,
  definitions: readonly AnyDefinition[],
  services: World = newWorld(),
  clock = manualClock(),
) {
  return createRuntime({
    store,
    models: model,
    definitions: [...definitions, reader],
    services,
    clock,
    log: quiet,
    random: () => 0,
  })
}

const touch =
  (name: string) =>
  ({ services, idempotencyKey }: { services: unknown; idempotencyKey: string }) => {
    ;(services as World).effects.push(`${name} ${idempotencyKey}`)
    return name
  }

/** A bit of everything. */
const flow = flowOf(async (ctx) => {
  const first = ctx.uuid()
  await ctx.step('one', touch('one'))
  const read = await ctx.agent(reader, 'look')
  const [left, right] = await ctx.all([
    (branch) => branch.step('left', touch('left')),
    async (branch) => [branch.random(), await branch.agent(reader, 'draw')],
  ])
  const said = await ctx.receive(go)
  const last = ctx.uuid()
  await ctx.step('two', touch('two'))
  return { first, read, left, right, said, last }
})

/** Says `go` where it is waited for. */
async function toEnd(runtime: ReturnType<typeof runtimeOn>, id: string, first: Outcome): Promise<Outcome> {
  if (first.kind !== 'waiting' || first.waiting.kind !== 'signal') return first
  await runtime.send(id, go, 'gone', { id: 'once' })
  return (await runtime.resume(id)).outcome()
}

async function original(): Promise<{ store: Store; output: { first: string; last: string } }> {
  const store = memoryStore()
  const runtime = runtimeOn(store, [flow])
  const outcome = await toEnd(runtime, 'r', await (await runtime.start(flow, '', { id: 'r' })).outcome())
  if (outcome.kind !== 'completed') expect.fail()
  await runtime.close()
  return { store, output: outcome.output as { first: string; last: string } }
}

describe('every entry of a workflow’s run is a fork point', () => {
  it('from which a fork whose effects are live ends as the run did, with keys, children and ids of its own', async () => {
    const { store, output } = await original()
    const entries = await store.entries('r')
    for (let at = 1; at < entries.length; at++) {
      const id = `f${at}`
      const world = newWorld()
      await using runtime = runtimeOn(store, [flow], world)
      const outcome = await toEnd(runtime, id, await (await runtime.fork('r', { at, id, effects: 'live' })).outcome())
      expect(outcome, id).toMatchObject({ kind: 'completed', output: { read: 'look is done', left: 'left' } })
      // A number that was drawn before the fork point is what it was; one beyond it is the fork's own.
      const drawn = (outcome as unknown as { output: typeof output }).output
      expect([drawn.first === output.first, drawn.last === output.last], id).toEqual([
        at > 1,
        at > entries.findIndex(({ key }) => key === 'step:two'),
      ])
      expect(
        world.effects.every((effect) => effect.includes(` ${id}/`)),
        id,
      ).toBe(true)
      const done = entries.slice(0, at).flatMap(({ kind, key }) => (kind === 'step.returned' ? [key] : []))
      const keys = ['step:one', 'all/branch:0/step:left', 'step:two'].filter((key) => !done.includes(key))
      expect(
        world.effects.filter((effect) => !effect.startsWith('look')).map((effect) => effect.split(`${id}/`)[1]),
        id,
      ).toEqual(keys)
      for (const row of await runtime.runs.list({ parentId: id })) {
        expect(row.id.startsWith(`${id}/`) && row.lineageId, row.id).toBe('r')
        expect((await runtime.replay(row.id)).status, row.id).toBe('matched')
      }
      expect((await runtime.replay(id)).status, id).toBe('matched')
    }
  })

  it('from which a fork whose effects are withheld goes up to its first step, and replays', async () => {
    const { store } = await original()
    const entries = await store.entries('r')
    for (let at = 1; at < entries.length; at++) {
      const id = `f${at}`
      const world = newWorld()
      await using runtime = runtimeOn(store, [flow], world)
      const outcome = await toEnd(runtime, id, await (await runtime.fork('r', { at, id })).outcome())
      const left = entries.slice(at).find(({ kind }) => kind === 'step.returned')
      expect(outcome, id).toMatchObject(
        left
          ? { kind: 'incomplete', error: { code: 'effect_withheld', details: { key: left.key } } }
          : { kind: 'completed' },
      )
      expect(
        world.effects.filter((effect) => !effect.startsWith('look')),
        id,
      ).toEqual([])
      expect((await runtime.replay(id)).status, id).toBe('matched')
      expect(await (await runtime.resume(id)).outcome(), id).toEqual(outcome)
    }
  })
})

describe('a fork of a workflow', () => {
  it('says at which step it stopped, and how to go on', async () => {
    const { store } = await original()
    await using runtime = runtimeOn(store, [flow])
    const outcome = await (await runtime.fork('r', { at: 1, id: 'f' })).outcome()
    expect(outcome).toMatchObject({
      kind: 'incomplete',
      error: {
        message:
          'The run has done all that it may: after a fork point only tools that read run, and it came to the step at step:one. ' +
          "To let it act on the world, fork it from here: runtime.fork(id, { at: 2, effects: 'live' }).",
      },
    })
    expect(outline(await runtime.runs.entries('f'))).toEqual(['run.started run', 'run.forked run', 'run.failed run'])
    const live = await runtime.fork('f', { at: 2, id: 'g', effects: 'live' })
    expect(await toEnd(runtime, 'g', await live.outcome())).toMatchObject({ kind: 'completed' })
  })

  it('ends where a child of it came to more than reading, which its code does not hear of', async () => {
    const caught: string[] = []
    const pays = flowOf(async (ctx) => {
      const told = await ctx.agent(reader, 'pay').catch((error: Error) => caught.push(error.message))
      await ctx.receive(go)
      return told
    })
    const store = memoryStore()
    const world = newWorld()
    await using runtime = runtimeOn(store, [pays], world)
    await (await runtime.start(pays, '', { id: 'r' })).outcome()
    world.effects.length = 0
    for (const at of [1, 2]) {
      const id = `f${at}`
      const outcome = await (await runtime.fork('r', { at, id })).outcome()
      const child = `${id}/agent:reader`
      expect(outcome).toMatchObject({
        kind: 'incomplete',
        error: {
          details: {
            key: 'agent:reader',
            what: `pay (idempotent) at agent:0/turn:0/call:0 of its child run "${child}"`,
          },
        },
      })
      expect((await runtime.replay(id)).status).toBe('matched')
      expect((await runtime.replay(child)).status).toBe('matched')
      // Its entries: those taken over, the fork, the child's beginning and end; and then its own end.
      const live = await runtime.fork(id, { at: at + 3, id: `${id}-live`, effects: 'live' })
      expect(await live.outcome()).toMatchObject({ kind: 'waiting', waiting: { kind: 'signal' } })
      expect((await runtime.replay(`${id}-live`)).status).toBe('matched')
    }
    expect(world.effects).toEqual([1, 2].map((at) => `pay a all f${at}-live/agent:reader/agent:0/turn:0/call:0`))
    expect(caught).toEqual([])
  })

  it('passes what it may do on to the run that goes on for it', async () => {
    const endless = flowOf(async (ctx, input) => {
      if (input === '') ctx.continueAs('next')
      return ctx.step('one', touch('one'))
    })
    const world = newWorld()
    await using runtime = runtimeOn(memoryStore(), [endless], world)
    await (await runtime.start(endless, '', { id: 'r' })).outcome()
    expect(world.effects).toEqual(['one r~2/step:one'])
    expect(await (await runtime.fork('r', { at: 1, id: 'f' })).outcome()).toMatchObject({
      kind: 'incomplete',
      error: { details: { key: 'step:one' } },
    })
    expect(await runtime.runs.get('f~2')).toMatchObject({ status: 'failed', lineageId: 'r', forkOf: null })
    expect(world.effects).toEqual(['one r~2/step:one'])
    for (const id of ['f', 'f~2']) expect((await runtime.replay(id)).status).toBe('matched')
  })

  it('waits for its own signals, and for a time that was set before it', async () => {
    const waits = flowOf(async (ctx) => {
      const since = ctx.now()
      await ctx.sleep(1_000)
      return [since, ctx.now(), await ctx.receive(go)]
    })
    const clock = manualClock()
    const store = memoryStore()
    const runtime = runtimeOn(store, [waits], newWorld(), clock)
    await runtime.start(waits, '', { id: 'r' })
    while ((await store.entries('r')).length < 2) await clock.advance(0)
    await clock.advance(400)
    const fork = await runtime.fork('r', { at: 2, id: 'f' })
    await runtime.send('r', go, 'for r')
    await clock.advance(700)
    expect(await fork.outcome()).toMatchObject({ kind: 'waiting', waiting: { kind: 'signal' } })
    await runtime.send('f', go, 'for f')
    expect(await (await runtime.resume('f')).outcome()).toMatchObject({ output: [0, 1_000, 'for f'] })
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ output: [0, 1_000, 'for r'] })
    expect((await runtime.replay('f')).status).toBe('matched')
    await runtime.close()
  })

  it('draws what it had drawn for something that had begun before it', async () => {
    const draws = flowOf(async (ctx) => [await ctx.agent(reader, ctx.uuid()), ctx.uuid()])
    const store = memoryStore()
    await using runtime = runtimeOn(store, [draws])
    const run = await runtime.start(draws, '', { id: 'r' })
    const [text, other] = await run.result()
    for (const at of [1, 2, 3]) {
      const [forked, otherForked] = (await (await runtime.fork('r', { at, id: `f${at}` })).result()) as string[]
      expect([forked === text, otherForked === other]).toEqual([at > 1, false])
      expect((await runtime.replay(`f${at}`)).status).toBe('matched')
    }
  })

  it('is refused where its code goes another way before the fork point', async () => {
    const { store } = await original()
    const other = flowOf(async (ctx) => ctx.step('else', () => 1))
    await using runtime = runtimeOn(store, [other])
    await expect(runtime.fork('r', { at: 3, id: 'f' })).rejects.toThrow(
      'The run "r" cannot go on under today\'s code of workflow "flow", version 1: its entry 1 is step.returned at step:one, and today\'s code would wait for step:else. ' +
        'Pin it: give createRuntime the version that wrote it beside today\'s; or patch it: let the code go the old way where ctx.patched("an id") is false; or fork it before that step: runtime.fork("r", { at: 1 }).',
    )
    expect(await store.run('f')).toBeUndefined()
    expect(await (await runtime.fork('r', { at: 1, id: 'f', effects: 'live' })).result()).toBe(1)
  })

  it('ends as if its process had not died, wherever it dies', async () => {
    const fork = async (store: Store, world: World): Promise<Outcome | undefined> => {
      const runtime = runtimeOn(store, [flow], world)
      try {
        return await toEnd(runtime, 'f', await (await runtime.fork('r', { at: 3, id: 'f', effects: 'live' })).outcome())
      } catch (error) {
        if (!(error instanceof Crash)) throw error
        return undefined
      } finally {
        await runtime.close()
      }
    }
    const counted = crashing((await original()).store, { at: Infinity, side: 'before' })
    const world = newWorld()
    expect(await fork(counted, world)).toMatchObject({ kind: 'completed' })
    for (let at = 1; at <= counted.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        const { store } = await original()
        const crashed = newWorld()
        const place = `commit ${at}, ${side}`
        await fork(crashing(store, { at, side }), crashed)
        await fork(store, crashed)
        expect(await fork(store, crashed), place).toMatchObject({ kind: 'completed' })
        expect([...new Set(crashed.effects)].toSorted(), place).toEqual(world.effects.toSorted())
        await using runtime = runtimeOn(store, [flow])
        expect((await runtime.replay('f')).status, place).toBe('matched')
      }
    }
  })
})
