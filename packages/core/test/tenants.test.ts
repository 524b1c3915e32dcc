// A runtime of one tenant: every door that names or lists runs is one that no other tenant's run comes through.
import { manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  createRuntime,
  defineAgent,
  defineSignal,
  defineTool,
  defineWorkflow,
  RepriseError,
  type Runtime,
  type RunHandle,
  type RunRow,
  type Schedule,
  type Store,
} from '../src/index.ts'
import { quiet } from './flow.fixture.ts'
import { errorOf, runsIn, textOf } from './golden.fixture.ts'
import { call } from './world.fixture.ts'

type Any = Runtime

const seal = defineTool({
  name: 'seal',
  description: 'Seals what somebody allows.',
  input: z.object({ id: z.string() }),
  effect: 'idempotent',
  approval: true,
  execute: ({ id }) => `sealed ${id}`,
})
const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: '', tools: [seal] })
const go = defineSignal({ name: 'go', payload: z.string() })
const flow = defineWorkflow({ name: 'flow', input: z.string(), run: (ctx) => ctx.receive(go) })
const definitions = [clerk, flow]
const models = scriptedModel(({ items }) =>
  items.some(({ kind }) => kind === 'result') ? { text: 'done' } : { calls: [call('seal', 'a')] },
)
const ASK = 'agent:0/turn:0/call:0'
const ME = { by: 'me' }

function runtimeOn(store: Store): Any {
  return createRuntime({ store, models, definitions, clock: manualClock({ now: 1_000 }), log: quiet, random: () => 0 })
}

/** A store with runs of two tenants and of none, each waiting, ended, in quarantine and in the inbox of nobody. */
async function shared(): Promise<Store> {
  const store = memoryStore()
  await using runtime = runtimeOn(store)
  for (const [tenant, of] of [
    ['acme', 'acme'],
    ['other', 'theirs'],
    [undefined, 'nobodys'],
  ] as const) {
    const whose = tenant === undefined ? {} : { tenant, user: 'ann' }
    await (await runtime.start(clerk, 'go', { id: of, ...whose, tags: ['web'] })).outcome()
    await (await runtime.start(flow, 'go', { id: `${of}-flow`, ...whose })).outcome()
    await (await runtime.start(clerk, 'go', { id: `${of}-done`, ...whose })).outcome()
    await (await runtime.reject(`${of}-done`, ASK, ME)).outcome()
    await runtime.enqueue(clerk, 'go', { id: `${of}-queued`, ...whose })
    await (await runtime.session(`${of}-chat`, { agent: clerk, ...whose }).send('go', { id: 'm' })).outcome()
    await runtime.schedule(of, { cron: '* * * * *', definition: flow, input: 'go', ...whose })
  }
  return store
}

/** All that a store has of the runs and schedules that are not acme's. */
async function others(store: Store): Promise<unknown> {
  const rows = (await store.runs({})).filter(({ tenant }) => tenant !== 'acme')
  const journals = rows.map(async ({ id }) => [await store.entries(id), await store.inbox(id)] as const)
  const schedules = (await store.schedules({})).filter(({ tenant }) => tenant !== 'acme')
  return [[rows, schedules], await Promise.all(journals), await store.audit({})]
}

/** What came of something, with the id that was named taken out. */
async function came(of: () => unknown, id: string): Promise<string> {
  try {
    return JSON.stringify((await of()) ?? null).replaceAll(id, 'ID')
  } catch (error) {
    if (!RepriseError.is(error)) throw error
    return `${error.name} ${error.code} ${error.message} ${JSON.stringify(error.details)}`.replaceAll(id, 'ID')
  }
}

async function all<T>(given: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const one of given) list.push(one)
  return list
}

const named = (schedules: readonly Schedule[]): string[] => schedules.map(({ name }) => name)

const summed = (rows: readonly RunRow[]): string[] => rows.map(({ id }) => id)

/** Each method that names a run, or lists some, called with an id that its tenant has no run of. */
const doors: Record<string, (runtime: Any, id: string) => unknown> = {
  resume: (runtime, id) => runtime.resume(id),
  replay: async (runtime, id) => [
    await came(() => runtime.replay(id), id),
    await all(runtime.replay({ ids: [id] })),
    (await all(runtime.replay({}))).map(({ runId }) => runId),
    await runtime.replay({ ids: [id] }).summary(),
  ],
  backtest: async (runtime, id) => [
    await came(() => runtime.backtest({ ids: [id] }, { model: 'm' }), id),
    (await runtime.backtest({ status: 'completed' }, { model: 'm' })).runs.length,
  ],
  estimateBacktest: async (runtime, id) => [
    await came(() => runtime.estimateBacktest({ ids: [id] }, { model: 'm' }), id),
    await runtime.estimateBacktest({ status: 'completed' }, { model: 'm' }),
  ],
  fork: (runtime, id) => runtime.fork(id, { at: 1 }),
  diff: async (runtime, id) => [
    await came(() => runtime.diff(id, 'acme'), id),
    await came(() => runtime.diff('acme', id), id),
  ],
  cancel: (runtime, id) => runtime.cancel(id),
  send: async (runtime, id) => [
    await came(() => runtime.send(id, go, 'x'), id),
    await came(() => runtime.send(`${id}-flow`, go, 'x'), id),
    await came(() => runtime.send(`${id}-flow`, go, 'x', { id: 'm1' }), id),
  ],
  settleDoubt: (runtime, id) => runtime.settleDoubt(id, ASK, { happened: false }),
  resolve: (runtime, id) => runtime.resolve(id, ASK, { happened: false }),
  approve: (runtime, id) => runtime.approve(id, ASK, ME),
  reject: (runtime, id) => runtime.reject(id, ASK, ME),
  answer: (runtime, id) => runtime.answer(`${id}/${ASK}`, 'yes', ME),
  approvals: async (runtime, id) => [
    await runtime.approvals(),
    await runtime.approvals({ tenant: 'other' }),
    await came(() => runtime.approvals({ after: `${id}/${ASK}` }), id),
  ],
  rewind: async (runtime, id) => [
    await came(() => runtime.rewind(id, { from: 'acme', to: 'acme', ...ME }), id),
    await came(() => runtime.rewind('acme', { from: id, to: 'acme', ...ME }), id),
    await came(() => runtime.rewind('acme', { from: 'acme', to: id, ...ME }), id),
  ],
  unquarantine: (runtime, id) => runtime.unquarantine(id, ME),
  release: (runtime, id) => runtime.release(id, ME),
  export: async (runtime, id) => [
    await came(() => textOf(runtime.export(id)), id),
    await came(() => textOf(runtime.export(['acme', id])), id),
    runsIn(await textOf(runtime.export({}))),
    runsIn(await textOf(runtime.export({ tenant: 'other' }))),
    runsIn(await textOf(runtime.export({ parentId: id, forkOf: id }))),
  ],
  session: async (runtime, id) => {
    const session = runtime.session(`${id}-chat`, { agent: clerk })
    return [
      await session.history(),
      await session.runs(),
      await session.totals(),
      await came(() => session.erase(ME), id),
    ]
  },
  gc: (runtime) => runtime.gc({ olderThanMs: 0 }),
  erase: async (runtime, id) => [
    await came(() => runtime.erase(id, ME), id),
    await came(() => runtime.erase(`${id}-done`, ME), id),
  ],
  exportSubject: async (runtime, id) => [
    await all(runtime.exportSubject({ tenant: 'other' })),
    await all(runtime.exportSubject({ tenant: 'other', user: 'ann' })),
    (await all(runtime.exportSubject({ user: 'ann' }))).flatMap((part) => (part.kind === 'run' ? part.run.id : [])),
    (await all(runtime.exportSubject({ user: id }))).length,
  ],
  eraseSubject: async (runtime, id) => [
    await runtime.eraseSubject({ tenant: 'other' }, ME),
    await runtime.eraseSubject({ tenant: 'other', user: 'ann' }, ME),
    await runtime.eraseSubject({ user: id }, ME),
    await runtime.eraseSubject({ user: 'ann' }, ME),
  ],
  audit: async (runtime, id) => [
    await runtime.audit({ runId: id }),
    await runtime.audit({ lineageId: id }),
    await runtime.audit({ tenant: 'other' }),
  ],
  queue: (runtime) => runtime.queue(),
  'runs.stuck': async (runtime) => (await all(runtime.runs.stuck())).map(({ run }) => run.id),
  'runs.get': (runtime, id) => runtime.runs.get(id),
  'runs.newest': (runtime, id) => runtime.runs.newest(id),
  'runs.before': async (runtime, id) => [
    await came(() => runtime.runs.before(id), id),
    await came(() => runtime.runs.before(`${id}-chat/m`), id),
  ],
  'runs.entries': async (runtime, id) => [
    await came(() => runtime.runs.entries(id), id),
    await came(() => runtime.runs.entries(id, { from: 1, reader: 'me' }), id),
  ],
  'runs.list': async (runtime, id) => [
    summed(await runtime.runs.list()),
    summed(await runtime.runs.list({ tag: 'web', order: 'newest' })),
    summed(await runtime.runs.list({ tenant: 'other' })),
    summed(await runtime.runs.list({ user: 'ann' })),
    summed(await runtime.runs.list({ parentId: id })),
    summed(await runtime.runs.list({ forkOf: id })),
    await came(() => runtime.runs.list({ after: id }), id),
  ],
  'schedules.list': async (runtime, id) => [
    named(await runtime.schedules.list()),
    named(await runtime.schedules.list({ name: id })),
    named(await runtime.schedules.list({ tenant: 'other' })),
    named(await runtime.schedules.list({ user: 'ann' })),
    named(await runtime.schedules.list({ after: 'acme' })),
  ],
  'schedules.get': (runtime, id) => runtime.schedules.get(id),
  'schedules.pause': (runtime, id) => runtime.schedules.pause(id),
  'schedules.resume': (runtime, id) => runtime.schedules.resume(id),
  'schedules.runNow': (runtime, id) => runtime.schedules.runNow(id),
  'schedules.backfill': (runtime, id) => runtime.schedules.backfill(id, 0, 1_000),
  'schedules.remove': (runtime, id) => runtime.schedules.remove(id),
}

/** What names no run, begins one of its own, or is tried by itself below. */
const elsewhere = [
  'constructor',
  'start',
  'enqueue',
  'work',
  'import',
  'backup',
  'pruneAudit',
  'forTenant',
  'close',
  'health',
  'schedule',
]

/** A handle is given for a run that was found, and names no other. */
const ofHandle = ['constructor', 'on', 'outcome', 'result', 'cancel', 'events']

function methodsOf(of: object): string[] {
  return Object.getOwnPropertyNames(Object.getPrototypeOf(of))
}

describe('a runtime of one tenant', () => {
  it('has no method that is not held to it here', async () => {
    await using runtime = runtimeOn(memoryStore())
    const handle: RunHandle = await runtime.start(clerk, 'go')
    const methods = [
      ...methodsOf(runtime),
      ...methodsOf(runtime.runs).map((name) => `runs.${name}`),
      ...methodsOf(runtime.schedules).map((name) => `schedules.${name}`),
    ]

    expect(methods.filter((name) => !name.endsWith('.constructor')).toSorted()).toEqual(
      [...Object.keys(doors), ...elsewhere].toSorted(),
    )
    expect(methodsOf(handle).toSorted()).toEqual(ofHandle.toSorted())
    await handle.cancel()
  })

  it.each(Object.keys(doors))('answers %s of another tenant’s run, and of nobody’s, as of none', async (name) => {
    const answers = []
    for (const id of ['theirs', 'nobodys', 'no-such-run']) {
      const store = await shared()
      const before = await others(store)
      await using runtime = runtimeOn(store)
      answers.push(await came(() => doors[name]?.(runtime.forTenant('acme'), id), id))
      expect(await others(store)).toEqual(
        // What acme does to its own is noted, too.
        [...(before as unknown[]).slice(0, 2), expect.arrayContaining((before as [unknown, unknown, unknown[]])[2])],
      )
    }

    expect(answers[0]).toBe(answers[2])
    expect(answers[1]).toBe(answers[2])
    expect(answers[0]?.replaceAll('"tenant":"other"', '')).not.toMatch(/theirs|nobodys|other/)
  })

  it('begins its own runs, and is refused an id that another tenant has without a word of whose it is', async () => {
    await using runtime = runtimeOn(await shared())
    const acme = runtime.forTenant('acme')
    await acme.enqueue(clerk, 'go', { id: 'a' })
    await acme.enqueue(clerk, 'go', { id: 'b', tenant: 'acme', user: 'ann' })
    expect(await acme.runs.get('a')).toMatchObject({ tenant: 'acme', user: null })

    const taken = (id: string) =>
      `The id "${id}" is taken by a run that is not of this tenant. Use another id: tenants share one set of them.`
    for (const id of ['theirs', 'nobodys', 'theirs-done', 'theirs-queued']) {
      expect((await errorOf(acme.start(clerk, 'go', { id }))).message).toBe(taken(id))
      expect((await errorOf(acme.enqueue(clerk, 'other', { id }))).message).toBe(taken(id))
      expect((await errorOf(acme.fork('acme', { at: 1, id }))).message).toBe(taken(id))
    }
    expect((await errorOf(acme.start(clerk, 'go', { tenant: 'other' }))).code).toBe('bad_argument')
  })

  it('takes in neither a run of another tenant, nor one that came of such a run, nor the id of one', async () => {
    const from = memoryStore()
    const there = runtimeOn(from)
    for (const id of ['new', 'theirs']) await (await there.start(clerk, 'go', { id, tenant: 'acme' })).outcome()
    const [fresh, same] = [await textOf(there.export('new')), await textOf(there.export('theirs'))]
    const store = await shared()
    const before = await others(store)
    await using runtime = runtimeOn(store)
    const acme = runtime.forTenant('acme')
    const codeOf = async (text: string) => (await errorOf(acme.import([text]))).code

    expect(await codeOf(fresh.replace('"tenant":"acme"', '"tenant":"other"'))).toBe('one_tenant')
    expect(await codeOf(fresh.replace(',"tenant":"acme"', ''))).toBe('one_tenant')
    for (const part of ['"lineageId":"new"', '"root":"new"'])
      expect(await codeOf(fresh.replace(part, part.replace('new', 'theirs')))).toBe('one_tenant')
    for (const part of ['parentId', 'forkOf'])
      expect(await codeOf(fresh.replace(`"${part}":null`, `"${part}":"nobodys"`))).toBe('one_tenant')
    expect(await codeOf(same)).toBe('run_exists')
    expect(await others(store)).toEqual(before)
    expect((await acme.import([fresh])).runs).toEqual(['new'])
  })

  it('has a worker that takes its runs alone', async () => {
    const store = await shared()
    await using runtime = runtimeOn(store)
    const worker = runtime.forTenant('acme').work()
    const handle = await runtime.forTenant('acme').resume('acme-queued')
    await handle.outcome()
    await worker.stop()

    const statuses = (await store.runs({})).filter(({ id }) => id.endsWith('queued'))
    expect(statuses.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'acme-queued waiting',
      'theirs-queued queued',
      'nobodys-queued queued',
    ])
  })

  it('is a view that is refused what is done to the whole store, and that leads to no other tenant', async () => {
    await using runtime = runtimeOn(await shared())
    const acme = runtime.forTenant('acme')
    expect((await errorOf(acme.backup('x.db'))).code).toBe('one_tenant')
    expect((await errorOf(acme.pruneAudit({ olderThanMs: 0, ...ME }))).code).toBe('one_tenant')
    expect((await errorOf(acme.queue())).code).toBe('one_tenant')
    expect(await acme.health()).toEqual(await runtime.health())
    expect(() => acme.forTenant('other')).toThrow('A runtime of one tenant was given tenant: "other".')
    expect(summed(await acme.forTenant('acme').runs.list())).toEqual(summed(await acme.runs.list()))
    for (const wrong of ['', 4, undefined, 'x'.repeat(201)])
      expect(() => runtime.forTenant(wrong as never)).toThrow(/runtime\.forTenant was given tenant/)
    await acme.close()
    expect(await (await acme.approve('acme', ASK, ME)).result()).toBe('done')
    expect(summed(await runtime.runs.list())).toHaveLength(15)
  })
})
