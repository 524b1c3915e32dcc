import { manualClock } from '@reprise/testing'
import { expect, test } from 'vitest'
import { call, told } from '../call.fixture.ts'
import { httpGet } from './http-get.ts'
import { serve } from './server.fixture.ts'

test('a document is given with its URL and status', async () => {
  const { url, host } = await serve('hello')
  expect(await told(httpGet({ hosts: [host] }), { url: `${url}/a?b=c#d` })).toBe(
    `<response url="${url}/a?b=c" status="200 OK">\nhello\n</response>`,
  )
})

test('a page is given as a person sees it', async () => {
  const { url, host } = await serve((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
      .end(`<!doctype html><html><head><title>The shop</title>
      <style>p { color: red }</style><script>alert('<p>no</p>')</script></head><body>
      <h1>Prices &amp; sizes</h1><p>All <b>prices</b> in
      <a href="/eur?a=1&amp;b=2">euros</a>.<br>No tax.</p><ul><li>one</li><li>two <i>and</i> more</li></ul>
      <table><tr><th>Item</th><th>Price</th></tr><tr><td>Lamp</td><td>12</td></tr></table>
      <pre>a  b\n  c</pre><a href="javascript:alert(1)">no</a> <a href="#top">up</a></body></html>`)
  })
  expect(await told(httpGet({ hosts: [host] }), { url })).toBe(`<response url="${url}/" status="200 OK">
The shop

# Prices & sizes

All prices in euros (${url}/eur?a=1&b=2).
No tax.

- one
- two and more

Item | Price
Lamp | 12

a  b
  c

no up
</response>`)
})

test.each([
  ['the head', 'text/plain; charset=windows-1252', Buffer.from('Gr\xfc\xdfe \x80', 'latin1')],
  ['the page', 'text/html', Buffer.from('<meta charset="windows-1252">Gr\xfc\xdfe \x80', 'latin1')],
  ['a mark', 'text/plain', Buffer.from('\uFEFFGrüße €', 'utf16le')],
  ['nothing, as UTF-8', 'text/plain', Buffer.from('Grüße €')],
  ['nothing, as windows-1252', 'text/plain', Buffer.from('Gr\xfc\xdfe \x80', 'latin1')],
  ['a name that nobody knows', 'text/plain; charset=nonesuch', Buffer.from('Grüße €')],
  ['no type at all', '', Buffer.from('Grüße €')],
])('the charset is told by %s', async (_, type, bytes) => {
  const { url, host } = await serve((_, response) => {
    if (type !== '') response.setHeader('content-type', type)
    response.end(bytes)
  })
  expect(await told(httpGet({ hosts: [host] }), { url })).toContain('\nGrüße €\n')
})

test('a long text is read on by its offset', async () => {
  const { url, host } = await serve('x'.repeat(20_000) + 'y'.repeat(100))
  const tool = httpGet({ hosts: [host] })
  expect(await told(tool, { url })).toBe(
    `<response url="${url}/" status="200 OK">\n${'x'.repeat(20_000)}\n</response>\n` +
      'The text has 20100 characters; these end at 20000. Read on with offset 20000.',
  )
  expect(await told(tool, { url, offset: 20_000 })).toBe(
    `<response url="${url}/" status="200 OK">\n${'y'.repeat(100)}\n</response>`,
  )
  expect(await told(tool, { url, offset: 20_100 })).toBe(
    `${url}/ has 20100 characters, so there is nothing at offset 20100. Use a smaller offset.`,
  )
})

test('an empty answer is said to be empty', async () => {
  const { url, host } = await serve((_, response) => response.writeHead(204).end())
  expect(await told(httpGet({ hosts: [host] }), { url })).toBe(
    `<response url="${url}/" status="204 No Content">\n(empty)\n</response>`,
  )
})

test('a status that will not pass is told to the model, with what came with it', async () => {
  const { url, host, asked } = await serve((_, response) => {
    response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"title":"No such order"}')
  })
  expect(await told(httpGet({ hosts: [host] }), { url: `${url}/orders/1` })).toBe(
    `<response url="${url}/orders/1" status="404 Not Found">\n{"title":"No such order"}\n</response>`,
  )
  expect(asked).toEqual(['GET /orders/1'])
})

test('a status that may pass is asked for again', async () => {
  const statuses = [503, 429, 200]
  const { url, host, asked } = await serve((_, response) => {
    response.writeHead(statuses.shift() ?? 500, { 'content-type': 'text/plain' }).end('said')
  })
  expect(await call(httpGet({ hosts: [host] }), { url })).toMatchObject({
    told: `<response url="${url}/" status="200 OK">\nsaid\n</response>`,
    attempts: [{ code: 'server_failed' }, { code: 'server_failed' }, { result: expect.any(String) as string }],
  })
  expect(asked).toHaveLength(3)
})

test('a status that stays is told after three attempts', async () => {
  const { url, host } = await serve((_, response) => response.writeHead(500).end('  out of order '))
  expect(await call(httpGet({ hosts: [host] }), { url })).toEqual({
    told: `GET ${url}/ answered 500 Internal Server Error: "out of order"`,
    attempts: Array.from({ length: 3 }, () => ({ code: 'server_failed' })),
  })
})

test('a connection that is refused is tried again, then told', async () => {
  expect(await call(httpGet({ hosts: ['127.0.0.1:1'] }), { url: 'http://127.0.0.1:1/' })).toEqual({
    told: 'GET http://127.0.0.1:1/ got no answer (ECONNREFUSED). Go on without it, or use another URL.',
    attempts: Array.from({ length: 3 }, () => ({ code: 'connection_failed' })),
  })
})

test('redirects are followed, by relative URLs too, to where the text came from', async () => {
  const { url, host, asked } = await serve((request, response) => {
    const next: Record<string, string> = { '/a': '/b', '/b': 'c/d', '/c/d': `${url}/end` }
    const location = next[request.url ?? '']
    if (location === undefined) response.setHeader('content-type', 'text/plain').end('there')
    else response.writeHead(302, { location }).end()
  })
  expect(await told(httpGet({ hosts: [host] }), { url: `${url}/a` })).toBe(
    `<response url="${url}/end" status="200 OK">\nthere\n</response>`,
  )
  expect(asked).toEqual(['GET /a', 'GET /b', 'GET /c/d', 'GET /end'])
})

test("the tool's headers go to the first origin alone, and over http only where its host is listed so", async () => {
  const seen: (string | undefined)[] = []
  const other = await serve((request, response) => {
    seen.push(request.headers.authorization)
    response.setHeader('content-type', 'text/plain').end('there')
  })
  const first = await serve((request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(307, { location: request.url === '/' ? '/again' : other.url }).end()
  })
  const headers = { authorization: 'Bearer t' }
  const tool = httpGet({ hosts: [`http://${first.host}`, other.host], headers })
  expect(await told(tool, { url: first.url })).toContain('\nthere\n')
  expect(seen.splice(0)).toEqual(['Bearer t', 'Bearer t', undefined])
  const unlisted = httpGet({ hosts: [first.host, other.host], headers })
  expect(await told(unlisted, { url: first.url })).toContain('\nthere\n')
  expect(seen).toEqual([undefined, undefined, undefined])
  expect(await told(tool, { url: `https://${first.host}/` })).toContain('this tool asks only')
})

test('an answer that takes too long is given up after the time of each attempt', async () => {
  const { url, host, asked } = await serve(() => {})
  const clock = manualClock()
  const calling = call(httpGet({ hosts: [host], timeoutMs: 1_000 }), { url }, { clock })
  for (let attempt = 1; attempt <= 3; attempt++) {
    while (asked.length < attempt) await new Promise(setImmediate)
    await clock.advance(1_000)
  }
  expect((await calling).told).toBe('Tool "http_get" took longer than its 1000 ms.')
})

test.each([
  [[], 'Tool "http_get" has no host in its hosts. '],
  [['https://api.example.com'], 'Tool "http_get" has "https://api.example.com" in its hosts. '],
  [['api.example.com/v1'], 'Tool "http_get" has "api.example.com/v1" in its hosts. '],
  [['*'], 'Tool "http_get" has "*" in its hosts. '],
  [['a.*.com'], 'Tool "http_get" has "a.*.com" in its hosts. '],
  [['me@example.com'], 'Tool "http_get" has "me@example.com" in its hosts. '],
  [['example.com:70000'], 'Tool "http_get" has "example.com:70000" in its hosts. '],
])('hosts of %j are refused when the tool is made', (hosts, message) => {
  expect(() => httpGet({ hosts })).toThrow(
    `${message}List hosts, with a port where it is not the scheme's own: "api.example.com", "*.example.com", "localhost:8080", "[::1]:8080".`,
  )
})

test('a header that HTTP cannot carry is refused when the tool is made, without its value', () => {
  expect(() => httpGet({ hosts: ['a.example'], headers: { authorization: 'Bearer secret\n' } })).toThrow(
    'Tool "http_get" has a header "authorization" that HTTP cannot carry: Invalid character in header content ["authorization"]. Look for line ends in it.',
  )
})

test('a private address that is no address is refused when the tool is made', () => {
  expect(() => httpGet({ hosts: ['a.example'], privateAddresses: ['10.0.0.0/33'] })).toThrow(
    'privateAddresses has "10.0.0.0/33". It takes addresses and ranges of them: "10.1.2.3", "10.0.0.0/8", "fd00::/8".',
  )
})
