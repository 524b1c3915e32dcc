// Rules over a whole run: live, interrupted at every write, replayed, forked, and over a handoff.
import { setImmediate } from 'node:timers/promises'
import { crashing, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  after,
  alone,
  argumentFrom,
  atLeast,
  atMost,
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  type ModelRequest,
  type Rule,
  type Store,
  when,
} from '../src/index.ts'
import { untilCrash } from './world.fixture.ts'

const input = z.object({ id: z.string() })

/** A shop that says what was done in it, once for each key. */
function shop() {
  const done = new Map<string, string>()
  const find = defineTool({
    name: 'find',
    description: 'Finds.',
    input: z.object({}),
    effect: 'read',
    execute: async () => {
      await setImmediate()
      return { orders: ['1', '2'] }
    },
  })
  const cancel = defineTool({
    name: 'cancel',
    description: 'Cancels.',
    input,
    effect: 'idempotent',
    execute: async ({ id }, { idempotencyKey }) => {
      await setImmediate()
      done.set(idempotencyKey, id)
      return { status: 'cancelled' }
    },
  })
  const once = when(
    cancel,
    ({ id }, facts) => !facts.returned(cancel).some((call) => call.input.id === id),
    'An order is cancelled once.',
  )
  const rules: readonly Rule[] = [
    argumentFrom(cancel, 'id', find, ({ orders }) => orders),
    once,
    atMost(cancel, 2),
    atLeast(cancel, 1),
  ]
  return { done, find, cancel, rules, values: () => [...done.values()] }
}

type Shop = ReturnType<typeof shop>

function deskOf({ find, cancel }: Shop, rules: readonly Rule[]) {
  return defineAgent({ name: 'desk', model: 'm', instructions: '', tools: [find, cancel], rules })
}

const cancels = (...ids: readonly string[]) => ids.map((id) => ({ name: 'cancel', arguments: { id } }))

/** It answers too early, cancels what it does not know, and cancels all of it twice at once. */
const unruly = () =>
  scriptedModel(({ items }) => {
    const turn =
      items.filter(({ kind }) => kind === 'user').length - 1 + items.filter(({ kind }) => kind === 'result').length
    if (turn === 0) return { text: 'Done.' }
    if (turn === 1) return { calls: cancels('9') }
    if (turn === 2) return { calls: [...cancels('1', '1', '2', '9'), { name: 'find', arguments: {} }] }
    return { text: 'Done.' }
  })

function runtimeOn(store: Store, desk: ReturnType<typeof deskOf>) {
  return createRuntime({ store, models: unruly(), definitions: [desk], random: () => 0 })
}

describe('a run under rules', () => {
  it('does what is allowed, in its order, says why not to the rest, and counts it', async () => {
    const world = shop()
    const desk = deskOf(world, world.rules)
    await using runtime = runtimeOn(memoryStore(), desk)
    const run = await runtime.start(desk, 'go', { id: 'r' })
    expect(await run.outcome()).toMatchObject({ kind: 'completed', totals: { calls: 3, refused: 4 } })
    expect(world.values()).toEqual(['1', '2'])
    const entries = await runtime.runs.entries('r')
    expect(entries.flatMap(({ kind, body }) => (kind === 'call.judged' && body.rule ? [body.rule] : []))).toEqual([
      'argument-from',
      'when',
      'at-most',
    ])
    expect(entries.flatMap(({ kind, body }) => (kind === 'output.judged' ? [body.rule] : []))).toEqual(['at-least'])
    expect(await runtime.replay('r')).toMatchObject({ status: 'matched', divergence: null, differences: [] })
  })

  it('comes out the same where its process dies before or after any write', async () => {
    const undisturbed = crashing(memoryStore(), { at: Infinity, side: 'before' })
    const first = shop()
    const desk = deskOf(first, first.rules)
    const runtime = runtimeOn(undisturbed, desk)
    await (await runtime.start(desk, 'go', { id: 'r' })).result()
    await runtime.close()
    for (const side of ['before', 'after'] as const)
      for (let at = 1; at <= undisturbed.commits; at++) {
        const store = memoryStore()
        const world = shop()
        const desk = deskOf(world, world.rules)
        const dying = runtimeOn(crashing(store, { at, side }), desk)
        await untilCrash(dying, async () => (await dying.start(desk, 'go', { id: 'r' })).outcome())
        await using next = runtimeOn(store, desk)
        const outcome = await (await next.start(desk, 'go', { id: 'r' })).outcome()
        expect(outcome, `${side} ${at}`).toMatchObject({ kind: 'completed', totals: { calls: 3, refused: 4 } })
        expect(world.values(), `${side} ${at}`).toEqual(['1', '2'])
        expect(await next.replay('r')).toMatchObject({ status: 'matched' })
      }
  })

  it('knows in a fork what was done before it', async () => {
    const world = shop()
    const desk = deskOf(world, world.rules)
    await using runtime = runtimeOn(memoryStore(), desk)
    await (await runtime.start(desk, 'go', { id: 'r' })).result()
    const entries = await runtime.runs.entries('r')
    const at = entries.findLastIndex(({ kind }) => kind === 'model.replied') - 1
    const fork = await runtime.fork('r', { at, id: 'f' })
    expect(await fork.outcome()).toMatchObject({ kind: 'completed' })
    expect(await runtime.replay('f')).toMatchObject({ status: 'matched' })
  })

  it('goes on under the verdicts that it has, and a replay says what a new rule would not allow', async () => {
    const world = shop()
    const store = memoryStore()
    const before = deskOf(world, [after(world.cancel, world.find), atLeast(world.cancel, 1)])
    const dying = runtimeOn(crashing(store, { at: 5, side: 'after' }), before)
    await untilCrash(dying, async () => (await dying.start(before, 'go', { id: 'r' })).outcome())
    const today = deskOf(world, [after(world.cancel, world.find), alone(world.cancel)])
    await using runtime = runtimeOn(store, today)
    expect(await (await runtime.start(today, 'go', { id: 'r' })).outcome()).toMatchObject({ kind: 'completed' })
    const replayed = await runtime.replay('r')
    // The answer that was sent back since it came too early is where the paths part: no rule says so today.
    expect(replayed).toMatchObject({
      status: 'diverged',
      divergence: { recorded: expect.stringContaining('output.judged') as unknown },
    })
  })

  it('is not another text to a run whose tools were told of no rule', async () => {
    const world = shop()
    const store = memoryStore()
    const unruled = deskOf(world, [])
    await using first = runtimeOn(store, unruled)
    await (await first.start(unruled, 'go', { id: 'r' })).outcome()
    const ruled = deskOf(world, [atMost(world.find, 9)])
    await using runtime = runtimeOn(store, ruled)
    expect((await runtime.replay('r')).differences).toEqual([])
  })
})

describe('the rules of a team', () => {
  it('hold over a handoff, whoever calls', async () => {
    const world = shop()
    const front = defineAgent({ name: 'front', model: 'm', instructions: '', tools: [world.find] })
    const back = defineAgent({ name: 'back', model: 'm', instructions: '', tools: [world.cancel] })
    const desk = defineTeam({ name: 'desk', entry: front, handoffs: [[front, [back]]], rules: world.rules })
    const allowed: unknown[] = []
    const models = scriptedModel(({ items, card, allowedTools }) => {
      allowed.push(allowedTools ?? 'all')
      const results = items.filter(({ kind }) => kind === 'result').length
      if (card.agent === 'front')
        return {
          calls: [results === 0 ? { name: 'find', arguments: {} } : { name: 'transfer_to_back', arguments: {} }],
        }
      return results < 4 ? { calls: cancels('1', '3') } : { text: 'Done.' }
    })
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [desk] })
    const run = await runtime.start(desk, 'go', { id: 'r' })
    expect(await run.outcome()).toMatchObject({ kind: 'completed', totals: { refused: 1 } })
    expect(world.values()).toEqual(['1'])
    expect(allowed).toEqual(['all', 'all', 'all', 'all'])
  })
})

describe('an agent', () => {
  it.each([
    ['reads', 'read', {}, 3],
    ['reads', 'read', { parallel: 2 }, 2],
    ['works by its key', 'idempotent', { parallel: 2 }, 2],
    ['works once', 'once', { parallel: 2 }, 2],
    ['works once', 'once', { parallelCalls: false }, 1],
  ] as const)('that %s (%s) has as many calls under way at once as it may: %o', async (_, effect, calling, most) => {
    let busy = 0
    let seen = 0
    const slow = defineTool({
      name: 'slow',
      description: 'Takes time.',
      input,
      effect,
      execute: async () => {
        seen = Math.max(seen, ++busy)
        for (let turn = 0; turn < 3; turn++) await setImmediate()
        busy--
        return null
      },
    })
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [slow], ...calling })
    const calls = ['1', '2', '3'].map((id) => ({ name: 'slow', arguments: { id } }))
    const models = scriptedModel((_, nth) => (nth === 1 ? { calls } : { text: 'done' }))
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [agent] })
    const run = await runtime.start(agent, 'go', { id: 'r' })
    expect(await run.outcome()).toMatchObject({ kind: 'completed', totals: { calls: 3 } })
    expect(seen).toBe(most)
    expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
    const intents = (await runtime.runs.entries('r')).filter(({ kind }) => kind === 'call.intended').length
    expect(intents).toBe(effect === 'once' ? 3 : 0)
  })

  it('goes on with the others while one waits for somebody, and takes no more than it may', async () => {
    const held = defineTool({
      name: 'held',
      description: '',
      input,
      effect: 'once',
      approval: true,
      execute: () => 'held',
    })
    const free = defineTool({ name: 'free', description: '', input, effect: 'once', execute: () => 'free' })
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [held, free], parallel: 1 })
    const calls = ['held', 'free', 'free'].map((name) => ({ name, arguments: { id: '1' } }))
    const models = scriptedModel((_, nth) => (nth === 1 ? { calls } : { text: 'done' }))
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [agent] })
    const run = await runtime.start(agent, 'go', { id: 'r' })
    const outcome = await run.outcome()
    expect(outcome).toMatchObject({ kind: 'waiting', totals: { calls: 2 } })
    await runtime.approve('r', 'agent:0/turn:0/call:0', { by: 'ana' })
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ kind: 'completed', totals: { calls: 3 } })
  })

  it.each([
    ['any tool', 'required', 'required', 'a tool'],
    ['a tool', 'find', { name: 'find' }, 'find'],
  ] as const)('must call %s before it answers, and need not any more then', async (_, choice, asked, told) => {
    const { find, cancel } = shop()
    const toolChoice = choice === 'find' ? find : choice
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [find, cancel], toolChoice })
    const requests: ModelRequest[] = []
    const models = scriptedModel((request, nth) => {
      requests.push({ ...request, items: [...request.items] })
      return nth === 2 ? { calls: [{ name: 'find', arguments: {} }] } : { text: 'Done.' }
    })
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [agent] })
    const run = await runtime.start(agent, 'go', { id: 'r' })
    expect(await run.result()).toBe('Done.')
    expect(requests.map(({ toolChoice }) => toolChoice)).toEqual([asked, asked, undefined])
    expect(requests[1]?.items.at(-1)).toEqual({
      kind: 'user',
      text: `Your answer comes too early.\nCall ${told} before you answer.`,
    })
    expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
  })

  it('is refused that must call what it does not have, or so many at once as is no number', () => {
    const { find, cancel } = shop()
    const define = (options: object) => () =>
      defineAgent({ name: 'a', model: 'm', instructions: '', tools: [find], ...options })
    expect(define({ toolChoice: cancel })).toThrow(
      'Agent "a": toolChoice: "cancel". It is none of its tools, which are: find.',
    )
    expect(define({ toolChoice: 'required', tools: [] })).toThrow('It has no tools to choose')
    expect(define({ parallel: 0 })).toThrow('Agent "a" has parallel 0. It must be a whole number of 1 or more.')
  })
})
