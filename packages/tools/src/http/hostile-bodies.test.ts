// What must not work: bodies without end or sense. Everything that is reached stands on loopback.
import { once } from 'node:events'
import { createServer as createRawServer } from 'node:net'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { manualClock } from '@reprise/testing'
import { describe, expect, test } from 'vitest'
import { call, told } from '../call.fixture.ts'
import { httpGet } from './http-get.ts'
import { serve } from './server.fixture.ts'

describe('a body that is too much is cut:', () => {
  const zeros = Buffer.alloc(100_000_000, 'a')

  test.each([
    ['gzip', gzipSync(zeros)],
    ['br', brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ])('a small one in %s that unpacks to 100 MB', async (encoding, packed) => {
    expect(packed.length).toBeLessThan(1_000_000)
    const { url, host } = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': encoding }).end(packed)
    })
    const before = process.memoryUsage.rss()
    const lines = (await told(httpGet({ hosts: [host], maxBytes: 10_000 }), { url })).split('\n')
    expect(lines).toEqual([
      `<response url="${url}/" status="200 OK">`,
      'a'.repeat(10_000),
      '</response>',
      'The rest of the answer is too long to be read.',
    ])
    expect(process.memoryUsage.rss() - before).toBeLessThan(50_000_000)
  })

  test('one that never ends, and its server is hung up on', async () => {
    const closed = Promise.withResolvers<void>()
    const { url, host } = await serve((_, response) => {
      response.setHeader('content-type', 'text/plain')
      const more = () => {
        while (response.write('endless ')) continue
      }
      response.on('drain', more).on('close', closed.resolve)
      more()
    })
    const message = await told(httpGet({ hosts: [host], maxBytes: 80 }), { url })
    expect(message.split('\n').slice(1)).toEqual([
      'endless '.repeat(10),
      '</response>',
      'The rest of the answer is too long to be read.',
    ])
    await closed.promise
  })

  test('one that is cut inside of a character', async () => {
    const { url, host } = await serve('ü'.repeat(100))
    expect(await told(httpGet({ hosts: [host], maxBytes: 9 }), { url })).toContain('\nüüüü\n')
  })
})

test('a body that comes too slowly ends with the time of the call, and its server is hung up on', async () => {
  const closed = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const { url, host } = await serve((_, response) => {
    response.setHeader('content-type', 'text/plain').write('a')
    response.on('close', closed.resolve)
    begun.resolve()
  })
  const clock = manualClock()
  const tool = { ...httpGet({ hosts: [host], timeoutMs: 500 }), retry: { attempts: 1, baseMs: 0, maxMs: 0 } }
  const calling = call(tool, { url }, { clock })
  await begun.promise
  await clock.advance(500)
  expect((await calling).told).toBe('Tool "http_get" took longer than its 500 ms.')
  await closed.promise
})

describe('what no model can read is refused:', () => {
  test.each([
    ['a picture', { 'content-type': 'image/png' }, 'is no text but image/png. Go on without it, or use another URL.'],
    [
      'an archive',
      { 'content-type': 'application/zip' },
      'is no text but application/zip. Go on without it, or use another URL.',
    ],
    [
      'binary data that says it is text',
      { 'content-type': 'text/plain' },
      'is no text but text/plain. Go on without it, or use another URL.',
    ],
    ['binary data that says nothing', {}, 'is no text but binary data. Go on without it, or use another URL.'],
    [
      'a body packed twice',
      { 'content-encoding': 'gzip, gzip' },
      'The server packed its answer as "gzip, gzip", and only gzip, deflate, br were asked for. Go on without it, and say so.',
    ],
    [
      'a body packed otherwise',
      { 'content-encoding': 'compress' },
      'The server packed its answer as "compress", and only gzip, deflate, br were asked for. Go on without it, and say so.',
    ],
    [
      'a body that is not packed as it says',
      { 'content-encoding': 'gzip' },
      'got no answer (Z_DATA_ERROR). Go on without it, or use another URL.',
    ],
  ])('%s', async (_, headers, why) => {
    const { url, host } = await serve((_, response) =>
      response.writeHead(200, headers).end(Buffer.from([1, 0, 2, 0, 0, 3])),
    )
    const { told, attempts } = await call(httpGet({ hosts: [host] }), { url })
    expect(told).toContain(why)
    expect(attempts).toHaveLength(1)
  })
})

describe('a server that breaks off or talks nonsense is tried again, then told:', () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n'
  test.each([
    ['nothing at all', '', 'ECONNRESET'],
    ['half a body', `${head}content-length: 100\r\n\r\nhalf`, 'ECONNRESET'],
    [
      'half a packed body',
      `${head}content-encoding: gzip\r\n\r\n${gzipSync('x'.repeat(1_000)).subarray(0, 20).toString('latin1')}`,
      'Z_BUF_ERROR',
    ],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n', 'HPE_INVALID_CONSTANT'],
    ['a head without end', `${head}x: ${'y'.repeat(100_000)}`, 'HPE_HEADER_OVERFLOW'],
    ['two lengths', `${head}content-length: 1\r\ncontent-length: 2\r\n\r\nab`, 'HPE_UNEXPECTED_CONTENT_LENGTH'],
  ])('%s', async (_, answer, code) => {
    const server = createRawServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end(answer, 'latin1'))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const host = `127.0.0.1:${(server.address() as { port: number }).port}`
    const called = await call(httpGet({ hosts: [host] }), { url: `http://${host}/` })
    server.close()
    expect(called).toEqual({
      told: `GET http://${host}/ got no answer (${code}). Go on without it, or use another URL.`,
      attempts: Array.from({ length: 3 }, () => ({ code: 'connection_failed' })),
    })
  })
})
