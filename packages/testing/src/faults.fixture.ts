// A clerk who looks one order up, asked through the real client over a fake that goes wrong.
import {
  type Clock,
  createRuntime,
  defineAgent,
  defineTool,
  type Entry,
  type Outcome,
  type Runtime,
} from '@reprise/core'
import { openai } from '@reprise/openai'
import { z } from 'zod'
import { fakeOpenAI } from './fake-openai/fake-openai.ts'
import type { FaultPlan } from './fake-openai/faults/plan.ts'
import type { FakeOpenAI } from './fake-openai/options.ts'
import type { FakeScript } from './fake-openai/script.ts'
import { manualClock } from './manual-clock.ts'
import { memoryStore } from './memory-store.ts'

const findOrder = defineTool({
  name: 'find_order',
  description: 'Finds an order by its id.',
  input: z.object({ orderId: z.string() }),
  effect: 'read',
  execute: ({ orderId }) => `${orderId} is on its way`,
})

/** The agent that meets the faults. */
export const clerk = defineAgent({
  name: 'clerk',
  model: 'gpt-4.1-mini',
  instructions: 'Serve the customer.',
  tools: [findOrder],
})

/** Looks the order up, and says where it is. */
export const part: FakeScript = ({ body }) => {
  const result = body.input.findLast((item) => item.type === 'function_call_output')
  if (result) return { text: `Order ${String(result.output)}.`, deltas: 2 }
  return { text: 'One moment.', calls: [{ name: 'find_order', arguments: { orderId: '4711' } }] }
}

/** A runtime that asks a fake, both on one clock. */
export interface Shop extends AsyncDisposable {
  readonly fake: FakeOpenAI
  readonly runtime: Runtime<readonly [typeof clerk]>
  readonly clock: Clock & { advance(ms: number): Promise<void> }
}

/** Opens a shop whose service meets the faults of a plan. */
export async function openShop(faults: FaultPlan, script: FakeScript = part): Promise<Shop> {
  const clock = manualClock({ now: 1_764_000_000_000 })
  const fake = await fakeOpenAI(script, { clock, faults })
  const runtime = createRuntime({
    store: memoryStore(),
    models: openai({ apiKey: 'sk-test', baseURL: fake.url }),
    definitions: [clerk],
    clock,
    random: () => 0.5,
  })
  return {
    fake,
    runtime,
    clock,
    async [Symbol.asyncDispose]() {
      await runtime[Symbol.asyncDispose]()
      await fake[Symbol.asyncDispose]()
    },
  }
}

/** What came of a run: what its user was told as it went, what is journaled, and how it ended. */
export interface Story {
  readonly heard: string[]
  readonly journal: string[]
  readonly outcome: Omit<Outcome, 'totals'>
}

/** Runs the clerk to the end; time moves on whenever the run waits to ask again. */
export async function tell({ fake, runtime, clock }: Shop): Promise<Story> {
  const run = await runtime.start(clerk, 'Where is my order 4711?', { id: 'ticket' })
  const heard: string[] = []
  run.on('text.delta', ({ attempt, delta }) => heard.push(`${attempt}: ${delta}`))
  run.on('attempt.discarded', ({ attempt }) => heard.push(`${attempt}: discarded`))
  run.on('model.failed', ({ body }) => {
    if (body.retryAt !== null) void clock.advance(body.retryAt - clock.now())
  })
  const { totals: _, ...outcome } = await run.outcome()
  const journal = (await runtime.runs.entries('ticket')).map((entry) => withoutUrl(line(entry), fake))
  return { heard, journal, outcome: JSON.parse(withoutUrl(JSON.stringify(outcome), fake)) as Story['outcome'] }
}

function withoutUrl(text: string, { url }: FakeOpenAI): string {
  return text.replaceAll(url, '<url>')
}

/** An entry in one line. */
function line(entry: Entry): string {
  return `${entry.key}${entry.attempt > 1 ? ` #${entry.attempt}` : ''} ${entry.kind}${detail(entry)}`
}

function detail({ kind, body, at }: Entry): string {
  switch (kind) {
    case 'model.replied':
      return ` ${body.reply.items.map((item) => (item.kind === 'call' ? `${item.name}(${item.arguments})` : item.kind)).join(', ')}`
    case 'model.failed':
      return ` ${body.error.code}, ${body.retryAt === null ? 'for good' : `again after ${body.retryAt - at} ms`}`
    case 'call.returned':
      return ` ${JSON.stringify(body.result)}`
    case 'call.failed':
      return `: ${body.error.message}`
    case 'run.failed':
      return ` ${body.outcome}: ${body.error.code}`
    default:
      return ''
  }
}
