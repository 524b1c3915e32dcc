// An id is a run: who starts it again gives the same, whatever today's schemas make of that.
import { changedStore, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineWorkflow, type Store } from '../src/index.ts'

const models = scriptedModel(() => ({ text: 'done' }))
let nth = 0

function echo(input: z.ZodType) {
  return defineWorkflow({ name: 'echo', input, run: async (_ctx, given) => given })
}

async function startOn(store: Store, input: z.ZodType, given: unknown, by: 'start' | 'enqueue' = 'start') {
  const flow = echo(input)
  const runtime = createRuntime({ store, models, definitions: [flow] })
  if (by === 'enqueue') return runtime.enqueue(flow, given, { id: 'r' }).then(() => 'enqueued')
  return (await runtime.start(flow, given, { id: 'r' })).result()
}

const n = z.object({ n: z.number() })

describe('the same input is the same run', () => {
  it.each<[string, z.ZodType, z.ZodType, unknown, unknown?]>([
    [
      'where a default is another each time',
      ...twice(z.object({ n: z.number(), at: z.number().default(() => ++nth) })),
      { n: 1 },
    ],
    ['where a deploy has added a default', n, z.object({ n: z.number(), region: z.string().default('eu') }), { n: 1 }],
    [
      'where a deploy has changed a default',
      z.object({ n: z.number().default(1) }),
      z.object({ n: z.number().default(2) }),
      {},
    ],
    [
      'where a deploy has added an optional field',
      n,
      z.object({ n: z.number(), note: z.string().optional() }),
      { n: 1 },
    ],
    ['where a deploy trims', z.string(), z.string().trim(), ' a '],
    [
      'where a deploy has put its fields into another order',
      z.object({ a: z.number(), b: z.number() }),
      z.object({ b: z.number(), a: z.number() }),
      { a: 1, b: 2 },
    ],
    [
      'where its keys come in another order',
      ...twice(z.looseObject({})),
      { a: 1, b: { c: 2, d: 3 } },
      { b: { d: 3, c: 2 }, a: 1 },
    ],
    ['where an undefined member is left out', ...twice(z.looseObject({})), { a: 1, b: undefined }, { a: 1 }],
    ['where what the schema drops is another', ...twice(n), { n: 1, of: 'monday' }, { n: 1, of: 'tuesday' }],
    [
      'where JSON cannot say it, and the same comes of it',
      ...twice(z.map(z.string(), z.number()).transform((map) => [...map])),
      new Map([['a', 1]]),
    ],
  ])('%s', async (_, before, today, given, again = given) => {
    const store = memoryStore()
    const first = await startOn(store, before, given)
    expect(await startOn(store, today, again)).toEqual(first)
    expect(await startOn(store, today, again, 'enqueue')).toBe('enqueued')
  })

  it('and another is refused, where JSON cannot say it too', async () => {
    const store = memoryStore()
    await startOn(store, n, { n: 1 })
    await expect(
      startOn(store, z.object({ n: z.number(), at: z.number().default(() => ++nth) }), { n: 2 }),
    ).rejects.toThrow(
      /^The run "r" exists with another input: \{"n":1\}, and now \{"n":2,"at":\d+\}\. Use another id, or the same input\.$/,
    )
    const map = z.map(z.string(), z.number()).transform((pairs) => [...pairs])
    const other = memoryStore()
    await startOn(other, map, new Map([['a', 1]]))
    await expect(startOn(other, map, new Map([['a', 2]]))).rejects.toThrow(
      'exists with another input: [["a",1]], and now [["a",2]].',
    )
  })

  it('of an agent is its context too', async () => {
    const store = memoryStore()
    const context = z.object({ id: z.string(), at: z.number().default(() => ++nth) })
    const agent = defineAgent({ name: 'a', model: 'm', instructions: '', context })
    await using runtime = createRuntime({ store, models, definitions: [agent] })
    for (let time = 0; time < 2; time++)
      expect(await (await runtime.start(agent, 'go', { id: 'r', context: { id: 'c' } })).result()).toBe('done')
    await expect(runtime.start(agent, 'go', { id: 'r', context: { id: 'd' } })).rejects.toThrow(
      'exists with another context',
    )
  })

  it('of a child whose schema gives something new each time is taken up again', async () => {
    const child = defineWorkflow({
      name: 'child',
      input: z.object({ at: z.number().default(() => ++nth) }),
      run: async (ctx, { at }) => ctx.step('at', () => at),
    })
    const flow = defineWorkflow({ name: 'flow', input: z.null(), run: (ctx) => ctx.child(child, {}) })
    const store = memoryStore()
    const parts = { models, definitions: [flow, child], log: { info() {}, warn() {}, error() {} } }
    const gone = new Error('This process is dead.')
    // The child begins and ends; its parent does not hear of it.
    const dying = createRuntime({
      ...parts,
      store: changedStore(store, {
        commit: (writes) =>
          writes.some(({ entries }) => entries.some(({ kind }) => kind === 'child.ended'))
            ? Promise.reject(gone)
            : store.commit(writes),
      }),
    })
    await (await dying.start(flow, null, { id: 'r' })).outcome()
    const before = nth
    await using next = createRuntime({ ...parts, store })
    expect(await (await next.resume('r')).result()).toBe(before)
    expect((await next.replay('r')).status).toBe('matched')
  })

  it('of a run that an older version began is known by what came of it', async () => {
    const store = memoryStore()
    await startOn(store, z.object({ a: z.number(), b: z.number() }), { a: 1, b: 2 })
    const older = changedStore(store, {
      entries: async (runId) =>
        (await store.entries(runId)).map((entry) => {
          const { given: _, format: __, ...body } = JSON.parse(entry.text) as Record<string, unknown>
          return { ...entry, text: JSON.stringify(body) }
        }),
    })
    const wider = z.object({ b: z.number(), a: z.number(), c: z.number().default(() => ++nth) })
    expect(await startOn(older, z.object({ b: z.number(), a: z.number() }), { b: 2, a: 1 })).toEqual({ a: 1, b: 2 })
    await expect(startOn(older, wider, { a: 1, b: 2 })).rejects.toThrow('exists with another input')
  })
})

it.each(['start', 'enqueue'] as const)('is refused where the journal of the old one is gone (%s)', async (by) => {
  const store = memoryStore()
  await startOn(store, n, { n: 1 })
  let reads = 0
  const damaged = changedStore(store, {
    entries: async () => {
      if (++reads > 50) throw new Error('it is asked for ever')
      return []
    },
  })
  await expect(startOn(damaged, n, { n: 1 }, by)).rejects.toMatchObject({
    code: 'store_corrupt',
    message:
      'The store has the run "r", and no entry of its journal, not even the first. Restore the store from a backup, or give another id.',
  })
})

function twice(schema: z.ZodType): [z.ZodType, z.ZodType] {
  return [schema, schema]
}

it.each(['start', 'enqueue'] as const)(
  'is a new run where the old one is deleted while it is looked at (%s)',
  async (by) => {
    const store = memoryStore()
    expect(await startOn(store, n, { n: 1 })).toEqual({ n: 1 })
    const cleaned = changedStore(store, {
      entries: async (runId: string) => {
        await store.gc(Infinity, ['completed'], 10)
        return store.entries(runId)
      },
    })
    await startOn(cleaned, n, { n: 2 }, by)
    expect(await store.run('r')).toMatchObject({ status: by === 'start' ? 'completed' : 'queued' })
    expect(JSON.parse((await store.entries('r'))[0]?.text ?? '')).toMatchObject({ input: { n: 2 } })
  },
)

it('an id that no run has, and that is refused all the same, is not tried for ever', async () => {
  const flow = echo(z.string())
  const store = memoryStore()
  const shut = changedStore(store, {
    commit: async (writes) => writes.map(() => ({ kind: 'exists' })),
    within: (tx) => ({ ...store.within(tx), begin: () => false }),
  })
  await using runtime = createRuntime({ store: shut, models, definitions: [flow] })
  const refused = { code: 'run_exists', message: expect.stringContaining('The id "r" is not free') as unknown }

  await expect(runtime.start(flow, 'a', { id: 'r' })).rejects.toMatchObject(refused)
  await expect(runtime.enqueue(flow, 'a', { id: 'r' })).rejects.toMatchObject(refused)
  const within = store.transaction((tx) => void runtime.enqueue(flow, 'a', { id: 'r', tx }))
  await expect(within).rejects.toMatchObject(refused)
})

it('a child is not tried over and over whose parent was ended and erased elsewhere just then', async () => {
  const child = echo(z.string())
  const parent = defineWorkflow({
    name: 'parent',
    input: z.string(),
    run: async (ctx, given) => ctx.child(child, given),
  })
  const kept = memoryStore()
  let begun = 0
  const store = changedStore(kept, {
    async commit(writes) {
      if (writes.some(({ create }) => create?.parentId === 'r') && begun++ === 0) {
        const { epoch = 0 } = (await kept.run('r')) ?? {}
        await kept.commit([{ runId: 'r', epoch, entries: [], release: true }])
        await using other = createRuntime({ store: kept, models, definitions: [] })
        await other.cancel('r')
        await other.erase('r', { by: 'ana' })
      }
      return kept.commit(writes)
    },
  })
  await using runtime = createRuntime({ store, models, definitions: [parent, child] })
  const run = await runtime.start(parent, 'a', { id: 'r' })

  expect(await run.outcome()).toMatchObject({ kind: 'waiting', waiting: { error: { code: 'run_lost' } } })
  expect(begun).toBe(3)
})
