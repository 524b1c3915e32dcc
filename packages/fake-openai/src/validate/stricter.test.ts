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

const pattern = "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
const picture = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } }
const user = { role: 'user', content: 'Hi' }
const chatted = (message: object, id = 'a') => ({
  model,
  messages: [user, { role: 'assistant', ...message }, { role: 'tool', tool_call_id: id, content: 'Rain' }],
})
const chatCall = (name: string) => ({ id: 'a', type: 'function', function: { name, arguments: '{}' } })
const called = (name: string) => ({
  model,
  input: [
    { type: 'function_call', call_id: 'a', name, arguments: '{}' },
    { type: 'function_call_output', call_id: 'a', output: 'Rain' },
  ],
})
const message = { type: 'message', id: 'msg_1', role: 'assistant', content: 'Hello' }

describe('a conversation that is sent again', () => {
  test.for<[path: string, body: object, message: string, code: string | null]>([
    [
      'chat/completions',
      { model, messages: [user, { role: 'assistant', content: 'Hello', tool_calls: [] }] },
      "Invalid 'messages[1].tool_calls': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'empty_array',
    ],
    [
      'chat/completions',
      chatted({ tool_calls: [chatCall('functions.look up')] }),
      `Invalid 'messages[1].tool_calls[0].function.name': ${pattern}`,
      'invalid_value',
    ],
    ['responses', called('functions.look'), `Invalid 'input[0].name': ${pattern}`, 'invalid_value'],
    [
      'responses',
      called(''),
      "Invalid 'input[0].name': empty string. Expected a string with minimum length 1, but got an empty string instead.",
      'empty_string',
    ],
    [
      'responses',
      { model, input: [user, message, user, message] },
      'Duplicate item found with id msg_1. Remove duplicate items from your input and try again.',
      null,
    ],
    [
      'chat/completions',
      { model, messages: [user, { role: 'assistant', content: [picture] }] },
      "Invalid 'messages[1]'. Image URLs are only allowed for messages with role 'user', but this message with role 'assistant' contains an image URL.",
      'invalid_value',
    ],
    [
      'chat/completions',
      { model, messages: [{ role: 'system', content: [picture] }, user] },
      "Invalid 'messages[0]'. Image URLs are only allowed for messages with role 'user', but this message with role 'system' contains an image URL.",
      'invalid_value',
    ],
    [
      'chat/completions',
      { model, messages: [user], metadata: { a: 'b' } },
      "The 'metadata' parameter is only allowed when 'store' is enabled.",
      null,
    ],
  ])('to /v1/%s is refused for %j', async ([path, body, said, code]) => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    await expect(service.client.post(`/${path}`, { body })).rejects.toMatchObject({ message: `400 ${said}`, code })
  })

  test('goes on from a response without what it put out itself', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const { responses } = service.client
    const { id, output } = await responses.create({ model, input: 'Hi' })
    const again = { model, input: output as never, previous_response_id: id }
    await expect(responses.create(again)).rejects.toThrow(`400 Duplicate item found with id ${output[0]?.id}.`)
  })
})

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
    ['conversations', { store: true }, "Unknown parameter: 'store'."],
    ['conversations/conv_1', { metadata: {}, items: [] }, "Unknown parameter: 'items'."],
    ['conversations/conv_1/items', { items: [], metadata: {} }, "Unknown parameter: 'metadata'."],
    [
      'batches',
      { input_file_id: 'file-1', endpoint: '/v1/responses', completion_window: '24h', priority: 1 },
      "Unknown parameter: 'priority'.",
    ],
    [
      'batches',
      {
        input_file_id: 'file-1',
        endpoint: '/v1/responses',
        completion_window: '24h',
        output_expires_after: { anchor: 'created_at', seconds: 3600 },
      },
      "'output_expires_after' is more than this fake server can do. Leave it out, or ask the platform.",
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

  test('whose tokens are counted has what the count takes, and nothing else', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const count = (more: object) =>
      service.client.post('/responses/input_tokens', { body: { model, input: 'Hi', ...more } })
    const bare = await count({})
    expect(await count({ personality: 'friendly', truncation: 'auto', parallel_tool_calls: false })).toEqual(bare)
    for (const name of ['store', 'stream', 'max_output_tokens', 'magic'])
      await expect(count({ [name]: null })).rejects.toThrow(`400 Unknown parameter: '${name}'.`)
  })

  test('is refused as often as it comes, though a list of tools is looked at once where it is right', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const ask = (name: string) =>
      service.client
        .post('/responses', { body: { model, input: 'Hi', tools: [{ ...tool, name }] } })
        .then(() => 'ok', String)
    const wrong = `Error: 400 Invalid 'tools[0].name': ${pattern}`
    expect([await ask('a'), await ask('a'), await ask('a b'), await ask('a b')]).toEqual(['ok', 'ok', wrong, wrong])
  })

  test('that may be empty is taken so', async () => {
    await using service = await batching(() => ({}))
    const headers = { authorization: 'Bearer sk-test' }
    const { status } = await fetch(`${service.fake.url}/conversations`, { method: 'POST', headers })
    expect(status).toBe(200)
  })
})
