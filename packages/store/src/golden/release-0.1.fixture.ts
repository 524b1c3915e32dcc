// Runs that say everything which a journal of release 0.1 can say, and the code that recorded them. Once 0.1 is out,
// neither this file nor golden/0.1.db.gz changes any more: a later release gets files of its own beside them.
import {
  after,
  agentTool,
  type AnyDefinition,
  atMost,
  type CallContext,
  createRuntime,
  defineAgent,
  defineSignal,
  defineTeam,
  defineTool,
  defineWorkflow,
  type Model,
  ModelError,
  type ModelReply,
  type ReplyItem,
  type RunHandle,
  type Runtime,
  type Store,
  ToolError,
  type UserInput,
} from '@reprise/core'
import { crashing, type ManualClock, manualClock, type ScriptedAnswer, scriptedModel } from '@reprise/testing'
import { z } from 'zod'
import type { SqliteStore } from '../index.ts'

/** What tools and steps are given. */
interface Services {
  readonly store: SqliteStore
  /** Fails the first attempt at what is named so. */
  readonly failOnce: Set<string>
  /** The cards that were charged. */
  readonly charged: string[]
}

type Ctx = CallContext<unknown, Services>

const input = z.object({ id: z.string() })

function failing(name: string, services: unknown): void {
  if ((services as Services).failOnce.delete(name)) throw new Error(`${name} was busy.`)
}

const look = defineTool({
  name: 'look',
  description: 'Looks an order up.',
  input: z.object({ id: z.string(), depth: z.number().int().default(1) }),
  effect: 'read',
  execute: ({ id, depth }, { services }: Ctx) => {
    failing('look', services)
    if (id === 'gone') throw new ToolError({ code: 'no_order', message: 'There is no such order.', details: { id } })
    return { id, depth, lines: Array.from({ length: id === 'long' ? 200 : 2 }, (_, n) => `${n}: größe ✓ "quoted"\n`) }
  },
})
const pay = defineTool({
  name: 'pay',
  description: 'Pays back.',
  input,
  effect: 'idempotent',
  execute: ({ id }) => `paid ${id}`,
})
const note = defineTool({
  name: 'note',
  description: 'Notes in the database of the journal.',
  input,
  effect: 'transactional',
  execute: ({ id }, ctx: Ctx & { readonly prepared: undefined }) => {
    const db = ctx.services.store.tx(ctx)
    db.exec('create table if not exists notes (id text)')
    db.prepare('insert into notes values (?)').run(id)
    return { noted: id }
  },
})
const mail = defineTool({
  name: 'mail',
  description: 'Sends a letter.',
  input,
  effect: 'once',
  execute: ({ id }) => ({ sent: id }),
})
const parcel = defineTool({
  name: 'parcel',
  description: 'Sends a parcel, and can be asked whether it has.',
  input,
  effect: 'once',
  execute: ({ id }) => ({ sent: id }),
  reconcile: ({ id }) => {
    if (id === 'unknown') throw new Error('Nobody knows.')
    return id === 'there' ? { happened: true, result: { sent: id } } : { happened: false }
  },
})
const refund = defineTool({
  name: 'refund',
  description: 'Refunds, when somebody allows it.',
  input,
  effect: 'idempotent',
  approval: true,
  approvalTimeoutMs: 60_000,
  execute: ({ id }) => `refunded ${id}`,
})

const GIFT = 'Sends a gift, when somebody allows it, whenever that is.'
const gift = defineTool({
  name: 'gift',
  description: GIFT,
  input,
  effect: 'idempotent',
  approval: ({ id }) => id !== 'small',
  execute: ({ id }) => `gave ${id}`,
})
const giftBefore = defineTool({
  name: 'gift',
  description: GIFT,
  input: z.object({ id: z.string(), wrapped: z.boolean().optional() }),
  effect: 'idempotent',
  approval: true,
  execute: ({ id }) => `gave ${id}`,
})
const secret = z.string().meta({ secret: true })
const charge = defineTool({
  name: 'charge',
  description: 'Charges a card.',
  input: z.object({ card: secret, usd: z.number() }),
  effect: 'idempotent',
  approval: ({ usd }) => usd > 100,
  execute: ({ card, usd }, { services }: Ctx) => {
    services.charged.push(card)
    return `charged ${usd} to ${card}`
  },
})

const LONG = 'You serve the customers of a shop. '.repeat(200)

const clerk = defineAgent({
  name: 'clerk',
  model: 'gpt-4.1-mini',
  settings: { temperature: 0 },
  context: z.object({ customer: z.string() }),
  instructions: ({ context }) => `${LONG}This is ${context.customer}.`,
  tools: [look, pay, note],
  rules: [after(pay, look), atMost(note, 1)],
  output: z.object({ solved: z.boolean(), reply: z.string() }),
})
const sender = defineAgent({ name: 'sender', model: 'm', instructions: 'Send.', tools: [mail, parcel] })
const cashierOptions = { name: 'cashier', model: 'm', instructions: 'Refund.' } as const
const cashier = defineAgent({ ...cashierOptions, tools: [refund, gift] })
const cashierBefore = defineAgent({ ...cashierOptions, tools: [giftBefore] })
const talker = defineAgent({ name: 'talker', model: 'm', instructions: 'Talk.', budget: { turns: 2 }, tools: [look] })
const asker = defineAgent({
  name: 'asker',
  model: 'm',
  instructions: 'Ask.',
  tools: [agentTool(talker, { name: 'ask', description: 'Asks the talker.' })],
})
const triage = defineAgent({ name: 'triage', model: 'm', instructions: 'Sort.', tools: [look] })
const desk = defineTeam({
  name: 'desk',
  entry: triage,
  handoffs: [
    [triage, [cashier, talker]],
    [talker, [triage]],
  ],
})
const discreet = defineAgent({
  name: 'discreet',
  model: 'm',
  context: z.object({ card: secret }),
  instructions: ({ context }) => `Never say ${context.card}.`,
  tools: [charge],
})
const adoptingOptions = { name: 'adopting', model: 'm', onChange: 'adopt' } as const
const adopting = defineAgent({ ...adoptingOptions, version: 2, instructions: 'Be kind.' })
const adoptingBefore = defineAgent({ ...adoptingOptions, version: 1, instructions: 'Be brief.' })

/** What the workflows wait for. */
const go = defineSignal({ name: 'go', payload: z.object({ said: z.string() }) })

const inner = defineWorkflow({
  name: 'inner',
  input: z.number(),
  run: async (ctx, n) => {
    if (n < 0) throw new Error('Less than nothing.')
    return ctx.step('square', () => n * n)
  },
})
const everything = defineWorkflow({
  name: 'everything',
  version: 3,
  input: z.object({ items: z.array(z.string()) }),
  async run(ctx, { items }) {
    const drawn = [ctx.uuid(), ctx.random(), ctx.now()]
    for (const _ of [1, 2]) await ctx.step('busy', ({ services }) => failing('busy', services))
    const lost = await ctx
      .step('lost', () => Promise.reject(new Error('For good.')), { retry: { attempts: 1 } })
      .catch((error: Error) => error.message)
    const mapped = await ctx.map(items, (item, branch) => branch.step('item', () => item.toUpperCase(), { key: item }))
    const [told, squared, refused] = await ctx.all([
      (branch) => branch.agent(talker, 'hello'),
      (branch) => branch.child(inner, 3),
      (branch) => branch.child(inner, -1).catch((error: Error) => error.message),
    ])
    const raced = await ctx.race([
      (branch) => branch.step('fast', () => 'fast'),
      (branch) => branch.agent(talker, 'late'),
    ])
    const way = ctx.patched('new-way') ? await ctx.step('new', () => 'new') : 'old'
    await ctx.sleep(1_000)
    const late = await ctx.receive(go, { timeoutMs: 500, key: 'short' }).catch((error: Error) => error.name)
    const { said } = await ctx.receive(go)
    return { drawn: drawn.length, lost, mapped, told, squared, refused, raced, way, late, said }
  },
})
const rounds = defineWorkflow({
  name: 'rounds',
  input: z.number(),
  run: async (ctx, n) => {
    await ctx.step('round', () => n)
    return n < 3 ? ctx.continueAs(n + 1) : n
  },
})
const listener = defineWorkflow({
  name: 'listener',
  input: z.null(),
  run: async (ctx) => (await ctx.receive(go)).said,
})
const parent = defineWorkflow({ name: 'parent', input: z.null(), run: async (ctx) => ctx.child(listener, null) })
const sleeper = defineWorkflow({ name: 'sleeper', input: z.null(), run: async (ctx) => ctx.sleep(86_400_000) })

/** What the runs were started with, as it reads when they are taken up again. */
const definitions: readonly AnyDefinition[] = [
  clerk,
  sender,
  cashier,
  talker,
  asker,
  desk,
  adopting,
  discreet,
  inner,
  everything,
  rounds,
  listener,
  parent,
  sleeper,
]

function call(name: string, args: object | string = { id: 'a' }): { name: string; arguments: never } {
  return { name, arguments: args as never }
}

/** A reply as a service gives it, with all that it may have. */
function full(items: readonly ReplyItem[], finish: ModelReply['finish'] = 'stop'): ModelReply {
  const usage = { inputTokens: 1_234, cachedTokens: 1_024, outputTokens: 56, reasoningTokens: 8 }
  return { items, finish, model: 'gpt-4.1-mini-2025-04-14', responseId: 'resp_1', usage, costNano: 123_000 }
}

const busy = new ModelError({ code: 'server_error', message: 'Busy.', retryable: true, details: { status: 503 } })
const SOLVED = '{"solved":true,"reply":"Done. Größe ✓"}'

/** What the model says in each run, by its id, one answer a reply; `then` for the rest. */
const SCRIPTS: Readonly<Record<string, readonly ScriptedAnswer[] | undefined>> = {
  effects: [
    full([
      { kind: 'reasoning', id: 'rs_1', text: 'Look first.', encrypted: 'xyz' },
      { kind: 'assistant', text: 'Let me look.' },
      { kind: 'call', callId: 'c1', name: 'pay', arguments: '{"id":"early"}' },
      { kind: 'call', callId: 'c2', name: 'look', arguments: '{"id":"long","depth":2}' },
      { kind: 'call', callId: 'c2', name: 'look', arguments: '{"id":"twice"}' },
    ]),
    { calls: [call('look', { id: 'gone' }), call('look', '{"id'), call('fly'), call('pay'), call('note')] },
    { calls: [call('note'), call('look', { id: 'again' })] },
    { text: '{"solved":"maybe"}' },
    { text: SOLVED },
  ],
  'model-fails': [],
  allowed: [{ calls: [call('refund')] }],
  refused: [{ calls: [call('refund')] }],
  late: [{ calls: [call('refund')] }],
  asking: [{ calls: [call('gift'), call('gift', { id: 'b' }), call('gift', { id: 'small' })] }],
  doubted: [{ calls: [call('mail'), call('parcel', { id: 'there' }), call('parcel', { id: 'not' })] }],
  'in-doubt': [{ calls: [call('mail'), call('parcel', { id: 'unknown' })] }],
  handoffs: [
    { calls: [call('look'), call('transfer_to_talker', {}), call('transfer_to_cashier', {})] },
    { calls: [call('transfer_to_triage', {})] },
    { calls: [call('transfer_to_cashier', {})] },
  ],
  child: [{ calls: [call('ask', { task: 'hello' })] }],
  'over-budget': [{ calls: [call('look')] }, { calls: [call('look')] }],
  refusal: [{ refusal: 'I would rather not.' }],
  cut: [{ text: 'So it', finish: 'length' }],
  'asked-anew': [{ calls: [call('gift')] }],
  'secret-asking': [{ calls: [call('charge', { card: '4000 0000 0000 0003', usd: 500 })] }],
  secret: [{ calls: [call('charge', { card: '4000 0000 0000 0002', usd: 5 })] }],
  forked: [{}, { text: 'Let me pay.', calls: [call('pay', { id: 'again' })] }],
}

/** A reply begins where an item of the model's follows something that is not. */
function repliesIn(items: readonly { readonly kind: string }[]): number {
  const own = items.map(({ kind }) => kind !== 'user' && kind !== 'result')
  return own.filter((mine, at) => mine && !own[at - 1]).length
}

/** The model of all runs. */
function modelOf(): Model {
  let failures = 2
  const answering = scriptedModel(({ runId, card, items }) => {
    if (runId === 'model-fails' && failures-- > 0) throw busy
    const answer = SCRIPTS[runId]?.[repliesIn(items)]
    return answer ?? { text: card.agent === 'clerk' ? SOLVED : 'done' }
  })
  return {
    async *ask(request, signal) {
      if (request.runId === 'background') yield { kind: 'accepted', responseId: 'resp_2' }
      if (request.runId === 'background' && !request.pending) throw busy
      if (request.runId === 'cancelled') yield { kind: 'text', delta: 'Half of an ' }
      if (request.runId === 'cancelled' || request.runId.includes('branch:1/agent:talker'))
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error))
        })
      yield* answering.ask(request, signal)
    },
  }
}

/** A runtime over a store that it does not close. */
function open(
  store: Store,
  clock: ManualClock,
  services: Services,
  known: readonly AnyDefinition[] = definitions,
): Runtime {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const unclosed = new Proxy(store, {
    get(target, key) {
      if (key === 'close') return () => Promise.resolve()
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return createRuntime({
    store: unclosed,
    models: modelOf(),
    definitions: known,
    services,
    clock,
    random: () => 0,
    log,
  })
}

/** Lets time go by until something is known. */
export async function passing<T>(clock: ManualClock, known: Promise<T>): Promise<T> {
  let over = false
  const done = known.finally(() => (over = true))
  while (!over) await clock.advance(250)
  return done
}

/** Records the runs of this release into a fresh store. One that is not encrypted keeps no secrets. */
async function record(store: SqliteStore, encrypted: boolean): Promise<void> {
  const clock = manualClock({ now: Date.UTC(2026, 10, 25, 12) })
  const services = { store, failOnce: new Set(['look', 'busy']), charged: [] }
  const runtime = open(store, clock, services)
  const rest = async (started: Promise<RunHandle<unknown>>) => passing(clock, (await started).outcome())
  const start = (
    definition: AnyDefinition,
    id: string,
    given: unknown = 'Order a arrived broken.',
    options: object = {},
  ) => rest(runtime.start(definition, given, { id, ...options }))
  const context = { customer: 'Ana ✓' }

  const picture = { kind: 'image', url: 'https://example.com/a.png' } as const
  const text = { text: 'Look at this.', parts: [picture] } satisfies UserInput
  await start(clerk, 'effects', text, { context, tags: ['web', 'größe'] })
  await start(clerk, 'model-fails', undefined, { context })
  for (const id of ['background', 'refusal', 'cut', 'over-budget']) await start(talker, id)
  for (const id of ['allowed', 'refused', 'late', 'asking']) await start(cashier, id)
  const key = 'agent:0/turn:0/call:0'
  await rest(runtime.approve('allowed', key, { by: 'ana' }))
  await rest(runtime.reject('refused', key, { by: 'ana', reason: 'not this month' }))
  await clock.advance(60_000)
  await rest(runtime.resume('late'))
  await start(desk, 'handoffs')
  await start(asker, 'child')

  const cancelled = await runtime.start(talker, 'Wait.', { id: 'cancelled' })
  while ((await store.entries('cancelled')).length === 0) await clock.advance(0)
  await clock.advance(0)
  await cancelled.cancel('enough')
  await passing(clock, cancelled.outcome())

  for (const id of ['doubted', 'in-doubt']) {
    // It dies when its calls were made and their results are not written.
    await dying(store, 3, clock, services, (mortal) => mortal.start(sender, 'Send it.', { id }))
    await rest(runtime.resume(id))
  }
  await rest(runtime.settleDoubt('doubted', key, { happened: true, result: { sent: 'a' } }, 'ana'))

  for (const id of ['poisoned', 'released']) {
    await dying(store, 2, clock, services, (mortal) => mortal.start(talker, 'Poison.', { id }))
    for (let owner = 0; owner < 4; owner++) await dying(store, 1, clock, services, (mortal) => mortal.resume(id))
    await rest(runtime.resume(id))
  }
  await runtime.unquarantine('released', { by: 'ana' })
  await rest(runtime.resume('released'))

  const before = open(store, clock, services, [adoptingBefore, cashierBefore])
  await rest(before.start(cashierBefore, 'Give.', { id: 'asked-anew' }))
  await before.enqueue(adoptingBefore, 'Order a', { id: 'adopted' })
  await before.close()
  for (const id of ['adopted', 'asked-anew']) await rest(runtime.resume(id))
  await runtime.enqueue(talker, 'Later.', { id: 'queued', priority: 3 })

  await start(everything, 'everything', { items: ['x', 'y', 'z'] })
  await runtime.send('everything', go, { said: 'gone' }, { id: 'm1' })
  await rest(runtime.resume('everything'))
  await start(everything, 'listening', { items: [] })
  await start(rounds, 'rounds', 1)
  await start(parent, 'parent', null)

  await rest(runtime.fork('effects', { at: 6, id: 'forked' }))
  await rest(
    runtime.fork('forked', { at: (await store.entries('forked')).length - 1, id: 'forked-live', effects: 'live' }),
  )
  await rest(runtime.fork('everything', { at: 4, id: 'everything-forked' }))
  await rest(runtime.fork('everything', { at: 4, id: 'everything-forked-live', effects: 'live' }))

  if (encrypted) {
    for (const id of ['secret', 'secret-asking'])
      await start(discreet, id, 'Charge it.', { context: { card: '4000 0000 0000 0001' } })
    await start(talker, 'erased', 'Forget me.')
    await runtime.erase('erased', { by: 'ana' })
  }

  await runtime.start(sleeper, null, { id: 'sleeping' })
  while ((await store.entries('sleeping')).length < 2) await clock.advance(0)
  await passing(clock, runtime.close())
}

/** The recorded runs. */
const runs = [
  'effects agent completed',
  'model-fails agent completed',
  'background agent completed',
  'refusal agent failed',
  'cut agent failed',
  'over-budget agent failed',
  'allowed agent completed',
  'refused agent completed',
  'late agent completed',
  'asking agent waiting',
  'handoffs team completed',
  'child agent completed',
  'child/agent:0/turn:0/call:0 agent completed',
  'cancelled agent cancelled',
  'doubted agent completed',
  'in-doubt agent waiting',
  'poisoned agent quarantined',
  'released agent completed',
  'adopted agent completed',
  'queued agent queued',
  'asked-anew agent waiting',
  'everything workflow completed',
  'everything/all/branch:0/agent:talker agent completed',
  'everything/all/branch:1/child:inner workflow completed',
  'everything/all/branch:2/child:inner workflow failed',
  'everything/race/branch:1/agent:talker agent cancelled',
  'listening workflow waiting',
  'listening/all/branch:0/agent:talker agent completed',
  'listening/all/branch:1/child:inner workflow completed',
  'listening/all/branch:2/child:inner workflow failed',
  'listening/race/branch:1/agent:talker agent cancelled',
  'rounds workflow completed',
  'rounds~2 workflow completed',
  'rounds~3 workflow completed',
  'parent workflow waiting',
  'parent/child:listener workflow waiting',
  'forked agent failed',
  'forked-live agent completed',
  'everything-forked workflow failed',
  'everything-forked-live workflow waiting',
  'everything-forked-live/all/branch:0/agent:talker agent completed',
  'everything-forked-live/all/branch:1/child:inner workflow completed',
  'everything-forked-live/all/branch:2/child:inner workflow failed',
  'everything-forked-live/race/branch:1/agent:talker agent cancelled',
  'sleeping workflow waiting',
]

/** Brings the recorded runs to their ends that had not ended, and gives the cards that were charged for it. */
async function goOn(store: SqliteStore, encrypted: boolean): Promise<readonly string[]> {
  const clock = manualClock({ now: Date.UTC(2026, 10, 27) })
  const charged: string[] = []
  const runtime = open(store, clock, { store, failOnce: new Set(), charged })
  const rest = async (taken: Promise<RunHandle<unknown>>) => passing(clock, (await taken).outcome())
  const [first, second] = ['agent:0/turn:0/call:0', 'agent:0/turn:0/call:1'] as const
  for (const id of [first, second]) await rest(runtime.approve('asking', id, { by: 'ana' }))
  await rest(runtime.approve('asked-anew', `${first}#2`, { by: 'ana' }))
  for (const key of [first, second]) await rest(runtime.settleDoubt('in-doubt', key, { happened: false }, 'ana'))
  for (const id of ['listening', 'everything-forked-live', 'parent/child:listener']) {
    await runtime.send(id, go, { said: 'gone' })
    await rest(runtime.resume(id))
  }
  await runtime.unquarantine('poisoned', { by: 'ana' })
  for (const id of ['poisoned', 'queued', 'parent', 'sleeping']) await rest(runtime.resume(id))
  if (encrypted) await rest(runtime.approve('secret-asking', first, { by: 'ana' }))
  await passing(clock, runtime.close())
  return charged
}

/** Lets a process begin something and die at a write. */
async function dying(
  store: Store,
  at: number,
  clock: ManualClock,
  services: Services,
  begin: (mortal: ReturnType<typeof open>) => Promise<RunHandle<unknown>>,
): Promise<void> {
  const mortal = open(crashing(store, { at, side: 'before' }), clock, services)
  await passing(clock, (await begin(mortal)).outcome())
  await passing(clock, mortal.close())
}

/** The key that the keys of the encrypted journals are wrapped by. */
const KEY = Buffer.alloc(32, 'golden').toString('base64')

/** Release 0.1. */
export const release01 = {
  name: '0.1',
  definitions,
  runs,
  /** The runs that only an encrypted store has. */
  encryptedRuns: ['secret agent completed', 'secret-asking agent waiting', 'erased agent completed'],
  record,
  goOn,
  /** The stores that are kept: the file's name, and what it is opened with. */
  stores: [
    { file: '0.1', encrypted: false, options: {} },
    { file: '0.1-encrypted', encrypted: true, options: { encryption: { key: KEY } } },
  ],
} as const
