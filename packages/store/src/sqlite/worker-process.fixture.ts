// One worker process of a test: works the queue of a store until it is told to stop, or killed.
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

if (import.meta.main) {
  const [storePath = '', ledgerPath = ''] = process.argv.slice(2)
  const ledger = new Database(ledgerPath, { timeout: 30_000 })
  const insert = ledger.prepare(
    'insert into paid (key, amount) values (?, ?) on conflict (key) do update set asked = asked + 1',
  )
  const services: Ledger = { pay: (key, amount) => void insert.run(key, amount) }
  const log = {
    info: () => undefined,
    warn: (line: string) => console.log(`warn ${line}`),
    error: (line: string) => console.log(`error ${line}`),
  }
  const runtime = createRuntime({
    store: sqlite(storePath),
    models: scriptedModel([]),
    definitions: [payday],
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
