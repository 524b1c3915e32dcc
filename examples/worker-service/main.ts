// A worker as a service: it takes runs from its store, answers probes, and lets go of everything when it is told to end.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { createRuntime, messageOf } from '@reprise/core'
import { openai } from '@reprise/openai'
import { sqlite } from '@reprise/store'
import { carrierAt } from './carrier.ts'
import { serverFor } from './routes.ts'
import { DRAIN_MS, readSettings } from './settings.ts'
import { ship, shipFirst } from './ship.ts'

async function main(): Promise<void> {
  const { host, port, store, key, concurrency, retention, release, ...world } = readSettings(process.env)
  const runtime = createRuntime({
    store: sqlite(store, key === undefined ? {} : { encryption: { key } }),
    // Its workflow asks no model; agents of yours would.
    models: openai(),
    // The second release has the first one's workflow beside its own: runs that are under way go on as they began.
    definitions: release === 1 ? [shipFirst] : [ship, shipFirst],
    services: carrierAt(world.carrier, world.carrierMs),
    retention,
  })
  const newest = release === 1 ? shipFirst : ship
  const server = serverFor(runtime, async (order) => {
    await runtime.enqueue(newest, { order }, { id: `order-${order}` })
  })
  const stop = new AbortController()
  const told = once(stop.signal, 'abort')
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      // The second time it is not asked for politely: what is under way is taken up by others.
      if (stop.signal.aborted) process.exit(1)
      stop.abort()
    })

  server.listen(port, host)
  await once(server, 'listening')
  const worker = runtime.work({ concurrency })
  console.log(`Release ${release} works at http://${host}:${(server.address() as AddressInfo).port}`)

  await told
  // Whatever hangs, the process ends before the platform kills it.
  setTimeout(() => process.exit(1), DRAIN_MS).unref()
  console.log('Draining: nothing more is taken.')
  // From here on /readyz says no. Probes and metrics are answered until the end.
  await worker.stop()
  await runtime.close()
  server.close()
  server.closeAllConnections()
  console.log('Drained.')
}

main().catch((error: unknown) => {
  console.error(messageOf(error))
  process.exitCode = 1
})
