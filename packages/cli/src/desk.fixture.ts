// A small desk whose runs the tests look at: an agent that looks up and pays, one that writes, and a workflow over both.
import {
  after,
  createRuntime,
  defineAgent,
  defineSignal,
  defineTeam,
  defineTool,
  defineWorkflow,
  type Model,
  type ModelReply,
  type ReplyItem,
  type Runtime,
  type Store,
} from '@reprise/core'
import { sqlite } from '@reprise/store'
import { type ManualClock, manualClock, type ScriptedAnswer, scriptedModel } from '@reprise/testing'
import { z } from 'zod'

const input = z.object({ id: z.string() })

const look = defineTool({
  name: 'look',
  description: 'Looks an order up.',
  input,
  effect: 'read',
  execute: ({ id }) => ({ id, price: 12 }),
})

const pay = defineTool({
  name: 'pay',
  description: 'Pays an order back.',
  input,
  effect: 'idempotent',
  execute: ({ id }) => `paid ${id}`,
})

/** Whether letters are lost: nobody hears of them again. */
let losing = false

const mail = defineTool({
  name: 'mail',
  description: 'Sends a letter.',
  input,
  effect: 'once',
  timeoutMs: 1_000,
  execute: ({ id }) => (losing ? new Promise<string>(() => undefined) : `sent ${id}`),
})

const refund = defineTool({
  name: 'refund',
  description: 'Refunds an order.',
  input,
  effect: 'idempotent',
  approval: true,
  execute: ({ id }) => `refunded ${id}`,
})

const ask = defineTool({ name: 'ask', description: 'Asks.', external: true, input, output: z.string() })
export const asker = defineAgent({ name: 'asker', model: 'gpt-4.1-mini', instructions: 'Ask.', tools: [ask] })

const clerkOptions = {
  name: 'clerk',
  model: 'gpt-4.1-mini',
  instructions: 'Serve the customer.\nBe brief.',
  tools: [look, pay],
  rules: [after(pay, look)],
  output: z.object({ total: z.number() }),
} as const

export const clerk = defineAgent(clerkOptions)
/** The clerk of another day: another wording, and no way to pay. */
export const laterClerk = defineAgent({
  ...clerkOptions,
  instructions: 'Serve the customer.\nBe kind.',
  tools: [look],
  rules: [],
})
export const writer = defineAgent({ name: 'writer', model: 'gpt-4.1-mini', instructions: 'Write.', tools: [mail] })
export const cashier = defineAgent({ name: 'cashier', model: 'gpt-4.1-mini', instructions: 'Refund.', tools: [refund] })
export const desk = defineTeam({
  name: 'desk',
  entry: clerk,
  handoffs: [[clerk, [writer]]],
  output: z.object({ total: z.number() }),
})

export const review = defineSignal({ name: 'review', payload: z.object({ approved: z.boolean() }) })
export const nightly = defineWorkflow({
  name: 'nightly',
  input: z.object({ ticket: z.string() }),
  async run(ctx, { ticket }) {
    const total = await ctx.agent(clerk, ticket)
    await ctx.step('note', () => 'noted')
    const { approved } = await ctx.receive(review)
    return { ...total, approved }
  },
})

/** A workflow that goes on as another run until somebody approves. */
export const rounds = defineWorkflow({
  name: 'rounds',
  input: z.object({ round: z.number() }),
  async run(ctx, { round }): Promise<{ rounds: number }> {
    const { approved } = await ctx.receive(review)
    return approved ? { rounds: round } : ctx.continueAs({ round: round + 1 })
  },
})

/** The workflow of another day. */
export const laterNightly = defineWorkflow({
  name: 'nightly',
  input: z.object({ ticket: z.string() }),
  run: (ctx) => ctx.receive(review),
})

export const definitions = [clerk, writer, cashier, desk, nightly, rounds] as const

/** A reply in full: with tokens, and a price unless it is of no known model. */
export function reply(items: readonly ReplyItem[], costNano?: number): ModelReply {
  return {
    items,
    finish: 'stop',
    model: 'gpt-4.1-mini-2025-04-14',
    usage: { inputTokens: 1_234, cachedTokens: 1_024, outputTokens: 56, reasoningTokens: 0 },
    ...(costNano !== undefined && { costNano }),
  }
}

export function call(callId: string, name: string, id: string): ReplyItem {
  return { kind: 'call', callId, name, arguments: JSON.stringify({ id }) }
}

export function say(text: string): ReplyItem {
  return { kind: 'assistant', text }
}

/** Looks an order up, pays it back, and answers. */
export const served = [
  reply([say('Let me look.'), call('c0', 'look', 'a')], 123_000),
  reply([call('c1', 'pay', 'a')], 123_000),
  reply([say('{"total":12}')]),
]

/** A model that answers one after the other, each after 1.2 seconds. */
function slowly(answers: readonly ScriptedAnswer[], clock: ManualClock): Model {
  return scriptedModel(async (_request, nth) => {
    await clock.advance(1_200)
    return answers[nth - 1] ?? { text: 'done' }
  })
}

/** A runtime on a file, or another store, at a time that the model moves on. */
export function deskRuntime(
  place: string | Store,
  answers: readonly ScriptedAnswer[] = served,
  clock = manualClock({ now: Date.UTC(2026, 10, 22, 11, 14, 3) }),
) {
  return createRuntime({
    store: typeof place === 'string' ? sqlite(place, { durability: 'process' }) : place,
    models: slowly(answers, clock),
    definitions,
    clock,
    random: () => 0,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  })
}

/** Records a run of the clerk that is completed. */
export async function recordServed(place: string | Store, ...ids: readonly string[]): Promise<void> {
  const runtime = deskRuntime(
    place,
    ids.flatMap(() => served),
  )
  for (const id of ids)
    await (await runtime.start(clerk, `Order ${id} arrived broken`, { id, tags: ['web'] })).outcome()
  await runtime.close()
}

/** Records a run of the workflow that waits for its signal. */
export async function recordWaiting(file: string, id = 'night'): Promise<void> {
  const runtime = deskRuntime(file)
  await (await runtime.start(nightly, { ticket: 'Order a' }, { id })).outcome()
  await runtime.close()
}

/** Records a run that has gone on as another, which waits. */
export async function recordRounds(file: string, id = 'r'): Promise<void> {
  const runtime = deskRuntime(file)
  const run = await runtime.start(rounds, { round: 1 }, { id })
  await run.outcome()
  await runtime.send(id, review, { approved: false })
  await run.outcome()
  await runtime.close()
}

/** Records a run of the writer whose letter may or may not have been sent. */
export async function recordDoubt(place: string | Store, id = 'r'): Promise<void> {
  const clock = manualClock({ now: Date.UTC(2026, 10, 22, 11, 14, 3) })
  const runtime = deskRuntime(place, [reply([call('c0', 'mail', 'a')], 5_000)], clock)
  let resting = false
  losing = true
  const outcome = (await runtime.start(writer, 'Write to a', { id })).outcome().finally(() => (resting = true))
  while (!resting) await clock.advance(500)
  await outcome
  losing = false
  await runtime.close()
}

/** The models of a config: nobody is asked but for what a test expects. */
export const models = scriptedModel(() => ({ text: '{"total":7}' }))

/** One that serves as it was recorded, by the conversation alone. */
export const sameModels = scriptedModel(
  ({ items }) => served[items.filter(({ kind }) => kind === 'result').length] ?? { text: 'done' },
)

/** The runtime of a config that several command lines load in one process: each closes it, the next finds another. */
export function reopening(make: () => Runtime): Runtime {
  let opened: Runtime | undefined
  const close = async (): Promise<void> => {
    await opened?.close()
    opened = undefined
  }
  return new Proxy({} as Runtime, {
    has: () => true,
    get(_, name: keyof Runtime) {
      if (name === 'close') return close
      opened ??= make()
      const value: unknown = opened[name]
      return typeof value === 'function' ? (value.bind(opened) as unknown) : value
    },
  })
}
