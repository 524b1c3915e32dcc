import { once } from 'node:events'
import { createServer, request as httpRequest, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { collect } from '../ask.fixture.ts'
import { openai } from '../openai.ts'
import { serve } from '../serve.fixture.ts'
import { networkFetch } from './network.ts'

const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']

afterEach(() => {
  vi.unstubAllEnvs()
})

/** No proxy but what a test sets. */
function environment(set: Record<string, string>): void {
  for (const name of names) vi.stubEnv(name, set[name])
}

/** A proxy on this machine, and where it was asked to go. */
async function proxy(): Promise<{
  readonly url: string
  readonly asked: string[]
  readonly server: Server
  readonly sockets: Set<Socket>
}> {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((from, to) => {
    asked.push(from.url ?? '')
    const onward = httpRequest(from.url ?? '', { method: from.method, headers: from.headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(to)
    })
    from.pipe(onward)
  })
  server.on('connect', (from, socket: Socket) => {
    asked.push(from.url ?? '')
    const [host, port] = (from.url ?? '').split(':')
    const onward = connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    for (const one of [socket, onward]) {
      sockets.add(one)
      one.on('error', () => undefined)
    }
    socket.pipe(onward).pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server, sockets }
}

describe('the network', () => {
  test('is Node’s own where nothing is set', async () => {
    environment({})
    expect(await networkFetch({})).toBeUndefined()
    expect(await networkFetch({ firstTokenMs: 30_000, totalMs: 300_000 })).toBeUndefined()
  })

  test('is one that waits longer than Node’s five minutes where that is asked for', async () => {
    environment({})
    await using service = await serve(() => ({ text: 'Hello' }))
    expect(await networkFetch({ totalMs: 900_000 })).toBeTypeOf('function')
    const model = openai({ apiKey: 'sk-test', baseURL: service.fake.url, timeouts: { totalMs: 900_000 } })
    expect((await collect(model)).reply.items).toEqual([{ kind: 'assistant', text: 'Hello' }])
  })

  test.for(['HTTP_PROXY', 'http_proxy'])('goes through the proxy of %s', async (name) => {
    const { url, asked, server, sockets } = await proxy()
    await using service = await serve(() => ({ text: 'Hello' }))
    environment({ [name]: url })
    const { reply } = await collect(openai({ apiKey: 'sk-test', baseURL: service.fake.url }))
    expect(reply.items).toEqual([{ kind: 'assistant', text: 'Hello' }])
    expect(asked).toHaveLength(1)
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
    server.close()
  })

  test('goes past the proxy where NO_PROXY says so', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    environment({ HTTP_PROXY: 'http://127.0.0.1:2', NO_PROXY: '127.0.0.1' })
    const { reply } = await collect(openai({ apiKey: 'sk-test', baseURL: service.fake.url }))
    expect(reply.items).toEqual([{ kind: 'assistant', text: 'Hello' }])
  })
})
