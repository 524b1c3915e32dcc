// Going on from the first entries of a run in another run.
import { Crash, crashing, memoryStore, type ScriptedAnswer, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  after,
  agentTool,
  type AnyDefinition,
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  type Entry,
  type Model,
  ModelError,
  type Outcome,
  type Store,
} from '../src/index.ts'
import { byTurn, call, clerk, look, mail, newWorld, outline, pay, type World } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

function runtimeOn(store: Store, models: Model, services: World = newWorld(), definitions: AnyDefinition[] = [clerk]) {
  return createRuntime({ store, models, definitions, services, random: () => 0, log: quiet })
}

const script: readonly ScriptedAnswer[] = [
  { calls: [call('look', 'a')] },
  { calls: [call('pay', 'a')] },
  { text: 'done' },
]

/** Records a run of the clerk that looks, pays and answers. */
async function recorded(store: Store, world = newWorld()): Promise<void> {
  const runtime = runtimeOn(store, byTurn(script), world)
  await (await runtime.start(clerk, 'go', { id: 'r', tags: ['web'] })).result()
  await runtime.close()
}

/** How a run ended, and what it said of that. */
function ending(outcome: Outcome): string {
  return 'error' in outcome ? `${outcome.kind}: ${outcome.error.message}` : outcome.kind
}

describe('a fork', () => {
  it('goes on from the first entries of a run, with an id, keys and a bill of its own, and leaves that run alone', async () => {
    const store = memoryStore()
    await recorded(store)
    const before = [await store.run('r'), await store.entries('r')]
    const world = newWorld()
    await using runtime = runtimeOn(store, byTurn(script), world)
    const run = await runtime.fork('r', { at: 3, id: 'f', effects: 'live' })
    expect(await run.outcome()).toMatchObject({ kind: 'completed', output: 'done', totals: { turns: 2, calls: 1 } })
    expect([await store.run('r'), await store.entries('r')]).toEqual(before)
    expect((await store.entries('f')).slice(0, 3)).toEqual((await store.entries('r')).slice(0, 3))
    expect(outline(await runtime.runs.entries('f'))).toEqual([
      'run.started run',
      'model.replied agent:0/turn:0',
      'call.returned agent:0/turn:0/call:0',
      'run.forked run',
      'model.replied agent:0/turn:1',
      'call.judged agent:0/turn:1/call:0',
      'call.returned agent:0/turn:1/call:0',
      'model.replied agent:0/turn:2',
      'run.completed run',
    ])
    expect(world.effects).toEqual(['pay a all f/agent:0/turn:1/call:0'])
    expect(await runtime.runs.get('f')).toMatchObject({
      status: 'completed',
      lineageId: 'r',
      forkOf: 'r',
      forkSeq: 3,
      parentId: null,
      tags: ['web'],
    })
    for (const id of ['r', 'f']) expect((await runtime.replay(id)).status).toBe('matched')
  })

  it('runs nothing but tools that read, ends at the first call that is more, and tells how to go on', async () => {
    const store = memoryStore()
    await recorded(store)
    const world = newWorld()
    const model = byTurn([{ calls: [call('pay', 'x'), call('look', 'b')] }, { text: 'paid' }])
    await using runtime = runtimeOn(store, model, world)
    const run = await runtime.fork('r', { at: 1, id: 'f' })
    const outcome = await run.outcome()
    expect(outcome).toEqual({
      kind: 'incomplete',
      totals: expect.objectContaining({ turns: 1, calls: 1 }) as unknown,
      error: {
        code: 'effect_withheld',
        message:
          'The run has done all that it may: after a fork point only tools that read run, and it came to pay (idempotent) at agent:0/turn:0/call:0. ' +
          "To let it act on the world, fork it from here: runtime.fork(id, { at: 5, effects: 'live' }).",
        details: { what: 'pay (idempotent) at agent:0/turn:0/call:0', key: 'agent:0/turn:0/call:0', at: 5 },
      },
    })
    expect(world.effects).toEqual(['look b f/agent:0/turn:0/call:1'])
    expect(outline(await runtime.runs.entries('f'))).toEqual([
      'run.started run',
      'run.forked run',
      'model.replied agent:0/turn:0',
      'call.failed agent:0/turn:0/call:0',
      'call.returned agent:0/turn:0/call:1',
      'run.failed run',
    ])
    expect((await runtime.replay('f')).status).toBe('matched')
    expect(await (await runtime.resume('f')).outcome()).toEqual(outcome)

    const live = await runtime.fork('f', { at: 5, id: 'g', effects: 'live' })
    expect(await live.result()).toBe('paid')
    expect(world.effects.slice(1)).toEqual(['pay x all g/agent:0/turn:0/call:0'])
    expect(await runtime.runs.get('g')).toMatchObject({ lineageId: 'r', forkOf: 'f', forkSeq: 5 })
    expect((await runtime.replay('g')).status).toBe('matched')
  })

  it('goes on under today’s text, and records that', async () => {
    const store = memoryStore()
    await recorded(store)
    const seen: string[] = []
    const kind = defineAgent({ ...clerkOptions, instructions: 'Be kind.', onChange: 'stop' })
    const model = scriptedModel(({ instructions }) => {
      seen.push(instructions)
      return { text: 'kindly' }
    })
    await using runtime = runtimeOn(store, model, newWorld(), [kind])
    expect(await (await runtime.fork('r', { at: 3, id: 'f' })).result()).toBe('kindly')
    expect(seen).toEqual(['Be kind.'])
    expect(outline(await runtime.runs.entries('f')).slice(3)).toEqual([
      'run.forked run',
      'definition.changed run',
      'model.replied agent:0/turn:1',
      'run.completed run',
    ])
    expect((await runtime.replay('f')).status).toBe('matched')
  })

  it('is refused where today’s code goes another way before the fork point, and made where it does not', async () => {
    const store = memoryStore()
    await recorded(store)
    const poor = defineAgent({ ...clerkOptions, tools: [look, mail] })
    await using runtime = runtimeOn(store, byTurn([{}, { text: 'no pay' }]), newWorld(), [poor])
    const key = 'agent:0/turn:1/call:0'
    await expect(runtime.fork('r', { at: 5, id: 'f' })).rejects.toThrow(
      `The run "r" cannot go on under today's code of agent "clerk", version 1: its entry 4 is call.judged pay at ${key} with {"id":"a"} (allowed), and today's code would call.failed pay at ${key} (unknown_tool). ` +
        'Pin it: give createRuntime the version that wrote it beside today\'s; or patch it: give the agent back what took that step; or fork it before that step: runtime.fork("r", { at: 4 }).',
    )
    expect(await store.run('f')).toBeUndefined()
    expect(await (await runtime.fork('r', { at: 3, id: 'f' })).result()).toBe('no pay')
  })

  it('of a team whose holder is gone is refused before anything is written', async () => {
    const store = memoryStore()
    const [front, lobby] = ['front', 'lobby'].map((name) => defineAgent({ name, model: 'm', instructions: '' }))
    if (!front || !lobby) expect.fail()
    const team = defineTeam({ name: 'desk', entry: front, handoffs: [] })
    const one = runtimeOn(store, byTurn([{ text: 'done' }]), newWorld(), [team])
    await (await one.start(team, 'go', { id: 'r' })).result()
    await using two = runtimeOn(store, byTurn([]), newWorld(), [
      defineTeam({ name: 'desk', entry: lobby, handoffs: [] }),
    ])
    await expect(two.fork('r', { at: 1, id: 'f' })).rejects.toThrow(
      /^The run is with the agent "front", which team "desk" does not have any more\. It has: lobby\. Put the agent back/,
    )
    expect(await store.run('f')).toBeUndefined()
  })

  it('twice under one id with the same point is one run; anything else is refused', async () => {
    const store = memoryStore()
    await recorded(store)
    await using runtime = runtimeOn(store, byTurn(script))
    await (await runtime.fork('r', { at: 3, id: 'f' })).outcome()
    const length = (await store.entries('f')).length
    expect(ending(await (await runtime.fork('r', { at: 3, id: 'f' })).outcome())).toContain(
      'The run has done all that it may',
    )
    expect((await store.entries('f')).length).toBe(length)
    const refusals = [
      [{ at: 2, id: 'f' }, 'The run "f" exists, and is the fork of "r" at 3. Use another id.'],
      [
        { at: 3, id: 'f', effects: 'live' },
        'The run "f" exists, and is the fork of "r" at 3, with effects that are withheld. Use another id.',
      ],
      [{ at: 3, id: 'r' }, 'The run "r" exists, and is no fork. Use another id.'],
    ] as const
    for (const [options, message] of refusals) await expect(runtime.fork('r', options)).rejects.toThrow(message)
  })

  it('needs a run, a place in it and an id that can be one', async () => {
    const store = memoryStore()
    await recorded(store)
    await using runtime = runtimeOn(store, byTurn(script))
    await expect(runtime.fork('nobody', { at: 1 })).rejects.toThrow('There is no run "nobody" in this store.')
    await expect(runtime.fork('r', { at: 1, id: 'a b' })).rejects.toThrow('A run cannot have the id "a b".')
    for (const at of [0, -1, 1.5, NaN, 8]) {
      await expect(runtime.fork('r', { at })).rejects.toThrow(
        `The run "r" cannot be forked at ${at}: it has 8 entries, and has ended at the last. Give the number of entries to go on from, 1 to 7.`,
      )
    }
    const stranger = runtimeOn(store, byTurn(script), newWorld(), [])
    await expect(stranger.fork('r', { at: 1 })).rejects.toThrow(
      'The agent "clerk" is not one of this runtime\'s definitions',
    )
    expect((await runtime.runs.list()).map(({ id }) => id)).toEqual(['r'])
  })
})

const clerkOptions = {
  name: 'clerk',
  model: 'gpt-4.1-mini',
  instructions: 'Serve the customer.',
  tools: [look, pay, mail],
} as const

const note = defineTool({
  name: 'note',
  description: 'Notes.',
  input: z.object({ id: z.string() }),
  effect: 'transactional',
  execute: ({ id }) => `noted ${id}`,
})
const allowed = defineTool({
  name: 'allowed',
  description: 'Does what somebody allows.',
  input: z.object({ id: z.string() }),
  effect: 'idempotent',
  approval: true,
  execute: ({ id }, { services, idempotencyKey }: { services: unknown; idempotencyKey: string }) => {
    ;(services as World).effects.push(`allowed ${id} ${idempotencyKey}`)
    return 'done'
  },
})
const back = defineAgent({ name: 'back', model: 'm', instructions: '', tools: [note, allowed] })
const front = defineAgent({
  name: 'front',
  model: 'm',
  instructions: '',
  tools: [look, pay, mail],
  rules: [after(pay, look)],
})
const desk = defineTeam({ name: 'desk', entry: front, handoffs: [[front, [back]]] })
const deskScript: readonly ScriptedAnswer[] = [
  { calls: [call('pay', 'a'), call('look', 'a'), call('mail', 'a'), { name: 'fly' }] },
  { calls: [{ name: 'transfer_to_back' }] },
  { calls: [call('note', 'a'), call('allowed', 'a')] },
  { text: 'done' },
]

/** Brings a run on as a person would who allows everything, and says that nothing in doubt happened. */
async function toEnd(runtime: ReturnType<typeof runtimeOn>, id: string, first: Outcome): Promise<Outcome> {
  let outcome = first
  while (outcome.kind === 'waiting') {
    const { waiting } = outcome
    if (waiting.kind === 'approval') outcome = await (await runtime.approve(id, waiting.key, { by: 'ana' })).outcome()
    else if (waiting.kind === 'in-doubt')
      outcome = await (await runtime.settleDoubt(id, waiting.key, { happened: false })).outcome()
    else return outcome
  }
  return outcome
}

describe('every entry of a run is a fork point', () => {
  async function original(): Promise<{ store: Store; entries: readonly Entry[] }> {
    const store = memoryStore()
    const runtime = runtimeOn(store, byTurn(deskScript), newWorld(), [desk])
    expect(await toEnd(runtime, 'r', await (await runtime.start(desk, 'go', { id: 'r' })).outcome())).toMatchObject({
      output: 'done',
    })
    const entries = await runtime.runs.entries('r')
    await runtime.close()
    return { store, entries }
  }

  it('from which a fork whose effects are live ends as the run did, each effect made once, under the fork’s keys', async () => {
    const { store, entries } = await original()
    for (let at = 1; at < entries.length; at++) {
      const world = newWorld()
      await using runtime = runtimeOn(store, byTurn(deskScript), world, [desk])
      const id = `f${at}`
      const outcome = await toEnd(runtime, id, await (await runtime.fork('r', { at, id, effects: 'live' })).outcome())
      expect(outcome, id).toMatchObject({ kind: 'completed', output: 'done' })
      const taken = entries.slice(0, at).flatMap(({ kind, key }) => (kind === 'call.returned' ? [key] : []))
      const made = world.effects.map((effect) => effect.slice(effect.lastIndexOf(' ') + 1))
      const expected = entries.flatMap(({ kind, key, body }) =>
        kind === 'call.returned' && body.name !== 'note' && !taken.includes(key) ? [`${id}/${key}`] : [],
      )
      expect(made.toSorted(), id).toEqual(expected.toSorted())
      // What the rules said of a call is not asked of them again.
      const judged = (await runtime.runs.entries(id)).filter(({ kind }) => kind === 'call.judged')
      expect(
        judged.map(({ key }) => key),
        id,
      ).toEqual(['agent:0/turn:0/call:0'])
      expect((await runtime.replay(id)).status, id).toBe('matched')
    }
  })

  it('from which a fork whose effects are withheld only reads, and replays', async () => {
    const { store, entries } = await original()
    for (let at = 1; at < entries.length; at++) {
      const world = newWorld()
      await using runtime = runtimeOn(store, byTurn(deskScript), world, [desk])
      const id = `f${at}`
      const outcome = await (await runtime.fork('r', { at, id })).outcome()
      const left = entries.slice(at).some((entry) => entry.kind === 'call.returned' && entry.body.name !== 'look')
      expect(outcome, id).toMatchObject(
        left ? { kind: 'incomplete', error: { code: 'effect_withheld' } } : { kind: 'completed', output: 'done' },
      )
      expect(
        world.effects.filter((effect) => !effect.startsWith('look')),
        id,
      ).toEqual([])
      expect((await runtime.replay(id)).status, id).toBe('matched')
    }
  })
})

describe('a fork', () => {
  it('asks anew what the run had asked, and has not heard', async () => {
    const store = memoryStore()
    const pending: unknown[] = []
    const model: Model = {
      async *ask(request) {
        pending.push(request.pending ?? null)
        if (pending.length === 1) {
          yield { kind: 'accepted', responseId: 'resp_1' }
          throw new ModelError({ code: 'server_error', message: 'Gone.' })
        }
        yield { kind: 'reply', reply: { items: [{ kind: 'assistant', text: 'heard' }], finish: 'stop', model: 'm' } }
      },
    }
    await using runtime = runtimeOn(store, model)
    await (await runtime.start(clerk, 'go', { id: 'r' })).outcome()
    expect(outline(await runtime.runs.entries('r')).slice(1, 3)).toEqual([
      'model.asked agent:0/turn:0',
      'model.failed agent:0/turn:0',
    ])
    expect(await (await runtime.fork('r', { at: 2 })).result()).toBe('heard')
    expect(pending).toEqual([null, null])
  })

  it('has the turns of a run that begins', async () => {
    const few = defineAgent({ ...clerkOptions, name: 'few', budget: { turns: 2 } })
    const team = defineTeam({ name: 'desk', entry: few, handoffs: [], budget: { turns: 3 } })
    const store = memoryStore()
    await using runtime = runtimeOn(
      store,
      byTurn([{ calls: [call('look', 'a')] }, { calls: [call('look', 'b')] }]),
      newWorld(),
      [team],
    )
    expect(await (await runtime.start(team, 'go', { id: 'r' })).outcome()).toMatchObject({ kind: 'over-budget' })
    expect(await (await runtime.fork('r', { at: 5, id: 'f' })).result()).toBe('done')
    expect((await runtime.replay('f')).status).toBe('matched')
  })

  it('is of the newest version, where several stand side by side', async () => {
    const store = memoryStore()
    await recorded(store)
    const newer = defineAgent({ ...clerkOptions, version: 2, instructions: 'New.' })
    const model = scriptedModel(({ instructions }) => ({ text: instructions }))
    await using runtime = runtimeOn(store, model, newWorld(), [clerk, newer])
    expect(await (await runtime.fork('r', { at: 3, id: 'f' })).result()).toBe('New.')
    expect(await runtime.runs.get('f')).toMatchObject({ version: 2 })
  })
})

describe('a fork of a run that rests', () => {
  it('for an approval asks for one of its own, and leaves that of the run to it', async () => {
    const store = memoryStore()
    const world = newWorld()
    const model = byTurn([{ calls: [call('allowed', 'a')] }, { text: 'done' }])
    await using runtime = runtimeOn(store, model, world, [back])
    await (await runtime.start(back, 'go', { id: 'r' })).outcome()
    const key = 'agent:0/turn:0/call:0'
    await runtime.fork('r', { at: 4, id: 'f', effects: 'live' }).then((run) => run.outcome())
    expect(outline(await runtime.runs.entries('f')).slice(2)).toEqual([
      `approval.asked ${key}`,
      'run.waiting run',
      'run.forked run',
      `approval.asked ${key}`,
      'run.waiting run',
    ])
    await (await runtime.approve('r', key, { by: 'ana' })).result()
    expect(await runtime.runs.get('f')).toMatchObject({ status: 'waiting', waiting: { kind: 'approval', key } })
    // What was allowed to the run is not allowed to a fork of it.
    await runtime.fork('r', { at: 5, id: 'g', effects: 'live' }).then((run) => run.outcome())
    expect(await runtime.runs.get('g')).toMatchObject({ status: 'waiting', waiting: { kind: 'approval', key } })
    await (await runtime.approve('g', key, { by: 'bob' })).result()
    expect(world.effects).toEqual([`allowed a r/${key}`, `allowed a g/${key}`])
    for (const id of ['f', 'g']) expect((await runtime.replay(id)).status).toBe('matched')
  })

  it('in doubt knows that the call in doubt is not its own', async () => {
    const store = memoryStore()
    const world = newWorld()
    const model = byTurn([{ calls: [call('mail', 'a')] }, { text: 'done' }])
    const dying = runtimeOn(crashing(store, { at: 3, side: 'before' }), model, world)
    await (await dying.start(clerk, 'go', { id: 'r' })).outcome()
    await using runtime = runtimeOn(store, model, world)
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ waiting: { kind: 'in-doubt' } })
    const { length } = await store.entries('r')
    for (let at = 3; at <= length; at++) {
      expect(ending(await (await runtime.fork('r', { at, id: `f${at}` })).outcome())).toContain('came to mail (once)')
      expect(await (await runtime.fork('r', { at, id: `g${at}`, effects: 'live' })).result()).toBe('done')
      for (const id of [`f${at}`, `g${at}`]) expect((await runtime.replay(id)).status).toBe('matched')
    }
    expect(world.effects.length).toBe(1 + length - 2)
    expect(await runtime.runs.get('r')).toMatchObject({ waiting: { kind: 'in-doubt' } })
  })
})

describe('a fork with an agent that is a tool', () => {
  const inner = defineAgent({ ...clerkOptions, name: 'inner' })
  const outer = defineAgent({
    name: 'outer',
    model: 'm',
    instructions: '',
    tools: [agentTool(inner, { name: 'ask', description: 'Asks.' })],
  })
  const model = (does: string) =>
    scriptedModel(({ card, items }) => {
      if (items.length > 1) return { text: `${card.agent} is done` }
      return { calls: [card.agent === 'outer' ? { name: 'ask', arguments: { task: 'x' } } : call(does, 'a')] }
    })

  it('lets its child go as far as it may itself', async () => {
    const store = memoryStore()
    const world = newWorld()
    await using runtime = runtimeOn(store, model('pay'), world, [inner, outer])
    await (await runtime.start(outer, 'go', { id: 'r' })).result()
    world.effects.length = 0
    const key = 'agent:0/turn:0/call:0'
    expect(ending(await (await runtime.fork('r', { at: 2, id: 'f' })).outcome())).toBe(
      'incomplete: The run has done all that it may: after a fork point only tools that read run, and it came to ' +
        `pay (idempotent) at ${key} of its child run "f/${key}". To let it act on the world, fork it from here: runtime.fork(id, { at: 4, effects: 'live' }).`,
    )
    expect(world.effects).toEqual([])
    expect(await runtime.runs.get(`f/${key}`)).toMatchObject({ lineageId: 'r', parentId: 'f', forkOf: null })
    expect(await (await runtime.fork('f', { at: 4, id: 'g', effects: 'live' })).result()).toBe('outer is done')
    expect(world.effects).toEqual([`pay a all g/${key}/${key}`])
    for (const { id } of await runtime.runs.list()) expect((await runtime.replay(id)).status, id).toBe('matched')
  })

  it('whose child only reads completes', async () => {
    const store = memoryStore()
    await using runtime = runtimeOn(store, model('look'), newWorld(), [inner, outer])
    await (await runtime.start(outer, 'go', { id: 'r' })).result()
    expect(await (await runtime.fork('r', { at: 1, id: 'f' })).result()).toBe('outer is done')
  })
})

describe('a fork whose process dies', () => {
  it.each(['live', undefined] as const)(
    'ends as if it had not, wherever it dies (effects: %s)',
    { tags: 'slow' },
    async (effects) => {
      const fork = async (store: Store, world: World): Promise<Outcome | undefined> => {
        const runtime = runtimeOn(store, byTurn(deskScript), world, [front, desk])
        try {
          const run = await runtime.fork('r', { at: 3, id: 'f', ...(effects && { effects }) })
          return await toEnd(runtime, 'f', await run.outcome())
        } catch (error) {
          if (!(error instanceof Crash)) throw error
          return undefined
        } finally {
          await runtime.close()
        }
      }
      const prepared = async (): Promise<Store> => {
        const store = memoryStore()
        const runtime = runtimeOn(store, byTurn(deskScript), newWorld(), [desk])
        await toEnd(runtime, 'r', await (await runtime.start(desk, 'go', { id: 'r' })).outcome())
        await runtime.close()
        return store
      }
      const counted = crashing(await prepared(), { at: Infinity, side: 'before' })
      const world = newWorld()
      const expected = await fork(counted, world)
      expect(counted.commits).toBeGreaterThan(1)
      for (let at = 1; at <= counted.commits; at++) {
        for (const side of ['before', 'after'] as const) {
          const store = await prepared()
          const crashed = newWorld()
          const place = `commit ${at}, ${side}`
          await fork(crashing(store, { at, side }), crashed)
          expect(await fork(store, crashed), place).toMatchObject({ kind: expected?.kind })
          expect([...new Set(crashed.effects)].toSorted(), place).toEqual(world.effects.toSorted())
          await using runtime = runtimeOn(store, byTurn(deskScript), newWorld(), [desk])
          expect((await runtime.replay('f')).status, place).toBe('matched')
        }
      }
    },
  )
})
