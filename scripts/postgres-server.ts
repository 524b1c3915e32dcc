// Gives a test run one Postgres, which is started when the first test asks for its address, and stopped at the end.
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { PostgresServer } from '../packages/postgres/src/server.fixture.ts'

export async function setup(): Promise<() => Promise<void>> {
  let starting: Promise<PostgresServer> | undefined
  const asked = createServer((socket) => {
    socket.on('error', () => undefined)
    starting ??= start()
    starting.then(
      (server) => socket.end(server.url()),
      (thrown: unknown) => socket.end(String(thrown)),
    )
  })
  await new Promise<void>((resolve) => asked.listen(0, '127.0.0.1', resolve))
  const { port } = asked.address() as AddressInfo // of a server that listens on a port
  process.env['REPRISE_TEST_POSTGRES'] = String(port)
  return async () => {
    await new Promise((resolve) => asked.close(resolve))
    const server = await starting?.catch(() => undefined)
    await server?.stop()
  }
}

/** Loaded when it is needed: what starts servers takes its time, and few test runs need one. */
async function start(): Promise<PostgresServer> {
  const { PostgresServer: Server } = await import('../packages/postgres/src/server.fixture.ts')
  return Server.start()
}
