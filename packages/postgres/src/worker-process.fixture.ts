// One worker process of a test: works the queue of a store until it is told to stop, or killed. What its runs do stands outside
// of the journal: payments in a table of the shop's own, letters in a file.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import {
  type CallContext,
  createRuntime,
  defineAgent,
  defineTool,
  defineWorkflow,
  type StepContext,
} from '@reprise/core'
import { scriptedModel, type ScriptedModel } from '@reprise/testing'
import pg from 'pg'
import { z } from 'zod'
import { postgres } from './postgres.ts'

/** Runs that one process drives at a time. */
export const CONCURRENCY = 20

/** The world that a process works in. */
interface World {
  readonly pay: (key: string, amount: number) => Promise<void>
  /** Books in the transaction of the tool whose ctx it is. */
  readonly book: (ctx: CallContext, amount: number) => Promise<void>
  readonly letters: string
}

/** A server may be away for a while. */
const retry = { attempts: 60, baseMs: 100, maxMs: 1_000 }

/** Pays twice, with something to wait for in between. */
export const payday = defineWorkflow({
  name: 'payday',
  input: z.object({ amount: z.number() }),
  async run(ctx, { amount }) {
    const pay = async (step: StepContext): Promise<void> => (step.services as World).pay(step.idempotencyKey, amount)
    await ctx.step('first', pay, { retry })
    await ctx.sleep(5)
    await ctx.step('second', pay, { retry })
    return amount * 2
  },
})

const input = z.object({ amount: z.number() })

/** Books in the store's own transaction. */
const book = defineTool({
  name: 'book',
  description: 'Books.',
  input,
  effect: 'transactional',
  execute: async ({ amount }, ctx: CallContext<unknown, World>) => {
    await ctx.services.book(ctx, amount)
    return 'booked'
  },
})

/** Writes a letter, at most once. */
const write = defineTool({
  name: 'write',
  description: 'Writes a letter.',
  input,
  effect: 'once',
  execute: (_input, { idempotencyKey, services }: CallContext<unknown, World>) => {
    appendFileSync(services.letters, `${idempotencyKey}\n`)
    return 'written'
  },
  reconcile: (_input, { idempotencyKey, services }) =>
    linesOf(services.letters).includes(idempotencyKey) ? { happened: true, result: 'written' } : { happened: false },
})

/** Books, then writes a letter about it. */
export const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: '', tools: [book, write] })

/** What the clerk's model says follows from what is done. */
export function clerkModel(): ScriptedModel {
  return scriptedModel(({ items }) => {
    const done = items.filter(({ kind }) => kind === 'result').length
    const name = ['book', 'write'][done]
    return name === undefined ? { text: 'done' } : { calls: [{ name, arguments: { amount: 1 } }] }
  })
}

/** The letters that were written, by the keys of their calls. */
export function linesOf(letters: string): string[] {
  return existsSync(letters) ? readFileSync(letters, 'utf8').trimEnd().split('\n') : []
}

if (import.meta.main) {
  const [url = '', schema = '', letters = ''] = process.argv.slice(2)
  const shop = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 5_000 })
  // Whoever pays next hears of it.
  shop.on('error', () => undefined)
  const store = postgres(url, { schema })
  const services: World = {
    pay: async (key, amount) => {
      await shop.query(
        `insert into ${schema}_shop.paid (key, amount) values ($1, $2) on conflict (key) do update set asked = paid.asked + 1`,
        [key, amount],
      )
    },
    book: async (ctx, amount) => {
      await store.tx(ctx).query(`insert into ${schema}_shop.booked values ($1, $2)`, [ctx.idempotencyKey, amount])
    },
    letters,
  }
  const runtime = createRuntime({
    store,
    models: clerkModel(),
    definitions: [payday, clerk],
    services,
    log: {
      info: () => undefined,
      warn: (line) => console.log(`warn ${line.split('\n')[0]}`),
      error: (line) => console.log(`error ${line.split('\n')[0]}`),
    },
  })
  const worker = runtime.work({ concurrency: CONCURRENCY })
  console.log('ready')
  process.once('SIGTERM', () => {
    void worker
      .stop()
      .then(() => runtime.close())
      .then(() => process.exit(0))
  })
}
