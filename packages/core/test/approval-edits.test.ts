// Calls that somebody allows with other arguments, and calls that several people must allow.
import { sqlite } from '@reprise/store'
import { crashing, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { after, type By, createRuntime, defineAgent, defineTool, type Outcome, type Store } from '../src/index.ts'
import { outline, untilCrash } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const key = 'agent:0/turn:0/call:0'
const ana = { id: 'ana', source: 'oidc' }
const ben = { id: 'ben', source: 'oidc' }

function till(paid: string[], more: { readonly approvers?: number; readonly rules?: boolean } = {}) {
  const { approvers, rules } = more
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    input: z.object({ usd: z.number().positive(), note: z.string().optional() }),
    effect: 'idempotent',
    approval: ({ usd }) => usd > 100,
    ...(approvers !== undefined && { approvers }),
    execute: ({ usd }, { idempotencyKey }) => {
      paid.push(`${usd} ${idempotencyKey}`)
      return { paid: usd }
    },
  })
  const look = defineTool({ name: 'look', description: '', input: z.object({}), effect: 'read', execute: () => '' })
  const own = rules ? { rules: [after(pay, look)] } : {}
  return defineAgent({ name: 'till', model: 'm', instructions: '', tools: [pay, look], ...own })
}

function pays(told: string[] = []) {
  return scriptedModel(({ items }) => {
    const results = items.flatMap((item) => (item.kind === 'result' ? [item.output] : []))
    told.push(...results)
    return results.length > 0 ? { text: 'done' } : { calls: [{ name: 'pay', arguments: { usd: 200 } }] }
  })
}

async function asked(
  agent = till([]),
  { store = memoryStore(), told = [] }: { readonly store?: Store; readonly told?: string[] } = {},
) {
  const runtime = createRuntime({ store, models: pays(told), definitions: [agent], log: quiet })
  await (await runtime.start(agent, 'go', { id: 'r' })).outcome()
  return runtime
}

describe('a call that is allowed with other arguments', () => {
  it('runs with these under its key, and the model hears so; its own call stays as it was', async () => {
    const [paid, told]: [string[], string[]] = [[], []]
    await using runtime = await asked(till(paid), { told })
    const run = await runtime.approve('r', key, { by: ana, reason: 'part of it', arguments: { usd: 150 } })
    expect(await run.result()).toBe('done')
    expect(paid).toEqual([`150 r/${key}`])
    expect(told).toEqual(['The arguments were changed by ana, to {"usd":150}. With these:\n{"paid":150}'])
    const entries = await runtime.runs.entries('r')
    expect(outline(entries).slice(1)).toEqual([
      'model.replied agent:0/turn:0',
      `approval.asked ${key}`,
      'run.waiting run',
      `approval.given ${key}`,
      `call.judged ${key}`,
      `call.returned ${key}`,
      'model.replied agent:0/turn:1',
      'run.completed run',
    ])
    const [given] = entries.filter(({ kind }) => kind === 'approval.given')
    const [returned] = entries.filter(({ kind }) => kind === 'call.returned')
    expect(given?.body).toMatchObject({
      by: 'ana',
      source: 'oidc',
      reason: 'part of it',
      edited: { arguments: { usd: 150 } },
    })
    expect(given?.kind === 'approval.given' && given.body.edited?.asked).toBe(
      returned?.kind === 'call.returned' && returned.body.asked,
    )
    const [reply] = entries.filter(({ kind }) => kind === 'model.replied')
    expect(JSON.stringify(reply?.body)).toContain('\\"usd\\":200')
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is refused where the schema does not take them, and waits on', async () => {
    const paid: string[] = []
    await using runtime = await asked(till(paid))
    await expect(runtime.approve('r', key, { by: ana, arguments: { usd: -1 } })).rejects.toThrow(
      `The call at "${key}" of the run "r" was not allowed with other arguments: the arguments of pay are wrong.`,
    )
    await expect(runtime.approve('r', key, { by: ana, arguments: [] as never })).rejects.toThrow('was given arguments')
    expect((await runtime.runs.get('r')).waiting).toMatchObject({ kind: 'approval', id: key })
    expect(paid).toEqual([])
  })

  it('is one word: the same again is heard, and other arguments are told who was first', async () => {
    await using runtime = await asked()
    await (await runtime.approve('r', key, { by: ana, arguments: { usd: 150 } })).result()
    await runtime.approve('r', key, { by: ben, arguments: { usd: 150 } })
    for (const other of [{ arguments: { usd: 120 } }, {}])
      await expect(runtime.approve('r', key, { by: ben, ...other })).rejects.toThrow(
        `ana has allowed it with other arguments, of "${key}" of the run "r": you cannot say otherwise now.`,
      )
    await expect(runtime.reject('r', key, { by: ben })).rejects.toThrow('ana has allowed it')
  })

  it('is answered from the journal where another model makes the same call', async () => {
    await using runtime = await asked()
    await (await runtime.approve('r', key, { by: ana, arguments: { usd: 150 } })).result()
    const { all } = await runtime.backtest({ name: 'till' }, { model: 'm2' })
    expect(all).toMatchObject({ runs: 1, same: 1 })
  })

  it('is given what the schema makes of these', async () => {
    const seen: unknown[] = []
    const pay = defineTool({
      name: 'pay',
      description: 'Pays.',
      input: z.object({ usd: z.number().transform((usd) => usd * 100) }),
      effect: 'idempotent',
      approval: true,
      execute: (given) => void seen.push(given),
    })
    await using runtime = await asked(defineAgent({ name: 'till', model: 'm', instructions: '', tools: [pay] }))
    await (await runtime.approve('r', key, { by: ana, arguments: { usd: 3 } })).result()
    expect(seen).toEqual([{ usd: 300 }])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is what the model gave where they are the same', async () => {
    await using runtime = await asked()
    await (await runtime.approve('r', key, { by: ana, arguments: { usd: 200 } })).result()
    const [given] = (await runtime.runs.entries('r')).filter(({ kind }) => kind === 'approval.given')
    expect(given?.body).not.toHaveProperty('edited')
  })

  it('asks anew in a fork, with the arguments of the model', async () => {
    const paid: string[] = []
    await using runtime = await asked(till(paid))
    await (await runtime.approve('r', key, { by: ana, arguments: { usd: 150 } })).result()
    for (const at of [5, 6]) {
      const fork = await runtime.fork('r', { at, id: `f${at}`, effects: 'live' })
      expect(await fork.outcome()).toMatchObject({
        kind: 'waiting',
        waits: [{ kind: 'approval', arguments: { usd: 200 } }],
      })
    }
    const settled = await runtime.fork('r', { at: 7, id: 'f7', effects: 'live' })
    expect(await settled.result()).toBe('done')
    for (const id of ['f5', 'f6', 'f7']) expect((await runtime.replay(id)).status).toBe('matched')
    expect(paid).toEqual([`150 r/${key}`])
  })

  it('is judged again by the rules, and never runs where they refuse it now', async () => {
    const paid: string[] = []
    const store = memoryStore()
    const old = till(paid)
    await (await asked(old, { store })).close()
    const told: string[] = []
    const agent = till(paid, { rules: true })
    await using runtime = createRuntime({ store, models: pays(told), definitions: [agent], log: quiet })
    const run = await runtime.approve('r', key, { by: ana, arguments: { usd: 150 } })
    expect(await run.result()).toBe('done')
    expect(paid).toEqual([])
    expect(told[0]).toContain('The arguments were changed by ana, to {"usd":150}. With these:\nNot executed')
    expect((await runtime.replay('r')).status).toBe('diverged')
  })

  it('keeps what is secret in them', async () => {
    const seen: string[] = []
    const login = defineTool({
      name: 'pay',
      description: 'Pays.',
      input: z.object({ usd: z.number(), pin: z.string().meta({ secret: true }).optional() }),
      effect: 'idempotent',
      approval: true,
      execute: ({ pin }) => void seen.push(String(pin)),
    })
    const agent = defineAgent({ name: 'till', model: 'm', instructions: '', tools: [login] })
    const store = sqlite(':memory:', { encryption: { key: Buffer.alloc(32, 7).toString('base64') } })
    await using runtime = await asked(agent, { store })
    await (await runtime.approve('r', key, { by: ana, arguments: { usd: 1, pin: 'pin-4711' } })).result()
    expect(seen).toEqual(['pin-4711'])
    expect(JSON.stringify(await runtime.runs.entries('r'))).not.toContain('4711')
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it.each([1, 2])('is given once and kept, wherever the process dies, where %i must allow it', async (approvers) => {
    const run = async (store: Store, paid: string[]): Promise<unknown> => {
      const agent = till(paid, { approvers })
      const runtime = createRuntime({ store, models: pays(), definitions: [agent], log: quiet })
      return untilCrash(runtime, async () => {
        let outcome: Outcome = await (await runtime.start(agent, 'go', { id: 'r' })).outcome()
        while (outcome.kind === 'waiting' && outcome.waiting.kind === 'approval') {
          const { id } = outcome.waiting
          const word = id === key ? { by: ana, arguments: { usd: 101 } } : { by: ben }
          outcome = await (await runtime.approve('r', id, word)).outcome()
        }
        return outcome
      })
    }
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before', of: 'write' })
    const expected = await run(counted, [])
    expect(expected).toMatchObject({ kind: 'completed' })
    for (let at = 1; at <= counted.writes; at++)
      for (const side of ['before', 'after'] as const) {
        const store = memoryStore()
        const paid: string[] = []
        const dying = (await run(crashing(store, { at, side, of: 'write' }), paid)) as { kind: string } | undefined
        const outcome = dying?.kind === 'completed' ? dying : await run(store, paid)
        expect(outcome, `write ${at}, ${side}`).toEqual(expected)
        expect([...new Set(paid)], `write ${at}, ${side}`).toEqual([`101 r/${key}`])
        const given = (await store.entries('r')).filter(({ kind }) => kind === 'approval.given')
        expect(given, `write ${at}, ${side}`).toHaveLength(approvers)
      }
  })
})

describe('a call that several people must allow', () => {
  it('runs once so many have, each known and each another', async () => {
    const paid: string[] = []
    await using runtime = await asked(till(paid, { approvers: 2 }))
    const says = async (by: By) => (await runtime.approve('r', key, { by })).outcome()
    for (const by of ['ana', { id: 'ana', source: 'cli' }])
      await expect(says(by)).rejects.toMatchObject({ code: 'not_authenticated' })
    expect(await says(ana)).toMatchObject({ kind: 'waiting', waiting: { id: key, approvers: 2, by: ['ana'] } })
    expect(await says({ id: 'ana', source: 'api-key' })).toMatchObject({ kind: 'waiting' })
    expect(paid).toEqual([])
    expect(await says(ben)).toMatchObject({ kind: 'completed' })
    expect(paid).toEqual([`200 r/${key}`])
    const given = (await runtime.runs.entries('r')).filter(({ kind }) => kind === 'approval.given')
    expect(given.map(({ body }) => body)).toMatchObject([
      { by: 'ana', source: 'oidc', approved: true },
      { by: 'ben', source: 'oidc', approved: true },
    ])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is refused by one', async () => {
    const paid: string[] = []
    await using runtime = await asked(till(paid, { approvers: 2 }))
    await (await runtime.approve('r', key, { by: ana })).outcome()
    expect(await (await runtime.reject('r', key, { by: 'cem' })).result()).toBe('done')
    expect(paid).toEqual([])
  })

  it('asks the others about other arguments, under another id', async () => {
    const paid: string[] = []
    await using runtime = await asked(till(paid, { approvers: 2 }))
    const edited = await runtime.approve('r', key, { by: ana, arguments: { usd: 150 } })
    expect(await edited.outcome()).toMatchObject({
      kind: 'waiting',
      waits: [{ id: `${key}#2`, by: ['ana'], arguments: { usd: 150 } }],
    })
    await expect(runtime.approve('r', key, { by: ben })).rejects.toThrow('ana has allowed it with other arguments')
    expect(await (await runtime.approve('r', `${key}#2`, { by: ben })).result()).toBe('done')
    expect(paid).toEqual([`150 r/${key}`])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('counts words that come at once, each once', async () => {
    const paid: string[] = []
    await using runtime = await asked(till(paid, { approvers: 2 }))
    await Promise.all([ana, ana, ben].map((by) => runtime.approve('r', key, { by })))
    expect(await (await runtime.resume('r')).result()).toBe('done')
    expect(paid).toEqual([`200 r/${key}`])
  })

  it('is said in a number of 1 to 10', () => {
    expect(() => till([], { approvers: 0 })).toThrow('Tool "pay" has approvers 0. It must be a whole number of 1 to 10')
  })
})
