import { zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { fakeOpenAI } from './fake-openai.ts'
import { sdk, tool } from './sdk.fixture.ts'

describe('the official SDK', () => {
  test('creates a response', async () => {
    await using service = await sdk(({ body, n, model }) => ({ text: `${model} ${n} ${JSON.stringify(body.input)}` }))
    const { data: response, request_id: requestId } = await service.client.responses
      .create({ model: 'gpt-4.1-mini', input: 'Hi' })
      .withResponse()
    expect(response.output_text).toBe('gpt-4.1-mini 1 [{"type":"message","role":"user","content":"Hi"}]')
    expect(response.model).toBe('gpt-4.1-mini-2025-04-14')
    expect(requestId).toMatch(/^req_/)
  })

  test('streams a response and folds it to the same object', async () => {
    const calls = [{ name: 'get_weather', arguments: { city: 'Paris' }, callId: 'call_a' }]
    await using service = await sdk(() => ({ text: 'Let me see: 3 °C or more?', refusal: 'No more.', calls }))
    const request = { model: 'gpt-4.1-mini', input: 'Hi', tools: [tool] }
    const stream = service.client.responses.stream(request)
    let text = ''
    stream.on('response.output_text.delta', ({ delta }) => (text += delta))
    const streamed = await stream.finalResponse()
    const whole = await service.client.responses.create(request)
    expect(text).toBe('Let me see: 3 °C or more?')
    const shape = (items: typeof whole.output) =>
      items.map((item) =>
        item.type === 'message' ? item.content : item.type === 'function_call' ? item.arguments : item,
      )
    expect(shape(streamed.output)).toMatchObject(shape(whole.output))
    expect(streamed.usage).toEqual(whole.usage)
  })

  test('numbers the events of a stream', async () => {
    await using service = await sdk(() => ({ text: 'one two' }))
    const stream = await service.client.responses.create({ model: 'gpt-4.1-mini', input: 'Hi', stream: true })
    const events = (await Array.fromAsync(stream)).map((event) => `${event.sequence_number} ${event.type}`)
    expect(events).toEqual([
      '0 response.created',
      '1 response.in_progress',
      '2 response.output_item.added',
      '3 response.content_part.added',
      '4 response.output_text.delta',
      '5 response.output_text.delta',
      '6 response.output_text.done',
      '7 response.content_part.done',
      '8 response.output_item.done',
      '9 response.completed',
    ])
  })

  test('parses an answer by a schema of Zod', async () => {
    await using service = await sdk(() => ({ text: '{"city":"Paris","degrees":3}' }))
    const format = zodTextFormat(z.object({ city: z.string(), degrees: z.number() }), 'weather')
    const response = await service.client.responses.parse({ model: 'gpt-4.1-mini', input: 'Hi', text: { format } })
    expect(response.output_parsed).toEqual({ city: 'Paris', degrees: 3 })
    const streamed = service.client.responses.stream({ model: 'gpt-4.1-mini', input: 'Hi', text: { format } })
    expect((await streamed.finalResponse()).output_parsed).toEqual({ city: 'Paris', degrees: 3 })
  })

  test('parses the arguments of calls by a schema of Zod, whole and streamed', async () => {
    await using service = await sdk(() => ({ calls: [{ name: 'get_weather', arguments: { city: 'Paris' } }] }))
    const tools = [zodResponsesFunction({ name: 'get_weather', parameters: z.object({ city: z.string() }) })]
    const request = { model: 'gpt-4.1-mini', input: 'Hi', tools }
    const { responses } = service.client
    const parsed = [{ type: 'function_call', name: 'get_weather', parsed_arguments: { city: 'Paris' } }]
    expect((await responses.parse(request)).output).toMatchObject(parsed)
    const stream = responses.stream(request)
    const snapshots: string[] = []
    stream.on('response.function_call_arguments.delta', ({ snapshot }) => snapshots.push(snapshot))
    expect((await stream.finalResponse()).output).toMatchObject(parsed)
    expect(snapshots.at(-1)).toBe('{"city":"Paris"}')
  })

  test('lists the models and retrieves one', async () => {
    await using service = await sdk(() => ({}))
    const names = (await Array.fromAsync(service.client.models.list())).map(({ id }) => id)
    expect(names).toContain('gpt-4.1-mini-2025-04-14')
    expect(await service.client.models.retrieve('gpt-4.1-mini')).toMatchObject({
      id: 'gpt-4.1-mini',
      object: 'model',
      shutdown_date: '2027-01-14',
    })
    await expect(service.client.models.retrieve('gpt-9')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      message: "404 The model 'gpt-9' does not exist",
    })
  })

  test('finds a fine-tuned model by its name, escaped or not', async () => {
    await using service = await sdk(() => ({}))
    const name = 'ft:gpt-4.1-mini:org::id'
    expect(await service.client.models.retrieve(name)).toMatchObject({ id: name })
    const headers = { authorization: 'Bearer x' }
    const escaped = await fetch(`${service.fake.url}/models/${encodeURIComponent(name)}`, { headers })
    expect(await escaped.json()).toMatchObject({ id: name })
  })

  test('retries what the platform would have it retry', async () => {
    await using service = await sdk(({ n }) =>
      n === 1 ? { error: { status: 429, headers: { 'retry-after-ms': '1' } } } : { text: 'Yes' },
    )
    const response = await service.client.responses.create({ model: 'gpt-4.1-mini', input: 'Hi' }, { maxRetries: 1 })
    expect(response.output_text).toBe('Yes')
  })

  test('is told when a script throws', async () => {
    await using service = await sdk(() => {
      throw new Error('no such scene')
    })
    await expect(
      service.client.responses.create({ model: 'gpt-4.1-mini', input: 'Hi' }, { maxRetries: 2 }),
    ).rejects.toThrow('500 The script threw: no such scene')
    expect(service.fake.requests).toHaveLength(1)
  })
})

describe('a key', () => {
  test('is asked for, and may have to be the right one', async () => {
    await using fake = await fakeOpenAI(() => ({ text: 'Hello' }), { apiKey: 'sk-right-and-long' })
    const keyed = (authorization?: string) =>
      fetch(`${fake.url}/models`, authorization ? { headers: { authorization } } : {})
    const answers = [await keyed(), await keyed('Bearer sk-wrong-and-long'), await keyed('Bearer sk-right-and-long')]
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 200])
    expect(await answers[1]?.json()).toEqual({
      error: {
        message:
          'Incorrect API key provided: sk-w*********long. You can find your API key at https://platform.openai.com/account/api-keys.',
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      },
    })
  })
})

describe('what the fake remembers', () => {
  test('is every request, right or not, in its order', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const { responses, models } = service.client
    await models.list()
    await responses.create({ model: 'gpt-9', input: 'Hi' }).catch(() => undefined)
    await responses.create({ model: 'gpt-4.1-mini', input: [{ role: 'user', content: 'Hi' }] })
    expect(service.fake.requests.map(({ method, path, body }) => ({ method, path, body }))).toEqual([
      { method: 'GET', path: '/v1/models', body: undefined },
      { method: 'POST', path: '/v1/responses', body: { model: 'gpt-9', input: 'Hi' } },
      {
        method: 'POST',
        path: '/v1/responses',
        body: { model: 'gpt-4.1-mini', input: [{ role: 'user', content: 'Hi' }] },
      },
    ])
    expect(service.fake.requests[2]?.headers['authorization']).toBe('Bearer sk-test')
  })

  test('holds an item that many requests carry once', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const item = { role: 'user', content: 'x'.repeat(2000) } as const
    for (let nth = 0; nth < 2; nth += 1) await service.client.responses.create({ model: 'gpt-4.1-mini', input: [item] })
    const [first, second] = service.fake.requests.map(({ body }) => body?.['input'] as readonly unknown[])
    expect(second?.[0]).toBe(first?.[0])
    expect(second?.[0]).toEqual(item)
  })
})

describe('ids', () => {
  const calls = [{ name: 'get_weather' }, { name: 'get_weather' }]
  async function idsOf(seed: number, inputs: readonly string[]) {
    await using service = await sdk(() => ({ text: 'x', calls }), { seed })
    const ids: string[][] = []
    for (const input of inputs) {
      const { id, output } = await service.client.responses.create({ model: 'gpt-4.1-mini', input, tools: [tool] })
      ids.push([
        id,
        ...output.flatMap((item) => [item.id ?? '', ...(item.type === 'function_call' ? [item.call_id] : [])]),
      ])
    }
    return ids
  }

  test('are the same for the same requests, whatever their order', async () => {
    const [one, two] = await idsOf(0, ['one', 'two'])
    expect(await idsOf(0, ['two', 'one'])).toEqual([two, one])
    expect(await idsOf(1, ['one'])).not.toEqual([one])
  })

  test('are new for a request that is made again', async () => {
    const ids = (await idsOf(0, ['one', 'one'])).flat()
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.slice(0, 6).map((id) => id.replace(/[0-9a-f]+$/, ''))).toEqual([
      'resp_',
      'msg_',
      'fc_',
      'call_',
      'fc_',
      'call_',
    ])
  })
})
