import { describe, expect, test } from 'vitest'
import { batching } from '../batches/batching.fixture.ts'
import { sdk, tool } from '../sdk.fixture.ts'

const model = 'gpt-4.1-mini'
const long = 'k'.repeat(65)
const tooLong = `Invalid 'metadata': property name too long. Expected a property name with maximum length 64, but got a property name with length 65 instead.`
const sql = { type: 'custom', name: 'sql' }
const choose = (tools: readonly object[], choice: object) => ({ model, input: 'Hi', tools, tool_choice: choice })
const notFound = (name: string) => `Tool choice '${name}' not found in 'tools' parameter.`
const notJson =
  "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload.)"

describe('a request', () => {
  test.for<[path: string, body: object, message: string]>([
    ['responses', { model, input: 'Hi', metadata: { [long]: 'v' } }, tooLong],
    ['conversations', { metadata: { [long]: 'v' } }, tooLong],
    [
      'batches',
      { input_file_id: 'file-1', endpoint: '/v1/responses', completion_window: '24h', metadata: { a: 1 } },
      "Invalid type for 'metadata.a': expected a string, but got an integer instead.",
    ],
    [
      'batches',
      { input_file_id: 7, endpoint: '/v1/responses', completion_window: '24h' },
      "Invalid type for 'input_file_id': expected a string, but got an integer instead.",
    ],
    [
      'responses',
      choose([{ type: 'web_search' }], { type: 'function' }),
      "Missing required parameter: 'tool_choice.name'.",
    ],
    ['responses', choose([sql], { type: 'function', name: 'sql' }), notFound('sql')],
    ['responses', choose([tool], { type: 'custom', name: 'get_weather' }), notFound('get_weather')],
    [
      'responses',
      choose([tool, sql], { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'sql' }] }),
      notFound('sql'),
    ],
    [
      'responses',
      choose([{ type: 'web_search' }], { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function' }] }),
      "Missing required parameter: 'tool_choice.tools[0].name'.",
    ],
    [
      'embeddings',
      { model: ['text-embedding-3-small'], input: 'Hi' },
      "Invalid type for 'model': expected a string, but got an array instead.",
    ],
    ['moderations', { input: [{ type: 'text' }] }, "Missing required parameter: 'input[0].text'."],
    ['moderations', { input: [{ type: 'image_url' }] }, "Missing required parameter: 'input[0].image_url'."],
    [
      'moderations',
      { input: [{ type: 'image_url', image_url: {} }] },
      "Missing required parameter: 'input[0].image_url.url'.",
    ],
  ])('to /v1/%s is refused for %j', async ([path, body, message]) => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    await expect(service.client.post(`/${path}`, { body })).rejects.toThrow(`400 ${message}`)
  })

  test.for(['conversations', 'conversations/conv_1', 'conversations/conv_1/items', 'batches', 'chat/completions/a'])(
    'to /v1/%s that is no JSON is told so',
    async (path) => {
      await using service = await sdk(() => ({}))
      const headers = { authorization: 'Bearer sk-test' }
      const answer = await fetch(`${service.fake.url}/${path}`, { method: 'POST', headers, body: '{"metadata":' })
      expect([answer.status, await answer.json()]).toMatchObject([400, { error: { message: notJson } }])
    },
  )

  test('that may be empty is taken so', async () => {
    await using service = await batching(() => ({}))
    const headers = { authorization: 'Bearer sk-test' }
    const { status } = await fetch(`${service.fake.url}/conversations`, { method: 'POST', headers })
    expect(status).toBe(200)
  })
})
