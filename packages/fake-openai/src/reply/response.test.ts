import { OpenAI } from 'openai'
import { describe, expect, test } from 'vitest'
import { fakeOpenAI } from '../fake-openai.ts'
import { openapiComplaint, openapiIsThere } from '../../../../scripts/openapi.fixture.ts'
import type { FakeReply } from '../script/script.ts'

// Reading the description takes a while, which is not the first test's.
if (openapiIsThere) openapiComplaint('ResponseStreamEvent', undefined)

const calls = [{ name: 'get_weather', arguments: { city: 'Paris' } }]
const replies: FakeReply[] = [
  { text: 'Hello there' },
  { text: 'Hello', calls },
  { refusal: 'No.' },
  { text: 'Hel', finish: 'length' },
  { finish: 'content-filter' },
  { failure: { code: 'server_error', message: 'Down.' } },
  { text: 'Hel', failure: { code: 'server_error', message: 'Down.', event: 'error' } },
  {},
]

const tools = [
  {
    type: 'function' as const,
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
    strict: true,
  },
]

/** The platform sends `null` for these, and its description knows of no `null` there. */
function described(key: string, value: unknown): unknown {
  return value === null && (key === 'user' || key === 'usage') ? undefined : value
}

/** The platform has an error inside its event, where its description has it flat. */
function flat(event: unknown): unknown {
  const { error, ...rest } = event as { readonly type: string; readonly error?: object }
  return rest.type === 'error' ? { ...error, ...rest } : event
}

test('a stream tells an error as the platform does, inside its event', async () => {
  const failure = { code: 'rate_limit_exceeded', message: 'Slow down.', event: 'error' as const }
  await using fake = await fakeOpenAI(() => ({ failure }))
  const client = new OpenAI({ apiKey: 'sk-test', baseURL: fake.url, maxRetries: 0 })
  const request = { model: 'gpt-4.1-mini', input: 'Hi', stream: true as const }
  const text = await (await client.responses.create(request).asResponse()).text()
  const error = { type: 'rate_limit_exceeded', code: 'rate_limit_exceeded', message: 'Slow down.', param: null }
  expect(text.split('\n\n').at(-2)).toBe(
    `event: error\ndata: ${JSON.stringify({ type: 'error', error, sequence_number: 2 })}`,
  )
  const events = client.responses.create(request).then((stream) => Array.fromAsync(stream))
  await expect(events).rejects.toMatchObject({ code: 'rate_limit_exceeded', error })
})

describe.skipIf(!openapiIsThere)('what the fake sends (skipped where ../shared/data is not there)', () => {
  test.for(replies)('%j is as the platform describes it, whole and event by event', async (reply) => {
    await using fake = await fakeOpenAI(() => reply)
    const client = new OpenAI({ apiKey: 'sk-test', baseURL: fake.url, maxRetries: 0 })
    const request = { model: 'gpt-4.1-mini', input: 'Hi', instructions: 'Be kind.', tools }
    const whole = await client.responses.create(request).asResponse()
    expect(openapiComplaint('Response', JSON.parse(await whole.text(), described))).toBeUndefined()
    const streamed = await client.responses.create({ ...request, stream: true }).asResponse()
    const lines = (await streamed.text()).split('\n').filter((line) => line.startsWith('data: '))
    const events = lines.map((line): unknown => JSON.parse(line.slice('data: '.length), described))
    expect(events.length).toBeGreaterThan(2)
    for (const event of events.map(flat)) expect(openapiComplaint('ResponseStreamEvent', event)).toBeUndefined()
  })

  test('of models is as the platform describes it', async () => {
    await using fake = await fakeOpenAI(() => ({}))
    const get = async (path: string): Promise<unknown> =>
      (await fetch(`${fake.url}/${path}`, { headers: { authorization: 'Bearer sk-test' } })).json()
    expect(openapiComplaint('ListModelsResponse', await get('models'))).toBeUndefined()
    expect(openapiComplaint('Model', await get('models/gpt-4.1-mini'))).toBeUndefined()
    expect(openapiComplaint('ErrorResponse', await get('models/gpt-9'))).toBeUndefined()
  })
})
