import { once } from 'node:events'
import { createServer, request as httpRequest, type Server, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { manualClock } from '@reprise/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { collect, failureOf } from '../ask.fixture.ts'
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
async function proxy(tunnel = through): Promise<{
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
    sockets.add(socket)
    socket.on('error', () => undefined)
    tunnel(socket, from.url ?? '', sockets)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server, sockets }
}

/** Passes on whatever is said. */
function through(socket: Socket, to: string, sockets: Set<Socket>): void {
  const [host, port] = to.split(':')
  const onward = connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
  sockets.add(onward)
  onward.on('error', () => undefined)
  socket.pipe(onward).pipe(socket)
}

describe('the network', () => {
  test('is Node’s own where nothing is set', async () => {
    environment({})
    expect(await networkFetch({})).toBeUndefined()
    expect(await networkFetch({ firstTokenMs: 30_000, totalMs: 300_000 })).toBeUndefined()
  })

  test('is one that waits longer than Node’s five minutes where that is asked for', async () => {
    environment({})
    for (const timeouts of [{ totalMs: 900_000 }, { firstTokenMs: 300_001 }, { idleMs: Infinity }])
      expect(await networkFetch(timeouts)).toBeTypeOf('function')
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

  test('takes a proxy without a scheme as one of http:', async () => {
    const { url, asked, server, sockets } = await proxy()
    await using service = await serve(() => ({ text: 'Hello' }))
    environment({ HTTP_PROXY: url.replace('http://', '') })
    await collect(openai({ apiKey: 'sk-test', baseURL: service.fake.url }))
    expect(asked).toHaveLength(1)
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
    server.close()
  })

  test.for([
    ['HTTP_PROXY', 'socks5://127.0.0.1:1080', 'socks5://127.0.0.1:1080'],
    ['HTTPS_PROXY', 'socks5://ana:secret@proxy.example:3128', '\u2026@proxy.example:3128'],
    ['http_proxy', 'proxy example', 'proxy example'],
    ['https_proxy', 'proxy.example:31280000', 'proxy.example:31280000'],
  ] as const)('is refused by a proxy that is no address, and names it: %s=%s', async ([name, value, said]) => {
    environment({ [name]: value })
    await expect(collect(openai({ apiKey: 'sk-test', baseURL: 'http://127.0.0.1:2/v1' }))).rejects.toMatchObject({
      name: 'DefinitionError',
      code: 'bad_proxy',
      message: `The proxy of ${name} is no URL: "${said}". Expected one such as http://127.0.0.1:3128. Correct or unset ${name}.`,
    })
  })

  test.for([
    ['127.0.0.0/8', true],
    ['10.0.0.0/8 127.0.0.1/32', true],
    ['example.com,127.0.0.0/30,.internal', true],
    ['10.0.0.0/8', false],
    ['127.0.0.1/33', false],
    ['::1/128', false],
  ] as const)('goes past the proxy where NO_PROXY has the range of an address: %s', async ([range, past]) => {
    const { url, asked, server, sockets } = await proxy()
    await using service = await serve(() => ({ text: 'Hello' }))
    environment({ HTTP_PROXY: url, NO_PROXY: range })
    await collect(openai({ apiKey: 'sk-test', baseURL: service.fake.url }))
    expect(asked).toHaveLength(past ? 0 : 1)
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

  test('goes through the proxy of HTTPS_PROXY to a server that is asked in secret', async () => {
    const { url, asked, server } = await proxy((socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'))
    environment({ HTTPS_PROXY: url })
    const error = await failureOf(openai({ apiKey: 'sk-test', baseURL: 'https://models.example/v1' }))
    expect(asked).toEqual(['models.example:443'])
    expect(error).toMatchObject({ code: 'connection', retryable: true })
    expect(error.message).toContain('Proxy response (403) !== 200 when HTTP Tunneling')
    server.close()
  })

  test('gives up a proxy that hangs up, and does not ask it again and again by itself', async () => {
    const { url, asked, server } = await proxy((socket) => socket.destroy())
    environment({ HTTPS_PROXY: url })
    const error = await failureOf(openai({ apiKey: 'sk-test', baseURL: 'https://models.example/v1' }))
    expect(asked).toEqual(['models.example:443'])
    expect(error).toMatchObject({ code: 'connection', retryable: true })
    expect(error.message).toContain('The proxy hung up.')
    server.close()
  })

  test('waits for the first byte, and between two, as long as it may', async () => {
    environment({})
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const asked = once(server, 'request') as Promise<[unknown, ServerResponse]>
    const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const timeouts = { totalMs: 900_000 }
    const reply = collect(openai({ apiKey: 'sk-test', baseURL, timeouts, clock: manualClock() }))
    const [, to] = await asked
    await passInTransport(310_000)
    to.writeHead(200, { 'content-type': 'text/event-stream' })
    to.write(`data: ${JSON.stringify({ type: 'response.created', response: { id: 'resp_1' } })}\n\n`)
    await passInTransport(310_000)
    const output = [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }]
    const response = { id: 'resp_1', status: 'completed', model: 'm', output }
    to.end(`data: ${JSON.stringify({ type: 'response.completed', response })}\n\n`)
    expect((await reply).reply.items).toHaveLength(1)
    server.closeAllConnections()
    server.close()
  })
})

/** Moves the transport's own clock on. */
async function passInTransport(ms: number): Promise<void> {
  const timers = createRequire(import.meta.url)('undici/lib/util/timers.js') as { tick(ms: number): void }
  for (let turn = 0; turn < 20; turn += 1) await setImmediate()
  // A timer that is new begins to count at the next tick.
  timers.tick(1_000)
  timers.tick(ms)
  for (let turn = 0; turn < 20; turn += 1) await setImmediate()
}
