import { digest } from '@reprise/core'
import { expect, test } from 'vitest'
import { call, told } from '../call.fixture.ts'
import { httpPost } from './http-post.ts'
import { bodyOf, serve } from './server.fixture.ts'

const KEY = digest('r/agent:0/turn:0/call:0')

test('JSON is posted as it stands, with the key of the call', async () => {
  const { url, host } = await serve(async (request, response) => {
    const { 'content-type': type, 'idempotency-key': key } = request.headers
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ type, key, body: await bodyOf(request) }))
  })
  expect(await told(httpPost({ hosts: [host] }), { url: `${url}/orders`, json: '{"a": "ü"}' })).toBe(
    `<response url="${url}/orders" status="200 OK">\n{"type":"application/json","key":"${KEY}","body":"{\\"a\\": \\"ü\\"}"}\n</response>`,
  )
})

test('each attempt of one call has the same key, and another call has another', async () => {
  const keys: unknown[] = []
  const { url, host } = await serve((request, response) => {
    keys.push(request.headers['idempotency-key'])
    response.writeHead(keys.length < 3 ? 503 : 201).end()
  })
  const tool = httpPost({ hosts: [host] })
  await call(tool, { url, json: '1' })
  await call(tool, { url, json: '1' }, { id: 'r2' })
  expect(keys).toEqual([KEY, KEY, KEY, digest('r2/agent:0/turn:0/call:0')])
})

test('what is no JSON is not sent', async () => {
  const { url, host, asked } = await serve('ok')
  const { told, attempts } = await call(httpPost({ hosts: [host] }), { url, json: '{a: 1}' })
  expect(told).toMatch(/^The body is not JSON: .*\. Nothing was sent\. Mend it and call again\.$/)
  expect(attempts).toEqual([{ code: 'not_json' }])
  expect(asked).toEqual([])
})

test.each([
  [303, ['POST /', 'GET /done'], ''],
  [302, ['POST /', 'GET /done'], ''],
  [307, ['POST /', 'POST /done'], '{}'],
  [308, ['POST /', 'POST /done'], '{}'],
])('after %i it goes on as HTTP says', async (status, requests, body) => {
  const { url, host, asked } = await serve(async (request, response) => {
    if (request.url === '/') response.writeHead(status, { location: '/done' }).end()
    else response.setHeader('content-type', 'text/plain').end(`got ${await bodyOf(request)}`)
  })
  expect(await told(httpPost({ hosts: [host] }), { url, json: '{}' })).toContain(`\ngot ${body}\n`)
  expect(asked).toEqual(requests)
})

test('a long answer is cut, and nobody is told to post again for the rest', async () => {
  const { url, host } = await serve('x'.repeat(20_001))
  const message = await told(httpPost({ hosts: [host] }), { url, json: '{}' })
  expect(message.split('\n').at(-1)).toBe('The text has 20001 characters; these end at 20000.')
})
