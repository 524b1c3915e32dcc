// A clerk who looks one order up, asked through the real client over a fake that goes wrong.
import {
  createRuntime,
  defineAgent,
  defineTool,
  type Entry,
  type Outcome,
  type ReplyItem,
  type RunHandle,
  type Runtime,
} from '@reprise/core'
import { openai, type Timeouts } from '@reprise/openai'
import { type ManualClock, manualClock, memoryStore } from '@reprise/testing'
import { z } from 'zod'
import { fakeOpenAI } from '../fake-openai.ts'
import type { FakeOpenAI, FakeOptions } from '../options.ts'
import type { FakeScript } from '../script/script.ts'

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

/** Looks the order up until it knows where it is, and says so. */
export const part: FakeScript = ({ body }) => {
  const results = body.input.flatMap((item) => (item.type === 'function_call_output' ? [item.output] : []))
  const known = results.find((result) => typeof result === 'string' && result.endsWith('on its way'))
  if (typeof known === 'string') return { text: `Order ${known}.`, deltas: 2 }
  return { text: 'One moment.', calls: [{ name: 'find_order', arguments: { orderId: '4711' } }] }
}

/** A runtime that asks a fake, both on one clock. */
export interface Shop extends AsyncDisposable {
  readonly fake: FakeOpenAI
  readonly runtime: Runtime<readonly [typeof clerk]>
  readonly clock: ManualClock
}

/** How the service is asked. */
export interface Manner {
  readonly api?: 'responses' | 'chat'
  readonly stream?: boolean
  readonly timeouts?: Timeouts
  readonly background?: boolean
}

/** Opens a shop whose service has its troubles. */
export async function openShop(
  troubles: Pick<FakeOptions, 'faults' | 'limits'>,
  { api = 'responses', background = false, ...manner }: Manner = {},
): Promise<Shop> {
  const clock = manualClock({ now: 1_764_000_000_000 })
  const fake = await fakeOpenAI(part, { clock, ...troubles })
  const runtime = createRuntime({
    store: memoryStore(),
    models: openai({
      apiKey: 'sk-test',
      baseURL: fake.url,
      clock,
      ...(api === 'chat' ? { api } : { background }),
      ...manner,
    }),
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

/** What a test may do with a run while it goes on. */
export type Run = Pick<RunHandle, 'on' | 'cancel' | 'outcome'>

type WithoutTotals<T> = T extends unknown ? Omit<T, 'totals'> : never

/** What came of a run: what its user was told as it went, what is journaled, and how it ended. */
export interface Story {
  readonly heard: string[]
  readonly journal: string[]
  readonly outcome: WithoutTotals<Outcome>
}

/**
 * Runs the clerk to the end; time moves on whenever the run waits to ask again.
 *
 * @param meanwhile is called once with the run when it has begun.
 */
export async function tell({ fake, runtime, clock }: Shop, meanwhile?: (run: Run) => void): Promise<Story> {
  const run = await runtime.start(clerk, 'Where is my order 4711?', { id: 'ticket' })
  const heard: string[] = []
  run.on('text.delta', ({ attempt, delta }) => heard.push(`${attempt}: ${delta}`))
  run.on('attempt.discarded', ({ attempt }) => heard.push(`${attempt}: discarded`))
  run.on('model.failed', ({ body }) => {
    if (body.retryAt !== null) void clock.advance(body.retryAt - clock.now())
  })
  meanwhile?.(run)
  const { totals: _, ...outcome } = await run.outcome()
  const journal = (await runtime.runs.entries('ticket')).map((entry) => withoutUrl(line(entry), fake))
  return { heard, journal, outcome: JSON.parse(withoutUrl(JSON.stringify(outcome), fake)) as Story['outcome'] }
}

/** Leaves out what is another one each time. */
function withoutUrl(text: string, { url }: FakeOpenAI): string {
  return text.replaceAll(url, '<url>').replaceAll(/call_[0-9a-f]{24}/g, 'call_…')
}

/** An entry in one line. */
function line(entry: Entry): string {
  return `${entry.key}${entry.attempt > 1 ? ` #${entry.attempt}` : ''} ${entry.kind}${detail(entry)}`
}

function detail({ kind, body, at }: Entry): string {
  if (kind === 'model.replied') return ` ${body.reply.items.map(said).join(', ')}`
  if (kind === 'call.returned') return ` ${JSON.stringify(body.result)}`
  if (kind === 'call.failed') return `: ${body.error.message}`
  if (kind === 'run.failed') return ` ${body.outcome}: ${body.error.code}`
  if (kind !== 'model.failed') return ''
  return ` ${body.error.code}, ${body.retryAt === null ? 'for good' : `again after ${body.retryAt - at} ms`}`
}

function said(item: ReplyItem): string {
  return item.kind === 'call' ? `${item.name}(${item.arguments})` : item.kind
}
