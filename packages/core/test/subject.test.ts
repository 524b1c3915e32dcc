// All that is kept of a person: given to them, and erased.
import { sqlite } from '@reprise/store'
import { crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineSignal, defineWorkflow, type Store, type SubjectPart } from '../src/index.ts'
import { echo, quiet } from './flow.fixture.ts'
import { errorOf, textOf } from './golden.fixture.ts'
import { untilCrash } from './world.fixture.ts'

const ANA = { id: 'ana', source: 'oidc' }
const ANN = { tenant: 'acme', user: 'ann@example.org' }
const BOB = { tenant: 'acme', user: 'bob@example.org' }
const KEY = 'sk-live-0123456789abcdef'

const keyed = defineAgent({
  name: 'keyed',
  model: 'm',
  instructions: ({ context }) => `Use ${context.key}.`,
  context: z.object({ key: z.string().meta({ secret: true }) }),
})
const go = defineSignal({ name: 'go', payload: z.string() })
const family = defineWorkflow({
  name: 'family',
  input: z.string(),
  async run(ctx, text) {
    await ctx.agent(echo, text)
    return text === 'wait' ? ctx.receive(go) : text
  },
})

function runtimeOn(store: Store) {
  return createRuntime({
    store,
    models: scriptedModel(() => ({ text: 'done' })),
    definitions: [keyed, family, echo],
    clock: manualClock({ now: 1_000 }),
    log: quiet,
    random: () => 0,
  })
}

/** Ann has a family, its fork, a run with a secret and two schedules; Bob has a run and a schedule, and so has another tenant's Ann. */
async function filled(store: Store): Promise<Store> {
  const runtime = runtimeOn(store)
  await (await runtime.start(family, 'of ann', { id: 'a1', ...ANN })).result()
  await (await runtime.fork('a1', { at: 1, id: 'a1-fork', effects: 'live' })).result()
  await (await runtime.start(keyed, 'of ann', { id: 'a2', ...ANN, context: { key: KEY } })).result()
  await (await runtime.start(family, 'of bob', { id: 'b1', ...BOB })).result()
  await (await runtime.start(family, 'of another', { id: 'c1', ...ANN, tenant: 'other' })).result()
  for (const [name, whose] of [
    ['a-daily', ANN],
    ['a-hourly', ANN],
    ['b-daily', BOB],
    ['c-daily', { ...ANN, tenant: 'other' }],
  ] as const)
    await runtime.schedule(name, { cron: '0 9 * * *', definition: family, input: `of ${name}`, ...whose })
  await runtime.close()
  return store
}

const stores: [string, () => Store][] = [
  ['in memory', () => memoryStore()],
  ['on SQLite', () => sqlite(':memory:', { encryption: { key: Buffer.alloc(32, 'key') } })],
]

async function all<T>(given: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const one of given) list.push(one)
  return list
}

const idsIn = (parts: readonly SubjectPart[]) => parts.flatMap((part) => (part.kind === 'run' ? part.run.id : []))

describe.each(stores)('all that is kept of a person, %s,', (_name, make) => {
  it('is given run by run, with tokens for secrets, and kept as exported', async () => {
    const store = await filled(make())
    await using runtime = runtimeOn(store)
    const parts = await all(runtime.exportSubject(ANN, { reader: ANA }))

    const ids = ['a1', 'a1/agent:echo', 'a1-fork', 'a1-fork/agent:echo', 'a2']
    expect(idsIn(parts)).toEqual(ids)
    expect(parts[0]).toEqual({ kind: 'subject', ...ANN, at: 1_000, secrets: 'tokens' })
    expect(parts.slice(1, 4)).toMatchObject([
      { kind: 'schedule', schedule: { name: 'a-daily', cron: '0 9 * * *', input: 'of a-daily', ...ANN } },
      { kind: 'schedule', schedule: { name: 'a-hourly' } },
      { kind: 'run' },
    ])
    expect(parts.at(-1)).toEqual({ kind: 'end', runs: 5 })
    const entries = parts.filter((part) => part.kind === 'entry' && part.runId === 'a1')
    expect(entries.map((part) => part.kind === 'entry' && part.entry)).toEqual(await runtime.runs.entries('a1'))
    expect(JSON.stringify(parts)).not.toMatch(new RegExp(`${KEY}|bob|of another`))
    expect(JSON.stringify(parts)).toMatch(/Use secret_[\w-]{22}\./)
    const notes = await runtime.audit({ action: 'exported' })
    expect(notes.map(({ runId, by }) => [runId, by])).toEqual(ids.map((id) => [id, ANA]))
  })

  it('has its secrets in the clear where that is asked for, and the audit says so', async () => {
    await using runtime = runtimeOn(await filled(make()))
    const parts = await all(runtime.exportSubject({ user: ANN.user }, { secrets: 'revealed', reader: ANA }))

    expect(idsIn(parts)).toContain('c1')
    expect(JSON.stringify(parts)).toContain(`Use ${KEY}.`)
    expect(await runtime.audit({ runId: 'a2' })).toMatchObject([{ action: 'revealed', by: ANA }])
  })

  it('has what was said to a run and is not in its journal yet', async () => {
    const store = make()
    await using runtime = runtimeOn(store)
    await runtime.enqueue(family, 'wait', { id: 'q', ...ANN })
    await runtime.send('q', go, 'on', { id: 'm1' })
    const messages = (await all(runtime.exportSubject(ANN))).filter(({ kind }) => kind === 'message')
    expect(messages).toMatchObject([{ message: { runId: 'q', body: { signal: 'go', payload: 'on' } } }])
  })

  it('is erased whole, others’ stays, and it is said where copies may be', async () => {
    const store = await filled(make())
    await using runtime = runtimeOn(store)
    await textOf(runtime.export('a1', { reader: ANA }))
    await store.note([
      { at: 1_000, action: 'backed-up', by: ANA, runId: null, lineageId: null, tenant: null, what: null },
      { at: 1, action: 'backed-up', by: ANA, runId: null, lineageId: null, tenant: null, what: null },
    ])
    const erased = await runtime.eraseSubject(ANN, { by: ANA })

    expect(erased).toEqual({
      lineages: 2,
      runs: 5,
      facts: 0,
      schedules: 2,
      active: [],
      outOfReach: [
        { kind: 'exported', runId: 'a1', at: 1_000, by: ANA },
        { kind: 'exported', runId: 'a1/agent:echo', at: 1_000, by: ANA },
        { kind: 'backed-up', at: 1_000, by: ANA },
      ],
    })
    await expectErased(store)
    expect((await all(runtime.exportSubject(ANN))).map(({ kind }) => kind)).toEqual(['subject', 'end'])
    expect(await runtime.eraseSubject(ANN, { by: ANA })).toEqual({
      lineages: 0,
      facts: 0,
      runs: 0,
      schedules: 0,
      active: [],
      outOfReach: [],
    })
    expect(idsIn(await all(runtime.exportSubject(BOB)))).toEqual(['b1', 'b1/agent:echo'])
  })

  it('says which runs keep it, and is erased when these have ended', async () => {
    const store = await filled(make())
    await using runtime = runtimeOn(store)
    await (await runtime.start(family, 'wait', { id: 'w', ...ANN })).outcome()
    expect(await runtime.eraseSubject(ANN, { by: ANA })).toMatchObject({ lineages: 2, active: ['w'] })
    expect((await runtime.runs.get('w')).user).toBe(ANN.user)
    await (await runtime.resume('w')).cancel()
    await (await runtime.resume('w')).outcome()
    expect(await runtime.eraseSubject(ANN, { by: ANA })).toMatchObject({ lineages: 1, runs: 2, active: [] })
    await expectErased(store)
  })

  it('is a tenant’s with all of its people, where no person is named', async () => {
    const store = await filled(make())
    await using runtime = runtimeOn(store)
    const all = await runtime.eraseSubject({ tenant: 'acme' }, { by: ANA })
    expect(all).toMatchObject({ lineages: 3, runs: 7, schedules: 3 })
    expect((await store.schedules({})).map(({ name }) => name)).toEqual(['c-daily'])
    expect(await runtime.eraseSubject({ tenant: 'acme' }, { by: ANA })).toMatchObject({ lineages: 0, runs: 0 })
    const left = (await store.runs({})).filter(({ erasedAt }) => erasedAt === null)
    expect(left.map(({ id }) => id)).toEqual(['c1', 'c1/agent:echo'])
  })

  it('is erased whole by doing it again, wherever the process dies, and each lineage is noted once', async () => {
    for (const side of ['before', 'after'] as const)
      for (let at = 1; ; at++) {
        const store = await filled(make())
        const dying = crashing(store, { of: 'write', at, side })
        const first = runtimeOn(dying)
        await untilCrash(first, () => first.eraseSubject(ANN, { by: ANA }))
        const second = runtimeOn(store)
        await second.eraseSubject(ANN, { by: ANA })
        await expectErased(store)
        const notes = await store.audit({ action: 'erased' })
        expect(notes.map(({ lineageId, by, tenant }) => [lineageId, by, tenant])).toEqual([
          ['a1', ANA, 'acme'],
          ['a2', ANA, 'acme'],
        ])
        await second.close()
        if (dying.writes < at) break
      }
  })
})

it('what somebody has by schedules alone is erased as well, page after page, and no worker fires them again', async () => {
  const [store, clock] = [memoryStore(), manualClock({ now: 1_000 })]
  await using runtime = createRuntime({ store, models: scriptedModel([]), definitions: [family], clock, log: quiet })
  const minutely = { cron: '* * * * *', definition: family, input: 'of ann', ...ANN }
  for (let n = 0; n < 101; n++) await runtime.schedule(`a${n}`, minutely)
  expect(await runtime.eraseSubject({ user: ANN.user }, { by: ANA })).toMatchObject({ runs: 0, schedules: 101 })

  expect(await runtime.schedules.list()).toEqual([])
  runtime.work()
  for (let second = 0; second < 70; second++) await clock.advance(1_000)
  expect(await runtime.runs.list()).toEqual([])
})

it('a lineage that is another person’s is not erased for a run of this one in it, and that is said', async () => {
  const store = memoryStore()
  const from = await filled(memoryStore())
  const text = await textOf(runtimeOn(from).export('b1'))
  await using runtime = runtimeOn(store)
  const child = '"run":"b1/agent:echo"'
  const lines = text.split('\n').map((line) => (line.includes(child) ? line.replace(BOB.user, ANN.user) : line))
  await runtime.import([lines.join('\n')])

  expect(await runtime.eraseSubject(ANN, { by: ANA })).toMatchObject({
    lineages: 0,
    outOfReach: [{ kind: 'lineage', runId: 'b1/agent:echo', lineageId: 'b1' }],
  })
  expect(await runtime.runs.entries('b1')).not.toEqual([])
  expect(await runtime.eraseSubject(BOB, { by: ANA })).toMatchObject({ lineages: 1, runs: 2 })
})

it('nobody is not everybody', async () => {
  await using runtime = runtimeOn(await filled(memoryStore()))
  for (const nobody of [{}, undefined, 'ann', { user: '' }, { user: 4 }, { name: 'ann' }]) {
    const { code } = await errorOf(runtime.eraseSubject(nobody as never, { by: ANA }))
    expect(code).toMatch(/^bad_(argument|text)$/)
    expect(() => runtime.exportSubject(nobody as never)).toThrow(/runtime\.exportSubject was given/)
  }
  expect((await errorOf(runtime.eraseSubject(ANN, {} as never))).code).toBe('bad_text')
  expect(idsIn(await all(runtime.exportSubject(ANN)))).toHaveLength(5)
})

/** That nothing of Ann can be read, and all of the others can. */
async function expectErased(store: Store): Promise<void> {
  const rows = await store.runs({})
  for (const row of rows) {
    if (row.erasedAt === null) {
      expect((await store.entries(row.id)).length).toBeGreaterThan(0)
      continue
    }
    expect(row).toMatchObject({ user: null, tags: [], tenant: 'acme' })
    expect((await errorOf(store.entries(row.id))).code).toBe('run_erased')
    expect(await store.inbox(row.id)).toEqual([])
  }
  const left = rows.filter(({ erasedAt }) => erasedAt === null).map(({ id }) => id)
  expect(left).toEqual(['b1', 'b1/agent:echo', 'c1', 'c1/agent:echo'])
  expect((await store.schedules({})).map(({ name }) => name)).toEqual(['b-daily', 'c-daily'])
  expect(JSON.stringify(await store.audit({}))).not.toContain(ANN.user)
}
