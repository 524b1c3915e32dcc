// A desk whose recorded runs have all that a run may have, and a model that plays them, and others beside them.
import {
  changedStore,
  crashing,
  memoryStore,
  scriptedModel,
  type ScriptedCall,
  type ScriptedAnswer,
} from '@reprise/testing'
import { z } from 'zod'
import {
  after,
  agentTool,
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  defineWorkflow,
  ModelError,
  type Model,
  type ModelReply,
  type ModelRequest,
  type Runtime,
  type Store,
  ToolError,
} from '../src/index.ts'
import { untilCrash } from './world.fixture.ts'

/** Whether tools may run: a backtest runs none. */
export const world = { frozen: false, runs: 0, flaky: 0 }

function touch(): void {
  if (world.frozen) throw new Error('A tool ran')
  world.runs++
}

export const find = defineTool({
  name: 'find',
  description: 'Finds an order.',
  input: z.object({ id: z.string(), full: z.boolean().default(false) }),
  effect: 'read',
  execute: ({ id }) => {
    touch()
    if (id === 'none') throw new ToolError({ code: 'no_order', message: `There is no order ${id}.` })
    return { id, usd: 12 }
  },
})

export const pay = defineTool({
  name: 'pay',
  description: 'Pays back.',
  input: z.object({ id: z.string(), usd: z.number(), why: z.string().optional() }),
  effect: 'idempotent',
  approval: ({ usd }) => usd > 100,
  retry: { baseMs: 0 },
  execute: ({ id }) => {
    touch()
    if (id === 'flaky' && world.flaky++ % 2 === 0) throw new Error('busy')
    return `paid ${id}`
  },
})

export const mail = defineTool({
  name: 'mail',
  description: 'Sends a letter.',
  input: z.object({ to: z.string() }),
  effect: 'once',
  execute: ({ to }) => {
    touch()
    return `sent ${to}`
  },
})

export const log = defineTool({
  name: 'log',
  description: 'Writes down.',
  input: z.object({ line: z.string() }),
  effect: 'transactional',
  execute: ({ line }) => {
    touch()
    return line.length
  },
})

export const helper = defineAgent({ name: 'helper', model: 'mini', instructions: 'Help.', tools: [find] })
const help = agentTool(helper, { name: 'help', description: 'Helps.' })

export const answerSchema = z.object({ text: z.string(), usd: z.number() })

export const clerk = defineAgent({
  name: 'clerk',
  model: 'mini',
  instructions: 'Serve the customer.',
  tools: [find, pay, mail, log, help],
  rules: [after(pay, find)],
  output: answerSchema,
  retry: { baseMs: 0 },
})

export const poet = defineAgent({ name: 'poet', model: 'mini', instructions: 'Write one line.' })

const orders = defineAgent({ name: 'orders', model: 'mini', instructions: 'You know orders.', tools: [find] })
const triage = defineAgent({ name: 'triage', model: 'mini', instructions: 'Route.' })
export const desk = defineTeam({
  name: 'desk',
  entry: triage,
  handoffs: [
    [triage, [orders]],
    [orders, [triage]],
  ],
})

export const flow = defineWorkflow({
  name: 'flow',
  input: z.string(),
  run: async (ctx, input) => ctx.agent(poet, input),
})

export const definitions = [clerk, helper, poet, desk, flow] as const

const call = (name: string, args: ScriptedCall['arguments'] = {}): ScriptedCall => ({ name, arguments: args })
const finds = (id = 'a'): ScriptedCall => call('find', { id })
const pays = (id = 'a', usd = 5): ScriptedCall => call('pay', { id, usd })
/** An answer of the clerk's. */
export const says = (usd: number, text = 'Done.'): ScriptedAnswer => ({ text: JSON.stringify({ text, usd }) })

/** What the model answers, by what the user says, one answer a turn. */
export const scripts: Readonly<Record<string, readonly ScriptedAnswer[]>> = {
  plain: [{ calls: [finds()] }, says(12)],
  parallel: [
    { calls: [finds('a'), finds('b')] },
    { calls: [pays('b'), pays('a'), call('log', { line: 'x' })] },
    says(10),
  ],
  failing: [{ calls: [finds('none')] }, { calls: [call('mail', { to: 'ana' })] }, says(0)],
  flaky: [{ calls: [finds()] }, { calls: [pays('flaky')] }, says(5)],
  rules: [{ calls: [pays()] }, { calls: [finds()] }, { calls: [pays()] }, says(5)],
  approved: [{ calls: [finds()] }, { calls: [pays('a', 200)] }, says(200)],
  rejected: [{ calls: [finds()] }, { calls: [pays('a', 300)] }, says(0)],
  repair: [{ text: '{"text":1}' }, { text: 'no JSON' }, says(3)],
  doubt: [{ calls: [call('mail', { to: 'bob' })] }, says(1)],
  unusable: [{ calls: [call('fly', { to: 'moon' }), call('find', '{"id":')] }, { calls: [finds()] }, says(2)],
  twice: [{ calls: [finds()] }, { calls: [finds()] }, { calls: [call('find', '{"full": false, "id": "a"}')] }, says(4)],
  helped: [{ calls: [call('help', { task: 'find' })] }, says(7)],
  find: [{ calls: [finds('c')] }, { text: 'Found.' }],
  refusing: [{ calls: [finds()] }, { refusal: 'I will not.' }],
  waiting: [{ calls: [finds()] }, { calls: [pays('a', 500), finds('b')] }],
  route: [{ calls: [call('transfer_to_orders')] }, { calls: [finds()] }, { text: 'It is on its way.' }],
  spring: [{ text: 'Rain again.' }],
  blocked: [{ calls: [finds()] }, { calls: [pays()] }, says(5)],
}

/** How many replies a conversation has. */
function turnOf({ items }: ModelRequest): number {
  const own = items.map(({ kind }) => kind === 'assistant' || kind === 'call' || kind === 'refusal')
  return own.filter((mine, index) => mine && !own[index - 1]).length
}

/** What the user said. */
export function saidIn({ items }: Pick<ModelRequest, 'items'>): string {
  const [first] = items
  return first?.kind === 'user' ? first.text : ''
}

/** Plays the scripts, or those that are given for another model, by its name. */
export function playing(
  others: Readonly<Record<string, Readonly<Record<string, readonly ScriptedAnswer[]>>>> = {},
): Model & { readonly requests: number; readonly asked: readonly ModelRequest[] } {
  const asked: ModelRequest[] = []
  const model = scriptedModel((request) => {
    asked.push({ ...request, items: [...request.items] })
    const said = saidIn(request)
    const script = others[request.card.model]?.[said] ?? scripts[said]
    const answer = script?.[turnOf(request)]
    if (!answer) throw new ModelError({ code: 'no_script', message: `There is no turn ${turnOf(request)} of ${said}` })
    return answer
  })
  return {
    ask: (request, signal) => model.ask(request, signal),
    get requests() {
      return model.requests
    },
    asked,
  }
}

/** A full reply with tokens and a price. */
export function priced(
  answer: { text?: string; calls?: readonly ScriptedCall[] },
  usd: number,
  tokens = 10,
): ModelReply {
  const items = [
    ...(answer.text === undefined ? [] : [{ kind: 'assistant', text: answer.text } as const]),
    ...(answer.calls ?? []).map(({ name, arguments: args = {} }, at) => {
      const text = typeof args === 'string' ? args : JSON.stringify(args)
      return { kind: 'call', callId: `c${at}`, name, arguments: text } as const
    }),
  ]
  const usage = { inputTokens: tokens, cachedTokens: 0, outputTokens: tokens, reasoningTokens: 0 }
  return { items, finish: 'stop', model: 'scripted', usage, costNano: Math.round(usd * 1e9) }
}

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

export function runtimeOn(store: Store, models: Model): Runtime<typeof definitions> {
  return createRuntime({ store, models, definitions, log: quiet, random: () => 0 })
}

/** Records all that a run may have, each run under the name of its script. */
export async function recorded(models: Model = playing()): Promise<Store> {
  world.frozen = false
  const store = memoryStore()
  const runtime = runtimeOn(store, models)
  const by = { by: 'ana' }
  const second = 'agent:0/turn:1/call:0'
  for (const id of Object.keys(scripts)) {
    if (id === 'doubt' || id === 'find') continue
    const definition = id === 'route' ? desk : id === 'spring' ? poet : clerk
    await (await runtime.start(definition, id, { id, tags: ['shift'] })).outcome()
  }
  await (await runtime.approve('approved', second, by)).result()
  await (await runtime.reject('rejected', second, { ...by, reason: 'too much' })).result()
  await (await runtime.start(flow, 'spring', { id: 'flow' })).result()
  await (await runtime.start(clerk, 'waiting', { id: 'cancelled', tags: ['shift'] })).outcome()
  await runtime.cancel('cancelled', 'enough')
  await (await runtime.resume('cancelled')).outcome()
  const taken = (await runtime.runs.entries('blocked')).findIndex(({ key }) => key === 'agent:0/turn:0/call:0') + 1
  await (await runtime.fork('blocked', { at: taken, id: 'fork' })).outcome()
  await runtime.close()
  await recordDoubt(store, models)
  return store
}

async function recordDoubt(store: Store, models: Model): Promise<void> {
  const dying = runtimeOn(crashing(store, { at: 3, side: 'before' }), models)
  await untilCrash(dying, async () => (await dying.start(clerk, 'doubt', { id: 'doubt', tags: ['shift'] })).outcome())
  await using runtime = runtimeOn(store, models)
  await (await runtime.resume('doubt')).outcome()
  const settled = { happened: true, result: 'sent' } as const
  await (await runtime.settleDoubt('doubt', 'agent:0/turn:0/call:0', settled, 'ana')).result()
}

/** A store that nobody may write to, over one that was written. */
export function readOnly(store: Store): Store {
  const refuse = (): never => {
    throw new Error('A backtest wrote to the store')
  }
  const writes = {
    commit: refuse,
    transact: refuse,
    claim: refuse,
    take: refuse,
    send: refuse,
    gc: refuse,
    erase: refuse,
  }
  return changedStore(store, { ...writes, heartbeat: refuse })
}
