import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import {
  createRuntime,
  defineAgent,
  defineSignal,
  defineTeam,
  defineWorkflow,
  type Model,
  type RunHandle,
  type Settled,
  type Store,
} from '../index.ts'

declare const store: Store
declare const model: Model

const reader = defineAgent({
  name: 'reader',
  model: 'm',
  context: z.object({ file: z.string() }),
  instructions: 'Read.',
  output: z.object({ total: z.number(), note: z.string().optional() }),
})
const writer = defineAgent({ name: 'writer', model: 'm', instructions: 'Write.' })
const desk = defineTeam({
  name: 'desk',
  entry: writer,
  handoffs: [[writer, [reader]]],
  output: z.object({ ok: z.boolean() }),
})
const review = defineSignal({ name: 'review', payload: z.object({ approved: z.boolean().default(false) }) })

const child = defineWorkflow({
  name: 'child',
  input: z.object({ day: z.coerce.date(), retries: z.number().default(3) }),
  async run(ctx, { day, retries }) {
    // The code gets its input as it stands in the journal.
    expectTypeOf(day).toEqualTypeOf<string>()
    expectTypeOf(retries).toEqualTypeOf<number>()
    return { day: new Date(ctx.now()), tries: retries }
  },
})

const nightly = defineWorkflow({
  name: 'nightly',
  input: z.object({ tickets: z.array(z.string()) }),
  async run(ctx, { tickets }) {
    expectTypeOf(ctx.agent(reader, 'a', { context: { file: 'a' } })).resolves.toEqualTypeOf<{
      total: number
      note?: string
    }>()
    expectTypeOf(ctx.agent(writer, 'a')).resolves.toEqualTypeOf<string>()
    expectTypeOf(ctx.agent(desk, 'a', { context: { file: 'a' } })).resolves.toEqualTypeOf<{ ok: boolean }>()
    expectTypeOf(ctx.child(child, { day: '2026-11-25' })).resolves.toEqualTypeOf<{ day: string; tries: number }>()

    expectTypeOf(ctx.step('at', () => ({ at: new Date(), say: () => 'no' }))).resolves.toEqualTypeOf<{ at: string }>()
    expectTypeOf(ctx.step('two', async () => 2)).resolves.toEqualTypeOf<number>()
    expectTypeOf(ctx.receive(review, { timeoutMs: 5 })).resolves.toEqualTypeOf<{ approved: boolean }>()

    const mapped = ctx.map(tickets, async (ticket, branch, index) => ({ ticket, index, id: branch.uuid() }), {
      concurrency: 8,
    })
    expectTypeOf(mapped).resolves.toEqualTypeOf<{ ticket: string; index: number; id: string }[]>()
    const collected = ctx.map(tickets, async (ticket) => ticket.length, { failures: 'collect' })
    expectTypeOf(collected).resolves.toEqualTypeOf<Settled<number>[]>()
    expectTypeOf(ctx.all([async () => 1, async () => 'a'])).resolves.toEqualTypeOf<[number, string]>()
    expectTypeOf(ctx.race([async () => 1, async (branch) => branch.sleep(5)])).resolves.toEqualTypeOf<number | void>()
    expectTypeOf(ctx.signal).toEqualTypeOf<AbortSignal>()

    // @ts-expect-error a context is asked for where the agent has one
    void ctx.agent(reader, 'a')
    void ctx.agent(writer, { text: 'What is it?', parts: [{ kind: 'image', url: 'https://shop.example/1.png' }] })
    // @ts-expect-error an agent is given text, or text with pictures and files
    void ctx.agent(writer, { text: 1 })
    // @ts-expect-error the input of a child is what its schema takes
    void ctx.child(child, { retries: 1 })
    // @ts-expect-error there is no other way with failures
    void ctx.map(tickets, async () => 1, { failures: 'ignore' })
    return tickets.length > 1 ? ctx.continueAs({ tickets: [] }) : { done: tickets.length }
  },
})

const runtime = createRuntime({ store, models: model, definitions: [nightly, child, reader, desk, writer] })
expectTypeOf(runtime.start(nightly, { tickets: ['a'] })).resolves.toEqualTypeOf<RunHandle<{ done: number }>>()
expectTypeOf(runtime.start(child, { day: 1 })).resolves.toEqualTypeOf<RunHandle<{ day: string; tries: number }>>()
expectTypeOf(runtime.enqueue(nightly, { tickets: [] }, { priority: 2, tags: ['night'] })).resolves.toEqualTypeOf<{
  readonly id: string
}>()
// What a schema fills in may be left out.
void runtime.send('nightly', review, {})

// @ts-expect-error a workflow is started with what its schema takes
void runtime.start(nightly, { tickets: [1] })
// @ts-expect-error a workflow has no context
void runtime.start(nightly, { tickets: [] }, { context: {} })
// @ts-expect-error a signal's payload is what its schema takes
void runtime.send('nightly', review, { approved: 'yes' })
