import { describe, expect, test } from 'vitest'
import { batching } from '../batches/batching.fixture.ts'
import { openapiComplaint, openapiIsThere } from '../../../../scripts/openapi.fixture.ts'
import { sdk } from '../sdk.fixture.ts'

const model = 'text-embedding-3-small'

function near(one: readonly number[] = [], two: readonly number[] = []): number {
  return one.reduce((sum, value, at) => sum + value * (two[at] ?? 0), 0)
}

describe('embeddings', () => {
  test(
    'are vectors of length 1 that follow from the text, nearer the more of their words are the same',
    { tags: 'slow' },
    async () => {
      await using service = await sdk(() => ({}))
      const input = ['It rains in Paris', 'It rains in Rome', 'Buy two shares', 'It rains in Paris']
      const { data, usage } = await service.client.embeddings.create({ model, input })
      const [paris, rome, shares, again] = data.map(({ embedding }) => embedding)
      expect(data.map(({ index }) => index)).toEqual([0, 1, 2, 3])
      expect(paris).toHaveLength(1536)
      expect(again).toEqual(paris)
      expect(near(paris, paris)).toBeCloseTo(1, 5)
      expect(near(paris, rome)).toBeGreaterThan(0.5)
      expect(Math.abs(near(paris, shares))).toBeLessThan(0.2)
      expect(usage).toEqual({ prompt_tokens: 15, total_tokens: 15 })
    },
  )

  test('come as numbers or in base64, as long as they are asked for', async () => {
    await using service = await sdk(() => ({}))
    const ask = (encoding_format: 'float' | 'base64', dimensions: number) =>
      service.client.embeddings.create({ model, input: 'Hi', dimensions, encoding_format })
    const [long, short, encoded] = [await ask('float', 256), await ask('float', 8), await ask('base64', 8)]
    const [first, second] = [long.data[0]?.embedding ?? [], short.data[0]?.embedding ?? []]
    expect([first.length, second.length]).toEqual([256, 8])
    // A shorter one is the beginning of a longer one, at a length of 1 again.
    const scale = Math.hypot(...first.slice(0, 8))
    for (const [at, value] of second.entries()) expect(value).toBeCloseTo((first[at] ?? 0) / scale, 5)
    const text = encoded.data[0]?.embedding as unknown as string
    const bytes = Buffer.from(text, 'base64')
    expect(Array.from({ length: 8 }, (_, at) => bytes.readFloatLE(at * 4))).toEqual(second)
    if (openapiIsThere) expect(openapiComplaint('CreateEmbeddingResponse', short)).toBeUndefined()
  })

  test('of tokens are those of their text', async () => {
    await using service = await sdk(() => ({}))
    // As cl100k_base encodes it.
    const [text, tokens] = [
      await service.client.embeddings.create({ model, input: 'hello world' }),
      await service.client.embeddings.create({ model, input: [[15_339, 1917]] }),
    ]
    expect(tokens.data).toEqual(text.data)
  })

  test('are charged, and go by the limits of their model', async () => {
    const limits = { [model]: { requestsPerMinute: 1 } }
    await using service = await batching(() => ({}), { limits })
    await service.client.embeddings.create({ model, input: 'one two three four five' })
    await expect(service.client.embeddings.create({ model, input: 'one' })).rejects.toMatchObject({ status: 429 })
    const { lines, costNano } = await service.fake.invoice()
    expect(lines).toMatchObject([{ model, lane: 'live', requests: 1, inputTokens: 5, outputTokens: 0 }])
    expect(costNano).toBe(5 * 20)
  })

  test('are made by batches at half the price', async () => {
    await using service = await batching(() => ({}))
    const line = (id: string, body: object) => ({ custom_id: id, method: 'POST', url: '/v1/embeddings', body })
    const lines = [line('a', { model, input: 'one two' }), line('b', { model, input: '' })]
    const { id } = await service.submit(lines, '/v1/embeddings')
    await service.clock.advance(120_000)
    const done = await service.client.batches.retrieve(id)
    expect(done).toMatchObject({ status: 'completed', model, request_counts: { completed: 1, failed: 1 } })
    const [[, right] = []] = await service.results(done.output_file_id)
    const live = await service.client.embeddings.create({ model, input: 'one two', encoding_format: 'float' })
    expect(right?.response?.body).toEqual(live)
    expect((await service.fake.invoice()).lines.map(({ lane, costNano }) => [lane, costNano])).toEqual([
      ['batch', 20],
      ['live', 40],
    ])
  })

  test.for<[body: object, status: number, message: string, code?: string]>([
    [{ model }, 400, "Missing required parameter: 'input'.", 'missing_required_parameter'],
    [
      { model, input: '' },
      400,
      "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
    ],
    [
      { model, input: ['a', ''] },
      400,
      "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
    ],
    [
      { model, input: 1 },
      400,
      "Invalid type for 'input': expected one of a string or an array, but got an integer instead.",
      'invalid_type',
    ],
    [{ model, input: 'a', size: 1 }, 400, 'Unrecognized request argument supplied: size'],
    [
      { model, input: 'a', dimensions: 2000 },
      400,
      "Invalid value for 'dimensions' = 2000. Must be less than or equal to 1536.",
    ],
    [
      { model: 'text-embedding-ada-002', input: 'a', dimensions: 8 },
      400,
      'This model does not support specifying dimensions.',
    ],
    [
      { model, input: 'a', encoding_format: 'hex' },
      400,
      "Invalid value: 'hex'. Supported values are: 'float', and 'base64'.",
      'invalid_value',
    ],
    [{ model: 'gpt-4.1', input: 'a' }, 403, 'You are not allowed to generate embeddings from this model: gpt-4.1'],
    [
      { model: 'ada', input: 'a' },
      404,
      'The model `ada` does not exist or you do not have access to it.',
      'model_not_found',
    ],
    [
      { model, input: 'a '.repeat(8193) },
      400,
      "This model's maximum context length is 8192 tokens, however you requested 8194 tokens (8194 in your prompt; 0 for the completion). Please reduce your prompt; or completion length.",
    ],
    [
      { model, input: Array.from({ length: 40 }, () => 'a '.repeat(8000)) },
      400,
      'Requested 320040 tokens, max 300000 tokens per request',
      'max_tokens_per_request',
    ],
  ])('of %o are refused', async ([body, status, message, code = null]) => {
    await using service = await sdk(() => ({}))
    const asked = service.client.post('/embeddings', { body })
    await expect(asked).rejects.toMatchObject({ status, code, message: `${status} ${message}` })
  })
})
