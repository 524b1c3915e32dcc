import { spawnSync } from 'node:child_process'
import { openai } from '@reprise/openai'
import { fakeOpenAI } from '@reprise/testing'
import { describe, expect, test } from 'vitest'
import { openapiIsThere } from '../packages/testing/src/fake-openai/openapi.fixture.ts'
import { complaintsOf, readRequests } from './described-requests.ts'

const program = `
  import { openai } from '${import.meta.resolve('@reprise/openai')}'
  import { fakeOpenAI } from '${import.meta.resolve('@reprise/testing')}'
  await using fake = await fakeOpenAI(() => ({ text: 'Hello' }))
  const card = { agent: 'a', version: 1, model: 'gpt-4.1-mini', settings: {}, maxOutputTokens: 64, tools: [], output: null }
  const request = { runId: 'r', card, instructions: '', items: [{ kind: 'user', text: process.argv[1] }] }
  await Array.fromAsync(openai({ apiKey: 'sk', baseURL: fake.url }).ask(request, new AbortController().signal))`

describe.skipIf(!openapiIsThere)('a request (skipped where ../shared/data is not there)', () => {
  const kept = (words: string) =>
    readRequests(process.env['REPRISE_REQUESTS'] ?? '').filter(([, body]) => body.includes(words))

  test('is kept to be looked at, whichever process of a test run sends it and whichever API it goes by', async () => {
    await using fake = await fakeOpenAI(() => ({ text: 'Hello' }))
    const card = {
      agent: 'a',
      version: 1,
      model: 'gpt-4.1-mini',
      settings: {},
      maxOutputTokens: 64,
      tools: [],
      output: null,
    }
    const request = { runId: 'r', card, instructions: '', items: [{ kind: 'user', text: 'kept here' }] } as const
    for (const api of ['responses', 'chat'] as const) {
      const model = openai({ apiKey: 'sk', baseURL: fake.url, api })
      await Array.fromAsync(model.ask(request, new AbortController().signal))
    }
    expect(kept('kept here').map(([url]) => url)).toEqual(['/v1/responses', '/v1/chat/completions'])
    expect(kept('kept here').flatMap(complaintsOf)).toEqual([])
    spawnSync(process.execPath, ['--input-type=module', '--eval', program, 'kept there'])
    expect(kept('kept there').map(([url]) => url)).toEqual(['/v1/responses'])
  })

  test('that is not as the platform describes it is complained of with its place', () => {
    const body = JSON.stringify({ model: 'gpt-4.1-mini', input: 'Hi', max_output_tokens: 'many' })
    const [complaint] = complaintsOf(['/v1/responses', body])
    expect(complaint).toContain(`POST /v1/responses ${body}\n`)
    expect(complaint).toContain('"/max_output_tokens"')
    expect(complaintsOf(['/v1/embeddings', body])).toEqual([
      `POST /v1/embeddings ${body}\nNobody describes this address.`,
    ])
  })
})
