import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RepriseError } from '@reprise/core'
import { OpenAI } from 'openai'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { collect, failureOf } from './ask.fixture.ts'
import { openai } from './openai.ts'
import { serve } from './serve.fixture.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a connection', () => {
  test('a missing key is an error of the first ask, with a remedy', async () => {
    vi.stubEnv('OPENAI_API_KEY', undefined)
    vi.stubEnv('OPENAI_BASE_URL', undefined)
    const model = openai()
    await expect(collect(model)).rejects.toMatchObject({
      name: 'DefinitionError',
      code: 'missing_api_key',
      message:
        'No API key: openai() was given none and OPENAI_API_KEY is not set. Set OPENAI_API_KEY or pass openai({ apiKey }); for a server that needs no key, set OPENAI_BASE_URL or pass openai({ baseURL }).',
    })
  })

  test('a key that is set after a failed ask is found by the next one', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    vi.stubEnv('OPENAI_API_KEY', undefined)
    vi.stubEnv('OPENAI_BASE_URL', undefined)
    const model = openai()
    await expect(collect(model)).rejects.toThrow('No API key')
    vi.stubEnv('OPENAI_API_KEY', 'sk-late')
    vi.stubEnv('OPENAI_BASE_URL', service.fake.url)
    await collect(model)
    expect(service.fake.requests[0]?.headers['authorization']).toBe('Bearer sk-late')
  })

  test('a server of its own is asked without a key', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    vi.stubEnv('OPENAI_API_KEY', undefined)
    vi.stubEnv('OPENAI_BASE_URL', service.fake.url)
    const { reply } = await collect(openai())
    expect(reply.items).toEqual([{ kind: 'assistant', text: 'Hello' }])
  })

  test('a key function is asked before each request', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    let keys = 0
    const model = openai({ apiKey: async () => `sk-${++keys}`, baseURL: service.fake.url })
    await collect(model)
    await collect(model)
    expect(service.fake.requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer sk-1', 'Bearer sk-2'])
  })

  test('a key function that fails is named, and may be asked again', async () => {
    const model = openai({
      apiKey: () => Promise.reject(new Error('vault is sealed')),
      baseURL: 'http://127.0.0.1:1/v1',
    })
    const error = await failureOf(model)
    expect(error).toMatchObject({ code: 'api_key_failed', retryable: true, mendable: true })
    expect(error.message).toBe(
      'openai({ apiKey }) gave no key: Error: vault is sealed. Expected a promise of text. Check where the key comes from.',
    )
  })

  test('a client of one’s own is used as it is, but its retries are off', async () => {
    await using service = await serve(() => ({ error: { status: 500 } }))
    const client = new OpenAI({ apiKey: 'sk-own', baseURL: service.fake.url, maxRetries: 5 })
    await failureOf(openai({ client }))
    expect(service.fake.requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer sk-own'])
  })

  test('a fetch of one’s own carries the request', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    const urls: string[] = []
    const fetch: typeof globalThis.fetch = (url, init) => {
      urls.push(url instanceof Request ? url.url : url.toString())
      return globalThis.fetch(url, init)
    }
    await collect(openai({ apiKey: 'sk-test', baseURL: service.fake.url, fetch }))
    expect(urls).toEqual([`${service.fake.url}/responses`])
  })

  test('a base URL that is none is refused', async () => {
    await expect(collect(openai({ apiKey: 'sk-test', baseURL: 'my server' }))).rejects.toMatchObject({
      name: 'DefinitionError',
      code: 'bad_base_url',
      message:
        '"my server" is no URL of a model server. Expected one such as http://127.0.0.1:8080/v1. Correct openai({ baseURL }) or OPENAI_BASE_URL.',
    })
  })

  test.for(['127.0.0.1:11434/v1', 'localhost:11434/v1', 'http//127.0.0.1/v1', 'ftp://127.0.0.1/v1'])(
    'an address without a scheme that requests go by is refused: %s',
    async (baseURL) => {
      await expect(collect(openai({ apiKey: 'sk-test', baseURL }))).rejects.toMatchObject({
        name: 'DefinitionError',
        code: 'bad_base_url',
      })
    },
  )

  test.for([
    [
      'http://bob:hunter2@127.0.0.1:9/v1',
      'The address "\u2026@127.0.0.1:9/v1" of the model server holds a name or a password',
    ],
    ['bob:hunter2@127.0.0.1/v1', '"\u2026@127.0.0.1/v1" is no URL of a model server.'],
    ['ftp://127.0.0.1/v1?key=hunter2', '"ftp://127.0.0.1/v1?\u2026" is no URL of a model server.'],
    ['http://127.0.0.1:9/v1?key=hunter2', 'Cannot reach the model server at http://127.0.0.1:9/v1?\u2026: '],
  ] as const)('what an address holds beside the place is shown to nobody: %s', async ([baseURL, message]) => {
    const thrown = await collect(openai({ apiKey: 'sk-test', baseURL })).catch((error: unknown) => error)
    if (!RepriseError.is(thrown)) return expect.fail(String(thrown))
    expect(thrown.message).toContain(message)
    expect(JSON.stringify([thrown.message, thrown.details])).not.toContain('hunter2')
  })

  test('a key may have white space around it, as a file of it has', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    await collect(openai({ apiKey: ' sk-file\n', baseURL: service.fake.url }))
    await collect(openai({ apiKey: async () => 'sk-vault\r\n', baseURL: service.fake.url }))
    expect(service.fake.requests.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer sk-file',
      'Bearer sk-vault',
    ])
  })

  test.for([
    ['sk-one\nsk-two', 'more than one word of ASCII'],
    [' ', 'empty'],
  ] as const)('a key that no header carries is refused without being said: %j', async ([apiKey, found]) => {
    const error = await failureOf(openai({ apiKey, baseURL: 'http://127.0.0.1:2/v1' }))
    expect(error).toMatchObject({ code: 'bad_api_key', retryable: false, mendable: true })
    expect(error.message).toBe(
      `The API key cannot be sent: it is ${found}. Expected one word of ASCII, which is all that a header carries. Correct openai({ apiKey }) or OPENAI_API_KEY.`,
    )
  })

  test('an unreachable server is named', async () => {
    const error = await failureOf(openai({ apiKey: 'sk-test', baseURL: 'http://127.0.0.1:2/v1' }))
    expect(error).toMatchObject({
      code: 'connection',
      retryable: true,
      mendable: true,
      details: { url: 'http://127.0.0.1:2/v1' },
    })
    expect(error.message).toBe(
      'Cannot reach the model server at http://127.0.0.1:2/v1: connect ECONNREFUSED 127.0.0.1:2. Expected a server that speaks the OpenAI API. Check that it runs, the network, and openai({ baseURL }) or OPENAI_BASE_URL.',
    )
  })

  test.for([true, false])('a server that answers with a web page is named (streaming: %s)', async (stream) => {
    const server = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<h1>Hi</h1>'),
    )
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const error = await failureOf(openai({ apiKey: 'sk-test', baseURL: url, stream }))
    expect(error).toMatchObject({ code: 'not_the_api', retryable: false })
    expect(error.message).toBe(
      `The server at ${url} answered 200 with text/html. Expected the Responses API. Check openai({ api, baseURL }) or OPENAI_BASE_URL.`,
    )
    server.close()
  })
})
