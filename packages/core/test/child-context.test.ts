// What an agent that is called as a tool, and the agents of a team, are given of the context.
import { crashing, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  agentTool,
  type AnyAgent,
  type AnyTeam,
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  defineWorkflow,
  type Schema,
  type Store,
} from '../src/index.ts'
import { untilCrash } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** A tool that notes the context that it is called with. */
function noting(seen: unknown[]) {
  return defineTool({
    name: 'note',
    description: 'Notes.',
    input: z.object({}),
    effect: 'idempotent',
    execute: (_, { context }) => {
      seen.push(context)
      return 'noted'
    },
  })
}

/** The boss asks once and says what it was told; everybody else notes once and says so. */
const model = () =>
  scriptedModel(({ card, items }) => {
    const told = items.flatMap((item) => (item.kind === 'result' ? item.output : []))
    if (told.length > 0) return { text: told.join() }
    return card.agent === 'boss'
      ? { calls: [{ name: 'ask', arguments: { task: 'go' } }] }
      : { calls: [{ name: 'note', arguments: {} }] }
  })

/** A boss with a context that asks somebody. What fits whom is for the runtime to find out here: nothing is typed. */
function boss(schema: Schema | undefined, asked: AnyAgent | AnyTeam): AnyAgent {
  const tools = [agentTool(asked, { name: 'ask', description: 'Asks.' })]
  return defineAgent({ name: 'boss', model: 'm', instructions: '', tools, ...(schema && { context: schema }) } as never)
}

function helper(schema: Schema | undefined, seen: unknown[], name = 'helper'): AnyAgent {
  const tools = [noting(seen)]
  return defineAgent({ name, model: 'm', instructions: '', tools, ...(schema && { context: schema }) } as never)
}

/** Plays a boss that asks, and gives the outcome and what was seen of the context. */
async function play(schema: Schema | undefined, asked: (seen: unknown[]) => AnyAgent | AnyTeam, context: unknown) {
  const seen: unknown[] = []
  const child = asked(seen)
  const parent = boss(schema, child)
  await using runtime = createRuntime({
    store: memoryStore(),
    models: model(),
    definitions: [parent, child],
    log: quiet,
  })
  const run = await runtime.start(parent, 'go', { id: 'r', context } as never)
  return { outcome: await run.outcome(), seen, runtime }
}

const dated = z.object({ since: z.iso.datetime().transform((text) => Date.parse(text)) })
const may = '2026-05-01T00:00:00Z'

describe('an agent that is called as a tool', () => {
  const flag = z.object({ vip: z.stringbool() })
  const list = z.object({ tags: z.string().transform((text) => text.split(',')) })
  const loud = z.object({ name: z.string().transform((text) => `${text}!`) })
  const fresh = z.object({ trace: z.string().default(() => crypto.randomUUID()) })
  it.each([
    ['a text that becomes a number', dated, { since: may }, { since: Date.parse(may) }],
    ['a text that becomes a boolean', flag, { vip: 'yes' }, { vip: true }],
    ['a text that becomes a list', list, { tags: 'a,b' }, { tags: ['a', 'b'] }],
    ['a text that becomes another', loud, { name: 'Ana' }, { name: 'Ana!' }],
    ['something new each time', fresh, {}, { trace: expect.any(String) }],
  ])('gets %s as its caller has it, of the same schema', async (_, schema, context, expected) => {
    const { outcome, seen, runtime } = await play(schema, (list) => helper(schema, list), context)
    expect(outcome).toMatchObject({ kind: 'completed', output: 'noted' })
    expect(seen).toEqual([expected])
    const [parent, child] = await Promise.all([runtime.runs.entries('r'), runtime.runs.list({ parentId: 'r' })])
    expect(parent[0]?.body).toMatchObject({ context: seen[0] })
    expect(child).toHaveLength(1)
  })

  it('gets it as its caller has it where the same schema is written twice', async () => {
    const write = () => z.object({ name: z.string().transform((text) => `${text}!`) })
    const { seen } = await play(write(), (list) => helper(write(), list), { name: 'Ana' })
    expect(seen).toEqual([{ name: 'Ana!' }])
  })

  it('gets none where it has no context', async () => {
    const { outcome, seen } = await play(dated, (list) => helper(undefined, list), { since: may })
    expect(outcome).toMatchObject({ kind: 'completed', output: 'noted' })
    expect(seen).toEqual([null])
  })

  it.each([
    ['what a strict object names', z.strictObject({ a: z.string() }), { a: 'x' }],
    ['what an object names', z.object({ a: z.string() }), { a: 'x' }],
    ['what it fills in', z.object({ a: z.string(), c: z.string().default('z') }), { a: 'x', c: 'z' }],
    ['what it makes of it', z.object({ b: z.string().transform(Number) }), { b: 7 }],
  ])('takes its caller’s context by a schema of its own: %s', async (_, schema, expected) => {
    const { seen } = await play(z.object({ a: z.string(), b: z.string() }), (list) => helper(schema, list), {
      a: 'x',
      b: '7',
    })
    expect(seen).toEqual([expected])
  })

  it('gets of a team’s context what its schema gave there', async () => {
    const seen: unknown[] = []
    const other = z.object({ secretary: z.string() })
    const child = helper(dated, seen)
    const entry = boss(dated, child)
    const team = defineTeam({ name: 'desk', entry, handoffs: [[entry, [helper(other, [], 'other')]]] })
    await using runtime = createRuntime({ store: memoryStore(), models: model(), definitions: [team, child] })
    const context = { since: may, secretary: 'Bo' }
    expect(await (await runtime.start(team, 'go', { context } as never)).outcome()).toMatchObject({ kind: 'completed' })
    expect(seen).toEqual([{ since: Date.parse(may) }])
  })

  it('may be a team, whose schemas are each given what they take', async () => {
    const asked = (seen: unknown[]) => {
      const entry = helper(dated, seen)
      const strict = helper(z.strictObject({ name: z.string().transform((text) => `${text}?`) }), [], 'strict')
      return defineTeam({ name: 'pair', entry, handoffs: [[entry, [strict]]] })
    }
    const both = z.object({ ...dated.shape, name: z.string() })
    const { outcome } = await play(both, asked, { since: may, name: 'Ana' })
    // The number that the boss's schema made of the text is no text for the team's own.
    expect(outcome).toMatchObject({ kind: 'waiting', waiting: { kind: 'interrupted' } })
    const { seen } = await play(z.object({ since: z.string(), name: z.string() }), asked, { since: may, name: 'Ana' })
    expect(seen).toEqual([{ since: Date.parse(may), name: 'Ana?' }])
  })

  it.each([
    [
      'of another type',
      z.object({ vip: z.boolean() }),
      z.object({ vip: z.stringbool() }),
      'which does not fit at vip: it is boolean, and string is wanted.',
    ],
    [
      'that is not there',
      z.object({ a: z.string() }),
      z.object({ user: z.object({ id: z.string() }) }),
      'which does not fit at user: it is not there.',
    ],
    [
      'deep inside',
      z.object({ user: z.object({ id: z.number().optional() }) }),
      z.object({ user: z.object({ id: z.string().or(z.null()) }) }),
      'which does not fit at user.id: it is number, and string or null is wanted.',
    ],
    ['of no context', undefined, z.object({ a: z.string() }), 'which has none, and the one that is called needs one.'],
  ])('is refused by createRuntime where it needs something %s', (_, schema, own, why) => {
    const child = helper(own, [])
    const definitions = [boss(schema, child), child]
    expect(() => createRuntime({ store: memoryStore(), models: model(), definitions })).toThrow(
      `Tool "ask" of agent "boss" calls agent "helper" with the context of agent "boss", ${why} Give both the same schema object, and the context is passed on as it is; or give agent "helper" a schema that takes what the other gives.`,
    )
  })

  it.each([
    ['may be of its type', z.object({ id: z.union([z.string(), z.number()]) }), z.object({ id: z.string() })],
    ['may be left out', z.object({ id: z.number().optional() }), z.object({ id: z.string().optional() })],
    ['is of a transform', z.object({ id: z.string().transform((id) => id) }), z.object({ id: z.string() })],
    ['may be there', z.looseObject({}), z.object({ id: z.string() })],
    ['needs none', undefined, z.object({ id: z.string() }).optional()],
  ])('is not refused where what it needs %s', (_, schema, own) => {
    const child = helper(own, [])
    const definitions = [boss(schema, child), child]
    expect(() => createRuntime({ store: memoryStore(), models: model(), definitions })).not.toThrow()
  })

  it('interrupts its caller where a value is not what it takes, and no model is told', async () => {
    const taken = z.object({ id: z.string().startsWith('c') })
    const { outcome, seen, runtime } = await play(z.object({ id: z.string() }), (list) => helper(taken, list), {
      id: 'x1',
    })
    expect(outcome).toMatchObject({
      kind: 'waiting',
      waiting: {
        kind: 'interrupted',
        error: {
          message: expect.stringContaining('The context that agent "helper" is called with is wrong.') as string,
        },
      },
    })
    expect(seen).toEqual([])
    expect((await runtime.runs.entries('r')).map(({ kind }) => kind)).not.toContain('call.failed')
  })

  it('gets the same wherever the process dies', async () => {
    const live = async (store: Store, seen: unknown[]): Promise<unknown> => {
      const child = helper(dated, seen)
      const parent = boss(dated, child)
      const runtime = createRuntime({ store, models: model(), definitions: [parent, child], log: quiet })
      return untilCrash(runtime, async () =>
        (await runtime.start(parent, 'go', { id: 'r', context: { since: may } } as never)).outcome(),
      )
    }
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    const expected = await live(counted, [])
    expect(expected).toMatchObject({ kind: 'completed', output: 'noted' })
    for (let at = 1; at <= counted.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        const store = memoryStore()
        const seen: unknown[] = []
        await live(crashing(store, { at, side }), seen)
        expect(await live(store, seen), `commit ${at}, ${side}`).toEqual(expected)
        expect(new Set(seen.map((context) => JSON.stringify(context))).size).toBe(1)
      }
    }
  })
})

describe('the context of a team', () => {
  const start = async (schemas: readonly Schema[], context: unknown) => {
    const seen: unknown[] = []
    const [entry, ...others] = schemas.map((schema, at) => helper(schema, seen, `agent-${at}`))
    if (!entry) throw new Error('A team has an entry')
    const team = defineTeam({ name: 'team', entry, handoffs: [[entry, others]] })
    await using runtime = createRuntime({ store: memoryStore(), models: model(), definitions: [team], log: quiet })
    await (await runtime.start(team, 'go', { context } as never)).outcome()
    return seen[0]
  }

  it('is shown to each schema as far as it takes it, and has what all of them made of it', async () => {
    const schemas = [
      z.strictObject({ a: z.stringbool() }),
      z.strictObject({ b: z.string() }),
      z.looseObject({ c: z.string() }),
    ]
    expect(await start(schemas, { a: 'yes', b: 'x', c: 'y', d: 1 }).catch((error: Error) => error.message)).toContain(
      'Unrecognized key: "d"',
    )
    expect(await start(schemas, { a: 'yes', b: 'x', c: 'y' })).toEqual({ a: true, b: 'x', c: 'y' })
  })

  it('keeps what several schemas say of one object, and of each item of a list', async () => {
    const schemas = [
      z.object({ user: z.object({ id: z.string() }), orders: z.array(z.object({ id: z.string() })) }),
      z.object({ user: z.object({ name: z.string() }), orders: z.array(z.object({ usd: z.number() })) }),
    ]
    const context = { user: { id: 'c1', name: 'Ana' }, orders: [{ id: 'o1', usd: 5 }] }
    expect(await start(schemas, context)).toEqual(context)
  })

  it.each([
    [z.object({ vip: z.stringbool() }), z.object({ vip: z.string() }), 'vip: true and "yes"'],
    [
      z.object({ u: z.object({ r: z.string().default('eu') }) }),
      z.object({ u: z.object({ r: z.string().default('us') }) }),
      'u.r: "eu" and "us"',
    ],
  ])('is refused where two schemas make different things of it', async (one, other, what) => {
    await expect(start([one, other], { vip: 'yes', u: {} })).rejects.toThrow(
      `The context given to team "team" has several schemas, which make different things of ${what}. Give the agents that share it one schema for that.`,
    )
  })
})

/** A schema that counts how often it is asked, and makes something else of the same each time. */
function counting() {
  let asked = 0
  const schema = z.object({ since: z.iso.datetime().transform((text) => `${Date.parse(text)}/${++asked}`) })
  return { schema, asked: () => asked }
}

describe('what a workflow gives', () => {
  const flowOf = (asked: AnyAgent | AnyTeam, context: unknown) =>
    defineWorkflow({
      name: 'flow',
      input: z.null(),
      run: (ctx) => ctx.agent(asked as AnyAgent, 'go', { context } as never),
    })

  it('is held against the child’s schema once, when the child begins, and is recorded as that made it', async () => {
    const seen: unknown[] = []
    const { schema, asked } = counting()
    const child = helper(schema, seen)
    const flow = flowOf(child, { since: may })
    await using runtime = createRuntime({ store: memoryStore(), models: model(), definitions: [flow, child] })
    expect(await (await runtime.start(flow, null, { id: 'f' })).outcome()).toMatchObject({ kind: 'completed' })
    const [row] = await runtime.runs.list({ parentId: 'f' })
    const [first] = await runtime.runs.entries(row?.id ?? '')

    expect(asked()).toBe(1)
    expect(seen).toEqual([{ since: `${Date.parse(may)}/1` }])
    expect(first?.body).toMatchObject({ context: seen[0] })
  })

  it('is each child’s own: none comes from another child or from the workflow', async () => {
    const seen: unknown[] = []
    const [given, bare] = [helper(dated, seen), helper(undefined, seen, 'bare')]
    const flow = defineWorkflow({
      name: 'flow',
      input: z.null(),
      run: async (ctx) => {
        await ctx.agent(given, 'go', { context: { since: may } } as never)
        await ctx.agent(bare, 'go')
      },
    })
    await using runtime = createRuntime({ store: memoryStore(), models: model(), definitions: [flow, given, bare] })
    expect(await (await runtime.start(flow, null)).outcome()).toMatchObject({ kind: 'completed' })
    expect(seen).toEqual([{ since: Date.parse(may) }, null])
  })

  it('is refused where it does not fit, before the child begins', async () => {
    const seen: unknown[] = []
    const child = helper(dated, seen)
    const flow = flowOf(child, { since: 'yesterday' })
    await using runtime = createRuntime({
      store: memoryStore(),
      models: model(),
      definitions: [flow, child],
      log: quiet,
    })
    const outcome = await (await runtime.start(flow, null, { id: 'f' })).outcome()

    expect(JSON.stringify(outcome)).toContain('The context given to agent \\"helper\\" is wrong.')
    expect(await runtime.runs.list({ parentId: 'f' })).toEqual([])
    expect(seen).toEqual([])
  })
})

describe('a fork', () => {
  it('has the context that its run has recorded, and its children get that: no schema is asked anew', async () => {
    const seen: unknown[] = []
    const { schema, asked } = counting()
    const child = helper(schema, seen)
    const parent = boss(schema, child)
    await using runtime = createRuntime({ store: memoryStore(), models: model(), definitions: [parent, child] })
    await (await runtime.start(parent, 'go', { id: 'r', context: { since: may } } as never)).outcome()
    const fork = await runtime.fork('r', { at: 1, id: 'fork', effects: 'live' })

    expect(await fork.outcome()).toMatchObject({ kind: 'completed', output: 'noted' })
    expect(asked()).toBe(1)
    expect(seen).toEqual([{ since: `${Date.parse(may)}/1` }, { since: `${Date.parse(may)}/1` }])
  })
})
