// Reprise on Postgres or on SQLite, as a side of w15. usage: node reprise.js postgres|sqlite PLACE WORLD, where PLACE is an
// address with `?schema=NAME`, or a folder, and WORLD the options of the world as JSON
import { join } from 'node:path'
import { createRuntime, type Store } from '@reprise/core'
import { agentOf, modelOf } from '../contenders/reprise.ts'
import type { WorldOptions } from '../world.ts'
import { answer, TimedWorld } from './answer.ts'

const [, , kind = '', place = '', options = '{}'] = process.argv

await answer(new TimedWorld(JSON.parse(options) as WorldOptions), async (world) => {
  const agent = agentOf(world, 'read')
  const store = await open()
  const runtime = createRuntime({ store, models: modelOf(world), definitions: [agent] })
  return {
    async run(id) {
      const run = await runtime.start(agent, `run:${id}`, { id })
      return run.result()
    },
    close: () => runtime.close(),
  }
})

async function open(): Promise<Store> {
  const store = kind === 'sqlite' ? await openFile() : await openServer()
  // It opens at the first use: that is not part of a run.
  await store.owners()
  return store
}

async function openFile(): Promise<Store> {
  const { sqlite } = await import('@reprise/store')
  return sqlite(join(place, 'reprise.db'), { durability: 'power' })
}

async function openServer(): Promise<Store> {
  const { postgres } = await import('@reprise/postgres')
  const url = new URL(place)
  const schema = url.searchParams.get('schema') ?? 'reprise'
  url.searchParams.delete('schema')
  return postgres(url.href, { schema })
}
