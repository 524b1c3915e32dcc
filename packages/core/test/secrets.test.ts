// What a lineage keeps secret is a token wherever it would appear, and itself for tools and steps alone.
import { setImmediate } from 'node:timers/promises'
import {
  changedStore,
  Crash,
  crashing,
  manualClock,
  memoryStore,
  type ScriptedAnswer,
  scriptedModel,
} from '@reprise/testing'
import { beginning } from '@reprise/testing/store-suite'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  agentTool,
  type CallContext,
  createRuntime,
  defineAgent,
  defineSignal,
  defineTool,
  defineWorkflow,
  type Logger,
  messageOf,
  type ModelRequest,
  type Store,
  ToolError,
} from '../src/index.ts'
import { byTurn, outline } from './world.fixture.ts'

const KEY = 'sk-live-"9f8e7d"\n#6c5b4a'
const CARD = '4111 1111 1111 1111'
const TOKEN = /secret_[\w-]{22}/g

/** What tools were given, for real. */
interface World {
  readonly given: unknown[]
}
type Ctx = CallContext<{ apiKey: string }, World>

const ping = defineTool({
  name: 'ping',
  description: 'Pings.',
  input: z.object({ note: z.string() }),
  effect: 'idempotent',
  execute: ({ note }, { services, context, log }: Ctx) => {
    services.given.push({ note, context })
    const { apiKey } = context
    const circle: { apiKey: string; self?: object } = { apiKey }
    circle.self = circle
    log.info(`pinged with ${apiKey}`, {
      header: `Bearer ${apiKey}`,
      error: new Error(apiKey, { cause: apiKey }),
      circle,
    })
    log.warn('pinged', new Map<string, unknown>([[apiKey, [Buffer.from(apiKey), new Set([apiKey]), new Date(0)]]]))
    return { said: `key ${context.apiKey} was used`, [context.apiKey]: 1 }
  },
})

const charge = defineTool({
  name: 'charge',
  description: 'Charges a card.',
  input: z.object({
    card: z
      .string()
      .trim()
      .regex(/^\d{4}( \d{4}){3}$/)
      .meta({ secret: true }),
    usd: z.number(),
  }),
  effect: 'once',
  execute: ({ card, usd }, { services }: CallContext<unknown, World>) => {
    services.given.push({ card, usd })
    if (usd > 100) throw new ToolError({ code: 'declined', message: `declined ${card}`, details: { card } })
    return `charged ${card}`
  },
})

const helper = defineAgent({
  name: 'helper',
  model: 'm',
  context: z.object({ apiKey: z.string().startsWith('sk-').meta({ secret: true }) }),
  instructions: ({ context }) => `Use ${context.apiKey}.`,
  tools: [ping],
})

const ask = agentTool(helper, { name: 'ask', description: 'Asks the helper.' })

const clerk = defineAgent({
  name: 'clerk',
  model: 'm',
  context: z.object({ apiKey: z.string().min(20).meta({ secret: true }) }),
  instructions: ({ context }) => `Use ${context.apiKey}.`,
  tools: [ping, charge, ask],
})

function open(
  answers: readonly ScriptedAnswer[] | ((request: ModelRequest) => ScriptedAnswer),
  store: Store = memoryStore(),
) {
  const world: World = { given: [] }
  const lines: unknown[] = []
  const requests: ModelRequest[] = []
  const scripted = typeof answers === 'function' ? scriptedModel(answers) : byTurn(answers)
  const models = {
    ask: (request: ModelRequest, signal: AbortSignal) => {
      requests.push(request)
      return scripted.ask(request, signal)
    },
  }
  const write = (message: string, details?: object): void => void lines.push([message, details])
  const log: Logger = { info: write, warn: write, error: write }
  const runtime = createRuntime({
    store,
    models,
    definitions: [clerk, helper, ordering, echo, plain],
    services: world,
    random: () => 0,
    log,
  })
  return { runtime, store, world, lines, requests }
}

const order = defineSignal({ name: 'order', payload: z.object({ card: z.string().length(19).meta({ secret: true }) }) })

const plain = defineAgent({ name: 'plain', model: 'm', instructions: 'Answer.' })

const ordering = defineWorkflow({
  name: 'ordering',
  input: z.object({ apiKey: z.string().meta({ secret: true }), items: z.array(z.string()) }),
  async run(ctx, { apiKey, items }) {
    const first = await ctx.step('first', ({ reveal, log }) => {
      log.warn(`step with ${reveal(apiKey)}`)
      return `stepped with ${reveal(apiKey)}`
    })
    const failed = await ctx
      .step('bad', ({ reveal }) => Promise.reject(new Error(`no: ${reveal(apiKey)}`)), { retry: { attempts: 1 } })
      .catch((error: unknown) => String(error))
    const { card } = await ctx.receive(order)
    const length = await ctx.step('length', ({ reveal }) => reveal({ card }).card.length)
    const said = await ctx.agent(clerk, `Ping ${apiKey}`, { context: { apiKey } })
    return { apiKey, items, first, failed, card, length, said }
  },
})

const echo = defineWorkflow({
  name: 'echo',
  input: z.object({ left: z.number(), word: z.string().meta({ secret: true }) }),
  run: async (ctx, { left, word }) => (left === 0 ? word : ctx.continueAs({ left: left - 1, word })),
})

/** All that anybody may read: what the model was sent, what was logged, what the journals say. */
async function surfaces({ runtime, lines, requests }: ReturnType<typeof open>): Promise<string> {
  const rows = await runtime.runs.list()
  const entries = await Promise.all(rows.map(({ id }) => runtime.runs.entries(id)))
  return JSON.stringify({ rows, entries, lines, requests })
}

/** A text as it may be written. */
function formsOf(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1)
  const twice = JSON.stringify(json).slice(1, -1)
  return [text, json, twice, JSON.stringify(twice).slice(1, -1), encodeURIComponent(text)]
}

function expectHidden(text: string, secret: string): void {
  for (const form of formsOf(secret)) expect(text).not.toContain(form)
}

describe("a secret of an agent's context", () => {
  const script: ScriptedAnswer[] = [{ calls: [{ name: 'ping', arguments: { note: 'x' } }] }, { text: 'done' }]

  it('is given to tools, and is a token wherever it is read', async () => {
    const opened = open(script)
    const { runtime, world, requests } = opened
    const events: unknown[] = []
    const run = await runtime.start(clerk, `My key is ${KEY}`, {
      id: 'r',
      context: { apiKey: KEY },
      tags: [`k:${KEY}`],
    })
    for await (const event of run) events.push(event)
    const outcome = await run.outcome()
    const [token] = JSON.stringify(requests[0]).match(TOKEN) ?? []

    expect(world.given).toEqual([{ note: 'x', context: { apiKey: KEY } }])
    expect(requests[0]?.instructions).toBe(`Use ${token}.`)
    expect(requests[0]?.items).toEqual([{ kind: 'user', text: `My key is ${token}` }])
    expect(requests[1]?.items.at(-1)).toMatchObject({
      kind: 'result',
      output: JSON.stringify({ said: `key ${token} was used`, [`${token}`]: 1 }),
    })
    expect((await runtime.runs.get('r')).tags).toEqual([`k:${token}`])
    expectHidden(JSON.stringify([await surfaces(opened), events, outcome]), KEY)
    expect(opened.lines).toEqual([
      [
        `pinged with ${token}`,
        {
          header: `Bearer ${token}`,
          error: {
            name: 'Error',
            message: token,
            cause: token,
            stack: expect.stringContaining(`Error: ${token}\n`) as string,
          },
          circle: { apiKey: token, self: '[a circle]' },
        },
      ],
      ['pinged', [[token, ['[24 bytes]', [token], new Date(0)]]]],
    ])
    await runtime.close()
  })

  it('stays a token where the model gives it to a tool at a place that is not marked', async () => {
    const opened = open(({ items, instructions }) => {
      const [token] = instructions.match(TOKEN) ?? []
      return items.length === 1
        ? { calls: [{ name: 'ping', arguments: { note: `Bearer ${token}` } }] }
        : { text: `used ${token}` }
    })
    const run = await opened.runtime.start(clerk, 'go', { context: { apiKey: KEY } })

    expect(await run.result()).toMatch(/^used secret_[\w-]{22}$/)
    expect(opened.world.given).toEqual([
      { note: expect.stringMatching(/^Bearer secret_[\w-]{22}$/) as string, context: { apiKey: KEY } },
    ])
    expectHidden(await surfaces(opened), KEY)
    await opened.runtime.close()
  })

  it('is put back at the marked places of a tool alone, in what is said there, and what an approval judges is what runs', async () => {
    const judged: unknown[] = []
    const contexts: unknown[] = []
    const given: unknown[] = []
    const marked = z.string().meta({ secret: true })
    const send = defineTool({
      name: 'send',
      description: 'Sends.',
      input: z.object({
        header: marked,
        note: z.string(),
        list: z.array(z.object({ key: marked.optional(), said: z.string() })),
        more: z.record(z.string(), z.string()).optional(),
        trimmed: z.string().trim(),
      }),
      effect: 'idempotent',
      approval: (input, { context }) => {
        judged.push(input)
        contexts.push(context)
        return false
      },
      execute: (input) => {
        given.push(input)
        return 'sent'
      },
    })
    const agent = defineAgent({
      name: 'agent',
      model: 'm',
      context: z.object({ apiKey: marked }),
      instructions: ({ context }) => context.apiKey,
      tools: [send],
    })
    const models = scriptedModel(({ items, instructions }) => {
      const [token = ''] = instructions.match(TOKEN) ?? []
      const list = [{ key: token, said: token }, { said: `a ${token}` }]
      const args = { header: `Bearer ${token}`, note: token, list, more: { [token]: token }, trimmed: ` ${token} ` }
      return items.length === 1 ? { calls: [{ name: 'send', arguments: args }] } : { text: token }
    })
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [agent] })
    const token = await (await runtime.start(agent, 'go', { context: { apiKey: KEY } })).result()
    const rest = { note: token, more: { [token]: token }, trimmed: token }
    expect(given).toEqual([
      { header: `Bearer ${KEY}`, list: [{ key: KEY, said: token }, { said: `a ${token}` }], ...rest },
    ])
    expect(judged).toEqual(given)
    expect(contexts).toEqual([{ apiKey: KEY }])
  })

  it.each([
    ['the name of a parameter', 'note'],
    ['shaped like a token', 'secret_AAAAAAAAAAAAAAAAAAAAAA'],
    ['with blanks at its ends', '  pass word\t'],
    ['digits', '4111111111111111'],
  ])('that is %s is given to tools and hidden, and breaks none', async (_, apiKey) => {
    const noted: unknown[] = []
    const note = defineTool({
      name: 'note',
      description: 'Notes.',
      input: z.object({ note: z.number(), key: z.string().meta({ secret: true }) }),
      effect: 'idempotent',
      execute: (input, { context }: CallContext<{ note: string }>) => {
        noted.push([input, context])
        return { said: context.note, digits: Number(context.note.trim()) || 7 }
      },
    })
    const agent = defineAgent({
      name: 'agent',
      model: 'm',
      context: z.object({ note: z.string().meta({ secret: true }) }),
      instructions: ({ context }) => context.note,
      tools: [note],
    })
    const models = scriptedModel(({ items, instructions }) =>
      items.length === 1
        ? { calls: [{ name: 'note', arguments: { note: 12, key: instructions } }] }
        : { text: JSON.stringify(items.at(-1)) },
    )
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [agent] })
    const said = await (await runtime.start(agent, 'go', { id: 'r', context: { note: apiKey } })).result()
    expect(noted).toEqual([[{ note: 12, key: apiKey }, { note: apiKey }]])
    expect(said.match(TOKEN)?.length).toBeGreaterThan(0)
    if (apiKey !== 'note') expect(JSON.stringify(await runtime.runs.entries('r')) + said).not.toContain(apiKey.trim())
  })

  it('is learned of a key that stands twice too, before the call is refused', async () => {
    const opened = open([
      { calls: [{ name: 'charge', arguments: `{"card":"${CARD}","card":"4222 2222 2222 2222","usd":5}` }] },
      { text: 'done' },
    ])
    await (await opened.runtime.start(clerk, 'go', { id: 'r', context: { apiKey: KEY } })).result()
    const entries = JSON.stringify(await opened.store.entries('r'))
    expect(opened.world.given).toEqual([])
    expect(entries).toContain('card stands there twice. Write each key once.')
    expect(entries).not.toMatch(/1111 1111|2222 2222/)
    await opened.runtime.close()
  })

  it('has one token in a lineage, also for a child, and another one in every other', async () => {
    const opened = open(({ card, items }) =>
      card.agent === 'clerk' && items.length === 1
        ? { calls: [{ name: 'ask', arguments: { task: 'Help.' } }] }
        : { text: 'ok' },
    )
    for (const id of ['a', 'b'])
      await (await opened.runtime.start(clerk, 'go', { id, context: { apiKey: KEY } })).result()
    const tokens = async (id: string) => new Set(JSON.stringify(await opened.runtime.runs.entries(id)).match(TOKEN))
    const [a, child, b] = [await tokens('a'), await tokens('a/agent:0/turn:0/call:0'), await tokens('b')]

    expect([a.size, child, b.size]).toEqual([1, a, 1])
    expect(a).not.toEqual(b)
    await opened.runtime.close()
  })

  it('is the same run when it is started with the same, and another with another', async () => {
    const opened = open([{ text: 'done' }])
    const { runtime } = opened
    await (await runtime.start(clerk, 'go', { id: 'r', context: { apiKey: KEY } })).result()

    expect(await (await runtime.start(clerk, 'go', { id: 'r', context: { apiKey: KEY } })).result()).toBe('done')
    const other = await runtime
      .start(clerk, 'go', { id: 'r', context: { apiKey: `${KEY}!` } })
      .then(() => '', messageOf)
    expect(other).toMatch(/^The run "r" exists with another context: \{"apiKey":"secret_[\w-]{22}"\}, and now/)
    expectHidden(other, KEY)
    await runtime.close()
  })

  it('is not shown by the error that refuses it, nor taken into an id', async () => {
    const { runtime } = open([])

    await expect(runtime.start(clerk, 'go', { context: { apiKey: 'short' } })).rejects.toThrow(
      'The context given to agent "clerk" is wrong. The value breaks its schema in one place:\n- apiKey: Too small: expected string to have >=20 characters; got "(a secret)"',
    )
    await expect(
      runtime.start(clerk, 'go', { id: 'x0123456789abcdefghijk', context: { apiKey: '0123456789abcdefghijk' } }),
    ).rejects.toThrow(
      'The id given for the run of agent "clerk" holds a secret of it, and ids are shown. Use another id.',
    )
    await runtime.close()
  })

  it('survives a crash at any write, and what is written is the same', async () => {
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    const whole = open(script, counted)
    await (await whole.runtime.start(clerk, 'go', { id: 'r', context: { apiKey: KEY } })).result()
    const expected = outline(await whole.runtime.runs.entries('r'))
    expect(counted.commits).toBe(4)
    for (let at = 1; at <= counted.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        const store = memoryStore()
        const dying = open(script, crashing(store, { at, side }))
        await dying.runtime
          .start(clerk, 'go', { id: 'r', context: { apiKey: KEY } })
          .then((run) => run.outcome())
          .catch((error: unknown) => {
            if (!(error instanceof Crash)) throw error
          })
        await dying.runtime.close()
        const next = open(script, store)
        const run = (await store.run('r'))
          ? await next.runtime.resume('r')
          : await next.runtime.start(clerk, 'go', { id: 'r', context: { apiKey: KEY } })
        expect(await run.result()).toBe('done')
        for (const given of [...dying.world.given, ...next.world.given])
          expect(given).toEqual({ note: 'x', context: { apiKey: KEY } })
        expect(outline(await next.runtime.runs.entries('r')), `commit ${at}, ${side}`).toEqual(expected)
        expectHidden(await surfaces(next), KEY)
        await next.runtime.close()
      }
    }
  })

  it('goes along into a fork, where another process makes it', async () => {
    const { runtime, store } = open(script)
    await (await runtime.start(clerk, 'go', { id: 'r', context: { apiKey: KEY } })).result()
    await runtime.close()
    const forking = open(script, store)
    const run = await forking.runtime.fork('r', { at: 2, id: 'f', effects: 'live' })

    expect(await run.result()).toBe('done')
    expect(forking.world.given).toEqual([{ note: 'x', context: { apiKey: KEY } }])
    expectHidden(await surfaces(forking), KEY)
    await forking.runtime.close()
  })

  it('is not needed for a replay', async () => {
    const { runtime, store } = open(script)
    await (await runtime.start(clerk, `go ${KEY}`, { id: 'r', context: { apiKey: KEY } })).result()
    const lost = changedStore(store, { secrets: async () => ({ token: () => '', secrets: [] }) })

    expect(await open(script, lost).runtime.replay('r')).toMatchObject({ status: 'matched', differences: [] })
    await runtime.close()
  })
})

describe('a secret that a model gives to a tool', () => {
  const pay = (args: object): ScriptedAnswer => ({
    text: `Charging ${CARD}.`,
    calls: [{ name: 'charge', arguments: args as never }],
  })
  const context = { apiKey: 'k'.repeat(20) }

  it('is known from that reply on: what was said before is shown and sent without it too', async () => {
    const opened = open([pay({ card: ` ${CARD}`, usd: 5 }), { text: `Charged ${CARD}.` }])
    const { runtime, world, requests } = opened
    const run = await runtime.start(clerk, `My card is ${CARD}.`, { id: 'r', context })
    const [token] = (await run.result()).match(TOKEN) ?? []

    expect(world.given).toEqual([{ card: CARD, usd: 5 }])
    expect(await run.result()).toBe(`Charged ${token}.`)
    expect(requests[1]?.items.map((item) => ('text' in item ? item.text : ''))).toEqual([
      `My card is ${token}.`,
      `Charging ${token}.`,
      '',
      '',
    ])
    const { requests: _, ...read } = opened
    expectHidden(JSON.stringify(await surfaces({ ...read, requests: requests.slice(1) })), CARD)
    expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
    const again = await runtime.start(clerk, `My card is ${CARD}.`, { id: 'r', context })
    expect(await again.result()).toBe(`Charged ${token}.`)
    await runtime.close()
  })

  it('is held against the schema when it is put back, and the model is told what is wrong', async () => {
    const opened = open([pay({ card: '12', usd: 5 }), pay({ card: CARD, usd: 500 }), { text: 'done' }])
    await (await opened.runtime.start(clerk, 'go', { id: 'r', context })).result()
    const failures = (await opened.runtime.runs.entries('r')).flatMap((entry) =>
      entry.kind === 'call.failed' ? [entry.body.error] : [],
    )

    expect(opened.world.given).toEqual([{ card: CARD, usd: 500 }])
    expect(failures).toMatchObject([
      {
        code: 'bad_arguments',
        message: expect.stringMatching(
          /^Not executed: the arguments of charge are wrong.\nThe value breaks its schema in one place:\n- card: .*; got "secret_[\w-]{22}"\nCall it again with these mended\.$/,
        ) as string,
      },
      { code: 'declined', message: expect.stringMatching(/^declined secret_[\w-]{22}$/) as string },
    ])
    await opened.runtime.close()
  })

  it('is found however the model writes it in JSON', async () => {
    const args = `{ "card": "\\u0034111 1111\\u00201111 1111", "usd": 5 }`
    const opened = open([{ calls: [{ name: 'charge', arguments: args }] }, { text: 'done' }])
    await (await opened.runtime.start(clerk, 'go', { id: 'r', context })).result()
    const entries = JSON.stringify(await opened.store.entries('r'))

    expect(opened.world.given).toEqual([{ card: CARD, usd: 5 }])
    expect(entries).not.toContain('1111')
    await opened.runtime.close()
  })

  it('is refused where it is a token that stands for nothing', async () => {
    const opened = open([pay({ card: 'secret_AAAAAAAAAAAAAAAAAAAAAA', usd: 5 }), { text: 'done' }])
    await (await opened.runtime.start(clerk, 'go', { id: 'r', context })).result()

    expect(opened.world.given).toEqual([])
    expect((await opened.runtime.runs.entries('r')).find(({ kind }) => kind === 'call.failed')?.body).toMatchObject({
      error: { message: 'Not executed: card is a token that stands for nothing here. Copy it as it was.' },
    })
    await opened.runtime.close()
  })

  it('is put back at once where another process takes the run up', async () => {
    const store = memoryStore()
    const script = [pay({ card: CARD, usd: 5 }), pay({ card: CARD, usd: 6 }), { text: 'done' }]
    const dying = open(script, crashing(store, { at: 5, side: 'before' }))
    await (await dying.runtime.start(clerk, 'go', { id: 'r', context })).outcome()
    await dying.runtime.close()
    const next = open(script, store)
    const waits = await (await next.runtime.resume('r')).outcome()
    expect(waits).toMatchObject({ kind: 'waiting', waiting: { kind: 'in-doubt' } })
    const run = await next.runtime.settleDoubt('r', 'agent:0/turn:1/call:0', { happened: false }, `ana ${CARD}`)

    expect(await run.result()).toBe('done')
    expect(next.world.given).toEqual([{ card: CARD, usd: 6 }])
    expectHidden(await surfaces(next), CARD)
    await next.runtime.close()
  })

  it('that somebody says of a call in doubt is a token, and the same when it is said again', async () => {
    const store = memoryStore()
    const dying = open([pay({ card: CARD, usd: 5 })], crashing(store, { at: 3, side: 'before' }))
    await (await dying.runtime.start(clerk, 'go', { id: 'r', context })).outcome()
    await dying.runtime.close()
    const next = open([pay({ card: CARD, usd: 5 }), { text: 'done' }], store)
    expect(await (await next.runtime.resume('r')).outcome()).toMatchObject({ waiting: { kind: 'in-doubt' } })
    const word = { happened: true, result: { charged: CARD } } as const
    for (const by of ['ana', 'bob'])
      expect(await (await next.runtime.settleDoubt('r', 'agent:0/turn:0/call:0', word, by)).result()).toBe('done')

    expectHidden(JSON.stringify(await store.entries('r')), CARD)
    await next.runtime.close()
  })

  it('does not come out in parts, as words come', async () => {
    const deltas: string[] = []
    const opened = open([
      pay({ card: CARD, usd: 5 }),
      { text: `The card ${CARD} was charged, 4111 1111 and no more`, deltas: 37 },
    ])
    const run = await opened.runtime.start(clerk, 'go', { id: 'r', context })
    run.on('text.delta', ({ key, offset, delta }) => {
      if (key !== 'agent:0/turn:1') return
      expect(offset).toBe(deltas.join('').length)
      deltas.push(delta)
    })
    const said = await run.result()

    expect(deltas.length).toBeGreaterThan(10)
    expect(deltas.join('')).toBe(said)
    expectHidden(deltas.join(''), CARD)
    await opened.runtime.close()
  })
})

describe('a secret that another process keeps for a lineage', () => {
  it('is hidden from the commit on that follows, though the store is asked for none as long as there are none', async () => {
    const store = memoryStore()
    let asked = 0
    const counted = changedStore(store, {
      secrets: (lineageId, from) => {
        asked++
        return store.secrets?.(lineageId, from) ?? Promise.reject(new Error('a memory store keeps secrets'))
      },
    })
    const askedAt: number[] = []
    const look = defineTool({
      name: 'look',
      description: 'Looks.',
      input: z.object({ nth: z.number() }),
      effect: 'idempotent',
      execute: async ({ nth }) => {
        askedAt.push(asked)
        if (nth === 3) await plant(store, 'r', CARD)
        return `saw ${CARD}`
      },
    })
    const agent = defineAgent({ name: 'looker', model: 'm', instructions: 'Look.', tools: [look] })
    const calls = [1, 2, 3, 4, 5].map((nth) => ({ calls: [{ name: 'look', arguments: { nth } }] }))
    const runtime = createRuntime({
      store: counted,
      models: scriptedModel([...calls, { text: `It was ${CARD}.` }]),
      definitions: [agent],
      clock: manualClock(),
    })
    const run = await runtime.start(agent, 'go', { id: 'r' })

    expect(await run.result()).toMatch(/^It was secret_[\w-]{22}\.$/)
    const told = (await store.entries('r')).filter(({ kind }) => kind === 'call.returned').map(({ text }) => text)
    expect(told.map((text) => text.includes(CARD))).toEqual([true, true, true, false, false])
    expect(askedAt).toEqual([1, 1, 1, 2, 2])
    await runtime.close()
  })
})

it('a secret that another process keeps while a transaction is made is hidden from what follows', async () => {
  const store = memoryStore()
  const planted = changedStore(store, {
    // While what came first is written, all else comes back.
    commit: async (writes) => {
      for (let turns = 0; turns < 20; turns++) await setImmediate()
      return store.commit(writes)
    },
    transact: async (runId, epoch, effect) => {
      const result = await store.transact(runId, epoch, effect)
      await plant(store, 'r', CARD)
      return result
    },
  })
  const common = { description: 'Does something.', input: z.object({}) }
  const tools = [
    defineTool({ ...common, name: 'first', effect: 'idempotent', execute: () => 'done' }),
    defineTool({ ...common, name: 'second', effect: 'idempotent', execute: () => setImmediate('done') }),
    defineTool({
      ...common,
      name: 'book',
      effect: 'transactional',
      prepare: () => setImmediate(),
      execute: () => 'booked',
    }),
  ]
  const agent = defineAgent({ name: 'booker', model: 'm', instructions: 'Book.', tools })
  const calls = tools.map(({ name }) => ({ name, arguments: {} }))
  const runtime = createRuntime({
    store: planted,
    models: scriptedModel([{ calls }, { text: `It was ${CARD}.` }]),
    definitions: [agent],
    clock: manualClock(),
  })
  const run = await runtime.start(agent, 'go', { id: 'r' })
  expect(await run.result()).toMatch(/^It was secret_[\w-]{22}\.$/)
  await runtime.close()
})

/** Keeps a secret for a lineage as another process would: with a run that begins there. */
async function plant(store: Store, lineageId: string, value: string): Promise<void> {
  const kept = await store.secrets?.(lineageId, 0)
  if (!kept) throw new Error('a memory store keeps secrets')
  await store.commit([
    { ...beginning(`${lineageId}/other`, { lineageId }), secrets: [{ token: kept.token(value), value }] },
  ])
}

describe('a secret of a workflow', () => {
  it('is a token to its code, and itself where a step reveals it, also as it comes by a signal', async () => {
    const opened = open([{ calls: [{ name: 'ping', arguments: { note: 'x' } }] }, { text: 'pinged' }])
    const { runtime, store, world, lines } = opened
    const run = await runtime.start(ordering, { apiKey: KEY, items: ['a'] }, { id: 'w' })
    expect(await run.outcome()).toMatchObject({ kind: 'waiting', waiting: { kind: 'signal' } })
    await runtime.send('w', order, { card: CARD })
    const output = (await run.result()) as Record<string, unknown>
    const [token] = String(output['apiKey']).match(TOKEN) ?? []

    expect(output).toEqual({
      apiKey: token,
      items: ['a'],
      first: `stepped with ${token}`,
      failed: `StepError: no: ${token}`,
      card: expect.stringMatching(TOKEN) as unknown,
      length: CARD.length,
      said: 'pinged',
    })
    expect(world.given).toEqual([{ note: 'x', context: { apiKey: KEY } }])
    expect(lines[0]).toEqual([`step with ${token}`, undefined])
    for (const secret of [KEY, CARD]) expectHidden(await surfaces(opened), secret)
    expect(await runtime.replay('w')).toMatchObject({ status: 'matched' })
    const lost = changedStore(store, { secrets: async () => ({ token: () => '', secrets: [] }) })
    expect(await open([], lost).runtime.replay('w')).toMatchObject({ status: 'matched' })
    await runtime.close()
  })

  it('comes to the process that drives it from another one that sends it', async () => {
    const clock = manualClock()
    const store = memoryStore()
    const busy = defineWorkflow({
      name: 'busy',
      input: z.object({}),
      run: async (ctx) => {
        const [card] = await ctx.all([(own) => own.receive(order), (own) => own.sleep(5_000)])
        return ctx.step('length', ({ reveal }) => reveal(card).card.length)
      },
    })
    const driving = createRuntime({ store, models: byTurn([]), definitions: [busy], clock, random: () => 0 })
    const run = await driving.start(busy, {}, { id: 'b' })
    const over = run.result()
    await clock.advance(1_000)
    const sending = createRuntime({
      store: changedStore(store, { close: async () => undefined }),
      models: byTurn([]),
      definitions: [],
    })
    await sending.send('b', order, { card: CARD })
    await clock.advance(6_000)

    expect(await over).toBe(CARD.length)
    expectHidden(JSON.stringify(await store.entries('b')), CARD)
    await driving.close()
  })

  it('comes to all runs of its lineage that look for it at the same time', { tags: 'slow' }, async () => {
    const store = memoryStore()
    const sending = createRuntime({ store, models: byTurn([]), definitions: [] })
    const cards = [1, 2, 3].map((digit) => CARD.replaceAll('1', String(digit)))
    let isOver = false
    const busy = defineWorkflow({
      name: 'busy',
      input: z.number(),
      run: async (ctx) => {
        for (let nth = 0; !isOver; nth++) await ctx.step(String(nth), () => new Promise((done) => setTimeout(done, 10)))
      },
    })
    const paying = defineWorkflow({
      name: 'paying',
      input: z.object({}),
      run: async (ctx) => {
        const pay = async (own: typeof ctx): Promise<number[]> => {
          const lengths: number[] = []
          for (const [nth, sent] of cards.entries()) {
            await own.step(`send-${nth}`, () => sending.send('p', order, { card: sent }))
            const { card } = await own.receive(order, { key: String(nth) })
            lengths.push(await own.step(`pay-${nth}`, ({ reveal }) => reveal(card).length))
          }
          isOver = true
          return lengths
        }
        const [lengths] = await ctx.all([pay, (own) => own.map([0, 1, 2], (nth, each) => each.child(busy, nth))])
        return lengths
      },
    })
    // As from a disk: others ask meanwhile.
    const slow = changedStore(store, {
      secrets: async (lineageId, from) => {
        const kept = await store.secrets?.(lineageId, from)
        await new Promise((done) => setTimeout(done, 20))
        if (!kept) throw new Error('a memory store keeps secrets')
        return kept
      },
    })
    const driving = createRuntime({ store: slow, models: byTurn([]), definitions: [paying, busy] })
    const run = await driving.start(paying, {}, { id: 'p' })

    expect(await run.result()).toEqual(cards.map(() => CARD.length))
    await Promise.all([driving.close(), sending.close()])
  })

  it('goes on where the workflow goes on as another', async () => {
    const opened = open([])
    const run = await opened.runtime.start(echo, { left: 2, word: KEY }, { id: 'e' })

    expect(await run.result()).toMatch(/^secret_[\w-]{22}$/)
    expect(new Set((await surfaces(opened)).match(TOKEN)).size).toBe(1)
    expectHidden(await surfaces(opened), KEY)
    await opened.runtime.close()
  })

  it('sent by a signal that is refused is not shown', async () => {
    const { runtime } = open([])
    await runtime.start(ordering, { apiKey: KEY, items: [] }, { id: 'w' })

    await expect(runtime.send('w', order, { card: '4111 1111' })).rejects.toThrow(
      'The signal "order" cannot be sent to the run "w". The value breaks its schema in one place:\n- card: Too small: expected string to have exactly 19 characters; got "(a secret)"',
    )
    await runtime.close()
  })
})

describe('without a key', () => {
  const keyless = (): Store => changedStore(memoryStore(), { secrets: undefined })

  it('no run begins that takes a secret: the place is named', async () => {
    const { runtime } = open([], keyless())
    const needs = 'and the store has no key to keep it by. Give it one: sqlite(path, { encryption: { key } }).'

    await expect(runtime.start(clerk, 'go', { context: { apiKey: KEY } })).rejects.toMatchObject({
      name: 'DefinitionError',
      code: 'no_key',
      message: `The context of agent "clerk" has a secret (.apiKey), ${needs}`,
    })
    await expect(runtime.start(ordering, { apiKey: KEY, items: [] })).rejects.toThrow(
      `The input of workflow "ordering" has a secret (.apiKey), ${needs}`,
    )
    const taking = defineAgent({ name: 'taking', model: 'm', instructions: '', tools: [charge] })
    const other = createRuntime({
      store: keyless(),
      models: byTurn([]),
      definitions: [taking],
      services: { given: [] },
    })
    await expect(other.start(taking, 'go')).rejects.toThrow(`Tool "charge" takes a secret (.card), ${needs}`)
    await runtime.close()
  })

  it('a run is not taken up by code that has come to take a secret, and no signal with one is sent', async () => {
    const store = memoryStore()
    const waiting = open([], store)
    await (await waiting.runtime.start(ordering, { apiKey: KEY, items: [] }, { id: 'w' })).outcome()
    await waiting.runtime.close()
    const { runtime } = open([], changedStore(store, { secrets: undefined }))

    await expect(runtime.resume('w')).rejects.toMatchObject({ code: 'no_key' })
    await expect(runtime.send('w', order, { card: CARD })).rejects.toThrow(
      'The signal "order" has a secret, and the store',
    )
    await runtime.close()
  })
})

describe('a definition', () => {
  it('that calls something else than free text a secret is refused', async () => {
    const tool = (input: z.ZodObject) => () =>
      defineTool({ name: 't', description: '', input, effect: 'read', execute: () => 1 })

    expect(tool(z.object({ pin: z.number().meta({ secret: true }) }))).toThrow(
      'Tool "t": input.pin is a secret, and is not free text. Only that is kept secret: make it z.string().meta({ secret: true }), or take the mark away.',
    )
    expect(tool(z.object({ a: z.array(z.enum(['x']).meta({ secret: true })) }))).toThrow(
      'Tool "t": input.a[] is a secret',
    )
    expect(() =>
      defineAgent({
        name: 'a',
        model: 'm',
        instructions: '',
        output: z.object({ ssn: z.string().meta({ secret: true }) }),
      }),
    ).toThrow('Agent "a": output.ssn is a secret, and answers hold none')
    const odd = defineAgent({
      name: 'odd',
      model: 'm',
      instructions: '',
      context: z.object({ n: z.int().meta({ secret: true }) }),
    })
    const runtime = createRuntime({ store: memoryStore(), models: byTurn([]), definitions: [odd] })
    await expect(runtime.start(odd, 'go', { context: { n: 1 } })).rejects.toMatchObject({ code: 'bad_secret' })
    await runtime.close()
  })

  it('lets a model give a token, whatever the values themselves must be', () => {
    expect(charge.card.parameters.properties?.['card']).toEqual({
      type: 'string',
      description: 'a secret: where you know it as a token, secret_..., give the token as it stands',
    })
  })
})
