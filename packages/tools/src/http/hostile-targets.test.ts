// Who must not be asked. Everything that is reached stands on loopback; names are resolved here.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { call, told } from '../call.fixture.ts'
import { httpGet } from './http-get.ts'
import { httpPost } from './http-post.ts'
import { serve } from './server.fixture.ts'

describe('a URL that is not listed asks nobody:', () => {
  test.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://0x7f.0.0.1/',
    'http://127.1/',
    'http://0/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://localhost/',
    'http://LOCALHOST./',
    'http://api.example.com@127.0.0.1/',
    'http://api.example.com:80@evil.example/',
    'http://user@api.example.com/',
    'http://user:password@api.example.com/',
    'http://api.example.com.evil.example/',
    'http://evil.example/http://api.example.com/',
    'http://evil.example#@api.example.com/',
    'http://evil.example?@api.example.com/',
    'http://evil.example\\@api.example.com/',
    'http:\\\\evil.example\\api.example.com',
    'http://api.example.com:22/',
    'https://api.example.com:80/',
    'http://api.example.com./',
    'http://xapi.example.com/',
    'http://example.org/',
    'http://xexample.org/',
    'http://a.example.org.evil.example/',
    'http://api.example.com%00.evil.example/',
    'http://api.example.com%2f.evil.example/',
    'http://api.example.com\t.evil.example/',
    '//api.example.com/',
    '/etc/passwd',
    'api.example.com',
    'file:///etc/passwd',
    'ftp://api.example.com/',
    'gopher://api.example.com/',
    'ws://api.example.com/',
    'data:text/html,hello',
    'javascript:alert(1)',
    'http://',
    '',
    `http://evil.example/${'x'.repeat(100_000)}`,
  ])('%j', async (url) => {
    const resolved: string[] = []
    const options = {
      hosts: ['api.example.com', '*.example.org'],
      resolve: async (host: string) => {
        resolved.push(host)
        return ['127.0.0.1']
      },
    }
    for (const [tool, rest] of [[httpGet(options), {}] as const, [httpPost(options), { json: '{}' }] as const]) {
      const { told, attempts } = await call(tool, { url, ...rest })
      expect(attempts).toEqual([{ code: 'url_refused' }])
      expect(told).toMatch(
        /^The URL ".*" (?:is no URL of http or https|carries a user or a password|has the host \S+), and this tool asks only http and https on: api\.example\.com, \*\.example\.org\. Use a URL of these\.$/s,
      )
      expect(told.length).toBeLessThan(500)
    }
    expect(resolved).toEqual([])
  })

  test.each([
    ['another case', 'HTTP://API.Example.COM/'],
    ['wide letters', 'http://\uFF41pi.example.com/'],
    ['a wide dot', 'http://api\u3002example.com/'],
    ['a name below', 'http://a.b.example.org/'],
  ])('%s is the same host', async (_, url) => {
    const resolved: string[] = []
    const hosts = ['api.example.com', '*.example.org']
    const tool = httpGet({
      hosts,
      resolve: async (host) => {
        resolved.push(host)
        return ['10.0.0.1']
      },
    })
    await call(tool, { url })
    expect(resolved).toEqual([url.includes('.org') ? 'a.b.example.org' : 'api.example.com'])
  })
})

describe('a listed name asks nobody when it stands for', () => {
  test.each([
    [['127.0.0.1']],
    [['0.0.0.0']],
    [['10.1.2.3']],
    [['169.254.169.254']],
    [['100.100.100.200']],
    [['168.63.129.16']],
    [['::1']],
    [['::ffff:127.0.0.1']],
    [['fd00:ec2::254']],
    [['fe80::1%lo']],
    [['64:ff9b::7f00:1']],
    [['93.184.216.34', '127.0.0.1']],
    [['not an address']],
  ])('%j', async (addresses) => {
    const { host, port, asked } = await serve('inside')
    const tool = httpGet({ hosts: [`shop.example:${port}`, host], resolve: async () => addresses })
    expect(await call(tool, { url: `http://shop.example:${port}/` })).toEqual({
      told: `The host shop.example is at ${addresses.at(-1)}, which is no address of the public internet, so it is not asked. Go on without it, and say so.`,
      attempts: [{ code: 'address_refused' }],
    })
    expect(asked).toEqual([])
  })

  test('nothing', async () => {
    const tool = httpGet({ hosts: ['shop.example'], resolve: async () => [] })
    expect(await call(tool, { url: 'http://shop.example/' })).toEqual({
      told: 'The host shop.example has no address, so it is not asked. Go on without it, and say so.',
      attempts: [{ code: 'address_refused' }],
    })
  })

  test('loopback, as the system resolves it', async () => {
    const { port, asked } = await serve('inside')
    const { attempts } = await call(httpGet({ hosts: [`localhost:${port}`] }), { url: `http://localhost:${port}/` })
    expect([attempts, asked]).toEqual([[{ code: 'address_refused' }], []])
  })

  test('nobody knows what', async () => {
    const unknown = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
    const tool = httpGet({ hosts: ['shop.example'], resolve: () => Promise.reject(unknown) })
    expect(await call(tool, { url: 'http://shop.example/' })).toEqual({
      told: 'GET http://shop.example/ got no answer (ENOTFOUND). Go on without it, or use another URL.',
      attempts: [{ code: 'connection_failed' }],
    })
  })
})

describe('a listed private address', () => {
  test('may be what a listed name stands for, and its name is what the server sees', async () => {
    const { port } = await serve((request, response) => {
      response.setHeader('content-type', 'text/plain').end(request.headers.host)
    })
    const tool = httpGet({
      hosts: [`shop.example:${port}`],
      privateAddresses: ['10.0.0.0/8', '127.0.0.1'],
      resolve: async () => ['127.0.0.1'],
    })
    expect(await told(tool, { url: `http://shop.example:${port}/` })).toContain(`\nshop.example:${port}\n`)
  })

  test('opens no other', async () => {
    const { port, asked } = await serve('inside')
    const tool = httpGet({
      hosts: [`shop.example:${port}`],
      privateAddresses: ['10.0.0.0/8', '127.0.0.0/32'],
      resolve: async () => ['127.0.0.1'],
    })
    expect((await call(tool, { url: `http://shop.example:${port}/` })).attempts).toEqual([{ code: 'address_refused' }])
    expect(asked).toEqual([])
  })
})

test('a name that changes its address between look and connection gets the connection that was looked at', async () => {
  const { port, asked } = await serve('inside')
  const answers = ['127.0.0.2', '127.0.0.1']
  let looks = 0
  const tool = httpGet({
    hosts: [`shop.example:${port}`],
    privateAddresses: ['127.0.0.2'],
    resolve: async () => [answers[looks++] ?? '127.0.0.1'],
  })
  // Nobody listens at the first address, so it is tried again: looked up again, and refused.
  expect((await call(tool, { url: `http://shop.example:${port}/` })).attempts).toEqual([
    { code: 'connection_failed' },
    { code: 'address_refused' },
  ])
  expect([looks, asked]).toEqual([2, []])
})

test(
  'a proxy that the environment names is not asked, as it would look names up by itself',
  { tags: 'slow' },
  async () => {
    const { port } = await serve('direct')
    const proxy = await serve('from a proxy')
    const program = `
    import { httpGet } from ${JSON.stringify(new URL('http-get.ts', import.meta.url).href)}
    const tool = httpGet({
      hosts: ['shop.example:${port}'],
      privateAddresses: ['127.0.0.1'],
      resolve: async () => ['127.0.0.1'],
    })
    const { signal } = new AbortController()
    console.log(await tool.execute({ url: 'http://shop.example:${port}/' }, { signal }))
  `
    const env = { PATH: process.env.PATH, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.url, http_proxy: proxy.url }
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { env })
    expect(stdout).toContain('\ndirect\n')
    expect(proxy.asked).toEqual([])
  },
)

describe('a redirect is not followed', () => {
  test.each([
    ['to another port of loopback', (inside: string) => inside],
    ['without a scheme', (inside: string) => inside.replace('http:', '')],
    ['to a name for loopback', (inside: string) => inside.replace('127.0.0.1', 'localhost')],
    ['to loopback in other words', (inside: string) => inside.replace('127.0.0.1', '0x7f000001')],
    ['to loopback in IPv6', (inside: string) => inside.replace('127.0.0.1', '[::ffff:127.0.0.1]')],
    ['to metadata', () => 'http://169.254.169.254/latest/meta-data/'],
    ['to a file', () => 'file:///etc/passwd'],
    ['with a user', (inside: string) => inside.replace('http://', 'http://user@')],
  ])('%s', async (_, target) => {
    const inside = await serve('inside')
    const { url, host } = await serve((_, response) => response.writeHead(302, { location: target(inside.url) }).end())
    for (const [tool, rest] of [
      [httpGet({ hosts: [host] }), {}] as const,
      [httpPost({ hosts: [host] }), { json: '{}' }] as const,
    ]) {
      const { told, attempts } = await call(tool, { url, ...rest })
      expect(told).toMatch(
        /^http:\S+ redirects to where this tool may not go: The URL ".*" .*, and this tool asks only/,
      )
      expect(attempts).toEqual([{ code: 'redirect_refused' }])
    }
    expect(inside.asked).toEqual([])
  })

  test('to a listed name that stands for loopback', async () => {
    const inside = await serve('inside')
    const { url, host } = await serve((_, response) => {
      response.writeHead(302, { location: `http://shop.example:${inside.port}/` }).end()
    })
    const tool = httpGet({ hosts: [host, `shop.example:${inside.port}`], resolve: async () => ['127.0.0.1'] })
    expect((await call(tool, { url })).attempts).toEqual([{ code: 'address_refused' }])
    expect(inside.asked).toEqual([])
  })

  test('more than five times', async () => {
    const { url, host, asked } = await serve((_, response) => response.writeHead(302, { location: '/' }).end())
    expect(await call(httpGet({ hosts: [host] }), { url })).toEqual({
      told: `${url}/ was redirected more than 5 times. Use another URL.`,
      attempts: [{ code: 'redirect_refused' }],
    })
    expect(asked).toHaveLength(6)
  })
})
