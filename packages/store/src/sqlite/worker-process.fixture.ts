// One worker process of a test: works the queue of a store until it is told to stop, or killed.
import { setTimeout as wait } from 'node:timers/promises'
import { sqlite } from '../index.ts'
import { scriptedModel } from '@reprise/testing'
import Database from 'better-sqlite3'
import { z } from 'zod'
import { createRuntime, defineWorkflow, type StepContext } from '@reprise/core'

/** Runs that one process drives at a time. */
export const CONCURRENCY = 20

/** The outside world: a ledger that keeps idempotency keys, as a payment service does. */
export interface Ledger {
  readonly pay: (key: string, amount: number) => void
  /** Says of a customer who is served that it is, twice where it is already by another run. */
  readonly begin: (customer: string, key: string) => void
  readonly end: (customer: string) => void
}

/** Pays twice, with something to wait for in between. */
export const payday = defineWorkflow({
  name: 'payday',
  input: z.object({ amount: z.number() }),
  async run(ctx, { amount }) {
    const pay = (step: StepContext): void => (step.services as Ledger).pay(step.idempotencyKey, amount)
    await ctx.step('first', pay)
    await ctx.sleep(5)
    await ctx.step('second', pay)
    return amount * 2
  },
})

/** Serves a customer: no two at a time. */
export const served = defineWorkflow({
  name: 'served',
  input: z.object({ customer: z.string() }),
  async run(ctx, { customer }) {
    await ctx.step('serve', async (step) => {
      const { begin, end } = step.services as Ledger
      begin(customer, step.idempotencyKey)
      // Long enough for another process to look for runs meanwhile.
      await wait(5)
      end(customer)
    })
  },
})

if (import.meta.main) {
  const [storePath = '', ledgerPath = ''] = process.argv.slice(2)
  const ledger = new Database(ledgerPath, { timeout: 30_000 })
  const insert = ledger.prepare(
    'insert into paid (key, amount) values (?, ?) on conflict (key) do update set asked = asked + 1',
  )
  const begin = ledger.prepare(
    'insert into serving (customer, key) values (?, ?) on conflict (customer) do update set twice = twice + (key is not null and key <> excluded.key), key = excluded.key',
  )
  const end = ledger.prepare('update serving set key = null where customer = ? and twice = 0')
  const services: Ledger = {
    pay: (key, amount) => void insert.run(key, amount),
    begin: (customer, key) => void begin.run(customer, key),
    end: (customer) => void end.run(customer),
  }
  const log = {
    info: () => undefined,
    warn: (line: string) => console.log(`warn ${line}`),
    error: (line: string) => console.log(`error ${line}`),
  }
  const runtime = createRuntime({
    store: sqlite(storePath),
    models: scriptedModel([]),
    definitions: [payday, served],
    services,
    log,
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
