// What the drill works with, and one worker process of it. The world outside is a folder: the letters that were written, the
// payments that were asked for, and how many letters may be written by now, so that the drill says where its moments are.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import {
  type CallContext,
  createRuntime,
  defineAgent,
  defineTool,
  defineWorkflow,
  type Runtime,
  type StepContext,
} from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import { z } from 'zod'
import { postgres } from './postgres.ts'
import type { PostgresStore } from './postgres-store.ts'

/** How many letters a courier's run writes. */
export const LETTERS = 2

/** Runs that one process drives at a time. */
const CONCURRENCY = 3

/** What runs work with. */
interface World {
  readonly folder: string
  readonly book: (ctx: CallContext) => Promise<void>
}

/** Writes a letter, at most once: nobody outside can be asked whether it was written. */
const write = defineTool({
  name: 'write',
  description: 'Writes a letter.',
  input: z.object({}),
  effect: 'once',
  execute: async (_input, { idempotencyKey, services, signal }: CallContext<unknown, World>) => {
    // The drill lets go of letters from another process.
    while (linesOf(services.folder, 'letters').length >= allowedIn(services.folder))
      await wait(5, undefined, { signal })
    appendFileSync(join(services.folder, 'letters'), `${idempotencyKey}\n`)
    return 'written'
  },
})

/** Books in the journal's own database, in the transaction of its entry. */
const book = defineTool({
  name: 'book',
  description: 'Books.',
  input: z.object({}),
  effect: 'transactional',
  execute: async (_input, ctx: CallContext<unknown, World>) => {
    await ctx.services.book(ctx)
    return 'booked'
  },
})

/** Writes letters, one after the other. */
export const courier = defineAgent({ name: 'courier', model: 'm', instructions: '', tools: [write] })

/** Books twice. */
export const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: '', tools: [book] })

/** Pays twice, each by its key. */
export const payday = defineWorkflow({
  name: 'payday',
  input: z.object({}),
  async run(ctx) {
    const pay = ({ services, idempotencyKey }: StepContext): void =>
      appendFileSync(join((services as World).folder, 'payments'), `${idempotencyKey}\n`)
    await ctx.step('first', pay)
    await ctx.sleep(200)
    await ctx.step('second', pay)
    return 'paid'
  },
})

/** What was done outside, a line each. */
export function linesOf(folder: string, name: 'letters' | 'payments' | 'allowed'): readonly string[] {
  const path = join(folder, name)
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n').filter(Boolean) : []
}

function allowedIn(folder: string): number {
  return Number(linesOf(folder, 'allowed').at(-1) ?? 0)
}

/** Where the store of a drill is: its database, and that of its keys. */
export interface DrillPlace {
  readonly url: string
  readonly schema: string
  readonly keys: string
  readonly folder: string
}

const DRILL_KEY = Buffer.alloc(32, 'drill')

/** A runtime on the drill's store, that works nothing yet. */
export function drillRuntime(
  { url, schema, keys, folder }: DrillPlace,
  warn: (line: string) => void,
): [PostgresStore, Runtime] {
  const store = postgres(url, { schema, encryption: { key: DRILL_KEY }, keys })
  const services: World = {
    folder,
    book: async (ctx) =>
      void (await store.tx(ctx).query('insert into public.booked values ($1)', [ctx.idempotencyKey])),
  }
  const models = scriptedModel(({ card, items }) => {
    const done = items.filter(({ kind }) => kind === 'result').length
    return done === LETTERS ? { text: 'done' } : { calls: [{ name: card.tools[0]?.name ?? '', arguments: {} }] }
  })
  const log = { info: () => undefined, warn, error: warn }
  return [store, createRuntime({ store, models, definitions: [courier, clerk, payday], services, log })]
}

if (import.meta.main) {
  const [url = '', schema = '', keys = '', folder = ''] = process.argv.slice(2)
  process.on('warning', ({ message }) => console.log(`warning ${message.split('\n')[0]}`))
  const [, runtime] = drillRuntime({ url, schema, keys, folder }, (line) => console.log(line.split('\n')[0]))
  const worker = runtime.work({ concurrency: CONCURRENCY })
  console.log('ready')
  process.once('SIGTERM', () => {
    void worker
      .stop()
      .then(() => runtime.close())
      .then(() => process.exit(0))
  })
}
