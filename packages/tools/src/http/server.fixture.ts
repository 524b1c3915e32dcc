import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

/** A server on loopback that is gone after the test. */
export interface TestServer {
  /** `127.0.0.1:4711` */
  readonly host: string
  readonly port: number
  /** `http://127.0.0.1:4711` */
  readonly url: string
  /** What was asked, in order: `GET /path`. */
  readonly asked: readonly string[]
}

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown

/** Starts a server that answers by a listener, or with a text. */
export async function serve(answer: Answer | string): Promise<TestServer> {
  const asked: string[] = []
  const listener: Answer =
    typeof answer === 'string' ? (_, response) => response.setHeader('content-type', 'text/plain').end(answer) : answer
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    listener(request, response)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { host: `127.0.0.1:${port}`, port, url: `http://127.0.0.1:${port}`, asked }
}

/** The whole body of a request. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk)
  return text
}
