// A process of a test that sells orders: each with a run and a signal in one transaction, and dies where it is told to.
import { writeSync } from 'node:fs'
import { scriptedModel } from '@reprise/testing'
import { z } from 'zod'
import { createRuntime, defineSignal, defineWorkflow } from '@reprise/core'
import { sqlite } from '../index.ts'

/** Where a process kills itself in its first sale; `never` for one that sells on until it is killed. */
export const PLACES = ['begun', 'row', 'run', 'signal', 'committed', 'never'] as const

const paid = defineSignal({ name: 'paid', payload: z.number() })

/** Packs an order once it is paid. */
export const packing = defineWorkflow({ name: 'packing', input: z.string(), run: (ctx) => ctx.receive(paid) })

/** What runs beside. */
export const sweeping = defineWorkflow({ name: 'sweeping', input: z.number(), run: async (_, input) => input })

export const ORDERS = 'create table if not exists orders (id text primary key)'

if (import.meta.main) {
  const [path = '', place = '', key = ''] = process.argv.slice(2)
  const store = sqlite(path, {
    durability: 'process',
    ...(key !== '' && { encryption: { key: Buffer.from(key, 'hex') } }),
  })
  const runtime = createRuntime({ store, models: scriptedModel([]), definitions: [packing, sweeping] })
  const dieAt = (here: (typeof PLACES)[number]): void => {
    if (here === place) process.kill(process.pid, 'SIGKILL')
  }
  await store.transaction((tx) => tx.exec(ORDERS))
  for (let n = 0; ; n++) {
    const id = `order-${n}`
    // What others commit in the same turns is no part of it.
    void runtime.enqueue(sweeping, n, { id: `sweep-${n}` })
    await store.transaction((tx) => {
      dieAt('begun')
      tx.prepare('insert into orders values (?)').run(id)
      dieAt('row')
      void runtime.enqueue(packing, id, { id, tx })
      dieAt('run')
      void runtime.send(id, paid, n, { id: 'paid', tx })
      dieAt('signal')
    })
    dieAt('committed')
    writeSync(1, `${id}\n`)
  }
}
