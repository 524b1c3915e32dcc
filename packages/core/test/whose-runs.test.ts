// Whose a run is: said when it begins, kept by all that comes of it, and part of what makes a second start the same.
import { Crash, crashing, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { agentTool, createRuntime, defineAgent, defineWorkflow, type Store } from '../src/index.ts'
import { echo, quiet, runtimeOf } from './flow.fixture.ts'
import { errorOf, parsed, textOf } from './golden.fixture.ts'

const ANN = { tenant: 'acme', user: 'ann' }

const family = defineWorkflow({
  name: 'family',
  input: z.number(),
  async run(ctx, round): Promise<string> {
    await ctx.agent(echo, `round ${round}`)
    return round < 2 ? ctx.continueAs(round + 1) : 'done'
  },
})

async function whoseIn(store: Store): Promise<Record<string, string>> {
  const rows = await store.runs({})
  return Object.fromEntries(rows.map(({ id, tenant, user }) => [id, `${tenant} ${user}`]))
}

describe('whose a run is', () => {
  it('is said when it begins, and kept by its children, its continuations, its forks and theirs', async () => {
    const store = memoryStore()
    await using runtime = runtimeOf([family], store)
    await (await runtime.start(family, 1, { id: 'r', ...ANN })).result()
    await (await runtime.fork('r', { at: 1, id: 'f', effects: 'live' })).outcome()
    await (await runtime.fork('r/agent:echo', { at: 1, id: 'g' })).outcome()

    expect(await whoseIn(store)).toEqual({
      r: 'acme ann',
      'r/agent:echo': 'acme ann',
      'r~2': 'acme ann',
      'r~2/agent:echo': 'acme ann',
      f: 'acme ann',
      'f/agent:echo': 'acme ann',
      'f~2': 'acme ann',
      'f~2/agent:echo': 'acme ann',
      g: 'acme ann',
    })
  })

  it('is kept by an agent that another calls as a tool', async () => {
    const helper = defineAgent({ name: 'helper', model: 'm', instructions: '' })
    const ask = agentTool(helper, { name: 'ask', description: 'Asks.' })
    const boss = defineAgent({ name: 'boss', model: 'm', instructions: '', tools: [ask] })
    const store = memoryStore()
    const models = scriptedModel(({ card, items }) =>
      card.agent === 'boss' && items.length === 1
        ? { calls: [{ name: 'ask', arguments: { task: 'it' } }] }
        : { text: 'done' },
    )
    await using runtime = createRuntime({ store, models, definitions: [boss, helper], log: quiet })
    await (await runtime.start(boss, 'go', { id: 'r', ...ANN })).result()

    expect(Object.values(await whoseIn(store))).toEqual(['acme ann', 'acme ann'])
  })

  it('stays through a crash at every write', async () => {
    for (let at = 1; ; at++) {
      const store = memoryStore()
      const first = crashing(store, { of: 'write', at, side: 'after' })
      for (const one of [first, store]) {
        const runtime = runtimeOf([family], one)
        try {
          await runtime.enqueue(family, 1, { id: 'r', ...ANN })
          await (await runtime.start(family, 1, { id: 'r', ...ANN })).outcome()
        } catch (error) {
          if (!(error instanceof Crash)) throw error
        } finally {
          await runtime.close()
        }
      }
      expect(new Set(Object.values(await whoseIn(store)))).toEqual(new Set(['acme ann']))
      if (first.writes < at) break
    }
  })

  it('makes a second start the same run, or refuses it without a name', async () => {
    await using runtime = runtimeOf([])
    await (await runtime.start(echo, 'hi', { id: 'r', ...ANN })).result()

    expect(await (await runtime.start(echo, 'hi', { id: 'r', ...ANN })).result()).toBe('HI')
    expect(await runtime.enqueue(echo, 'hi', { id: 'r', ...ANN })).toEqual({ id: 'r' })
    for (const whose of [
      {},
      { tenant: 'acme' },
      { ...ANN, user: 'bob' },
      { ...ANN, tenant: 'evil' },
      { user: 'ann' },
    ]) {
      const { code, message } = await errorOf(runtime.start(echo, 'hi', { id: 'r', ...whose }))
      expect(code).toBe('run_exists')
      expect(message).not.toMatch(/acme|ann/)
      expect((await errorOf(runtime.enqueue(echo, 'hi', { id: 'r', ...whose }))).code).toBe('run_exists')
    }
    await runtime.start(echo, 'hi', { id: 'other', tenant: 'other' })
    expect((await errorOf(runtime.fork('r', { at: 1, id: 'other' }))).message).toBe(
      'The id "other" is taken by a run that is not of this tenant. Use another id: tenants share one set of them.',
    )
  })

  it('is text of 1 to 200 characters that holds no secret of the run', async () => {
    await using runtime = runtimeOf([])
    for (const wrong of ['', 'x'.repeat(201), 'a\u0000', '\ud800', 4, null])
      for (const what of ['tenant', 'user'])
        for (const begin of ['start', 'enqueue'] as const) {
          const { code, message } = await errorOf(runtime[begin](echo, 'hi', { [what]: wrong }))
          expect([code, message]).toEqual(['bad_text', expect.stringContaining(`runtime.${begin} was given ${what} `)])
        }
    const context = z.object({ key: z.string().meta({ secret: true }) })
    const keyed = defineAgent({ name: 'keyed', model: 'm', instructions: '', context })
    const store = memoryStore()
    await using other = runtimeOf([keyed], store)
    const begun = other.start(keyed, 'hi', {
      id: 'r',
      user: 'of-sk-live-0123456789',
      context: { key: 'sk-live-0123456789' },
    })
    expect((await errorOf(begun)).message).toBe(
      'The user given for the run of agent "keyed" holds a secret of it, and users are shown. Use another user.',
    )
    expect(await store.runs({})).toEqual([])
  })

  it('goes with golden runs where it was said, and comes back with them', async () => {
    const [store, to] = [memoryStore(), memoryStore()]
    await using runtime = runtimeOf([], store)
    await (await runtime.start(echo, 'hi', { id: 'a', ...ANN })).result()
    await (await runtime.start(echo, 'hi', { id: 'b' })).result()
    const text = await textOf(runtime.export({}))
    const [, a, ...rest] = parsed(text)
    const b = rest.find(({ run }) => run === 'b') ?? {}
    expect([a?.['tenant'], a?.['user'], 'tenant' in b, 'user' in b]).toEqual(['acme', 'ann', false, false])

    await using other = runtimeOf([], to)
    expect((await other.import([text])).runs).toEqual(['a', 'b'])
    expect((await other.import([text])).present).toEqual(['a', 'b'])
    expect(await whoseIn(to)).toEqual({ a: 'acme ann', b: 'null null' })
    const { code, message } = await errorOf(other.import([text.replace('"user":"ann"', '"user":"bob"')]))
    expect([code, message]).toEqual(['run_exists', expect.stringContaining('it has user "ann", and not "bob"')])
    expect((await errorOf(other.import([text.replace('"user":"ann"', '"user":4')]))).message).toContain(
      'It must be text, or left out.',
    )
    expect(await textOf(runtime.export({ user: 'ann' }))).toContain('"run":"a"')
    expect(await textOf(runtime.export({ user: 'ann' }))).not.toContain('"run":"b"')
  })

  it('is what runs are listed by', async () => {
    await using runtime = runtimeOf([])
    await runtime.enqueue(echo, 'hi', { id: 'a', ...ANN })
    await runtime.enqueue(echo, 'hi', { id: 'b', tenant: 'acme' })
    await runtime.enqueue(echo, 'hi', { id: 'c', user: 'ann' })
    const ids = async (filter: object) => (await runtime.runs.list(filter)).map(({ id }) => id)

    expect(await ids({ tenant: 'acme' })).toEqual(['a', 'b'])
    expect(await ids({ user: 'ann' })).toEqual(['a', 'c'])
    expect(await ids(ANN)).toEqual(['a'])
    expect((await errorOf(runtime.runs.list({ tenant: 4 as never }))).code).toBe('bad_text')
  })
})
