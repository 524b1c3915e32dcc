import { describe, expect, test } from 'vitest'
import { openapiComplaint, openapiIsThere } from '../../../../scripts/openapi.fixture.ts'
import { batching } from './batching.fixture.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const model = 'gpt-4.1-mini'

/** A line for the Responses API. */
function line(customId: string, body: object = {}, more: object = {}): object {
  const request = { model, input: customId, ...body }
  return { custom_id: customId, method: 'POST', url: '/v1/responses', body: request, ...more }
}

describe('a batch', () => {
  test('goes through its states as time passes, line by line, and gives its results at half the price', async () => {
    await using service = await batching(({ body, lane }) => ({ text: `${lane} ${JSON.stringify(body.input)}` }))
    const { client, clock, submit, results } = service
    const ids = Array.from({ length: 9 }, (_, index) => `line-${index}`)
    const created = await submit(
      ids.map((id) => line(id)),
      '/v1/responses',
    )
    expect(created).toMatchObject({ model: null, usage: { total_tokens: 0 }, request_counts: { total: 0 } })
    const states = [created.status]
    const progress = new Set<number | undefined>()
    for (let step = 0; step < 70; step += 1) {
      await clock.advance(1_000)
      const { status, usage, request_counts: counts } = await client.batches.retrieve(created.id)
      if (status !== states.at(-1)) states.push(status)
      progress.add(counts?.completed)
      if (status !== 'completed') expect(usage).toMatchObject({ total_tokens: 0 })
    }
    expect(states).toEqual(['validating', 'in_progress', 'finalizing', 'completed'])
    const done = await client.batches.retrieve(created.id)
    expect(done).toMatchObject({
      model: 'gpt-4.1-mini-2025-04-14',
      request_counts: { total: 9, completed: 9, failed: 0 },
      error_file_id: null,
      created_at: 1_764_000_000,
      in_progress_at: 1_764_000_003,
      finalizing_at: 1_764_000_063,
      completed_at: 1_764_000_065,
      expires_at: 1_764_086_400,
    })
    const lines = await results(done.output_file_id)
    expect(lines.map(([id]) => id)).toEqual(ids)
    expect([...progress]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(new Map(lines).get('line-4')).toMatchObject({
      response: {
        status_code: 200,
        body: { status: 'completed', output: [{ content: [{ text: expect.stringContaining('batch') }] }] },
      },
      error: null,
    })
    const { lines: charged, costNano } = await service.fake.invoice()
    expect(charged).toEqual([
      expect.objectContaining({ model: 'gpt-4.1-mini-2025-04-14', lane: 'batch', requests: 9, cachedTokens: 0 }),
    ])
    const { input_tokens: input = 0, output_tokens: output = 0 } = done.usage ?? {}
    expect(costNano).toBe(input * 200 + output * 800)
    expect(charged[0]).toMatchObject({ inputTokens: input, outputTokens: output })
  })

  test('of Chat Completions is answered by the same script', async () => {
    await using service = await batching(({ api, body }) => ({ text: `${api} ${body.input.length}` }))
    const body = { model, messages: [{ role: 'user', content: 'Hi' }] }
    const { id } = await service.submit(
      [{ custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body }],
      '/v1/chat/completions',
    )
    await service.clock.advance(2 * MINUTE_MS)
    const { output_file_id: fileId } = await service.client.batches.retrieve(id)
    const [[, result] = []] = await service.results(fileId)
    expect(result?.response?.body).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'chat 1' } }],
    })
  })

  test('that fails in part has its errors in a file of their own, and they cost nothing', async () => {
    await using service = await batching(({ body }) => {
      const [item] = body.input
      const text = item && 'content' in item ? item.content : ''
      if (text === 'busy') return { error: { status: 500, message: 'Down.' } }
      if (text === 'thrown') throw new Error('no such scene')
      return { text: 'fine' }
    })
    const { id } = await service.submit(
      [line('right'), line('busy'), line('thrown'), line('wrong', { temperature: 9 })],
      '/v1/responses',
    )
    await service.clock.advance(2 * MINUTE_MS)
    const done = await service.client.batches.retrieve(id)
    expect(done).toMatchObject({ status: 'completed', request_counts: { total: 4, completed: 1, failed: 3 } })
    expect((await service.results(done.output_file_id)).map(([customId]) => customId)).toEqual(['right'])
    const errors = Object.fromEntries(await service.results(done.error_file_id))
    expect(errors).toMatchObject({
      busy: { response: { status_code: 500, body: { error: { message: 'Down.' } } }, error: null },
      thrown: { response: { status_code: 500, body: { error: { message: 'The script threw: no such scene' } } } },
      wrong: { response: { status_code: 400, body: { error: { param: 'temperature' } } }, error: null },
    })
    expect((await service.fake.invoice()).lines).toMatchObject([{ requests: 1 }])
  })

  test('that is not done in its window expires: what is done is there and charged, the rest is not', async () => {
    await using service = await batching(({ body }) => {
      const [item] = body.input
      const text = item && 'content' in item ? item.content : ''
      if (text === 'hangs') return { hang: true }
      return { text: 'fine', delayMs: text === 'late' ? DAY_MS : 0 }
    })
    const { client, clock, submit, results } = service
    const { id } = await submit([line('quick'), line('late'), line('hangs')], '/v1/responses')
    await clock.advance(DAY_MS - 1)
    expect(await client.batches.retrieve(id)).toMatchObject({
      status: 'in_progress',
      request_counts: { total: 3, completed: 1, failed: 0 },
    })
    await clock.advance(1)
    const expired = await client.batches.retrieve(id)
    expect(expired).toMatchObject({
      status: 'expired',
      expired_at: expired.expires_at,
      request_counts: { total: 3, completed: 1, failed: 2 },
    })
    expect((await results(expired.output_file_id)).map(([customId]) => customId)).toEqual(['quick'])
    expect(Object.fromEntries(await results(expired.error_file_id))).toMatchObject({
      late: { response: null, error: { code: 'batch_expired' } },
      hangs: { response: null, error: { code: 'batch_expired' } },
    })
    expect((await service.fake.invoice()).lines).toMatchObject([{ requests: 1 }])
  })

  test('that is cancelled keeps what is done, and cannot be cancelled again when it is over', async () => {
    await using service = await batching(({ body }) => ({
      text: 'fine',
      delayMs: JSON.stringify(body.input).includes('late') ? 10 * MINUTE_MS : 0,
    }))
    const { client, clock, submit, results } = service
    const { id } = await submit([line('quick'), line('late')], '/v1/responses')
    await clock.advance(5 * MINUTE_MS)
    expect(await client.batches.cancel(id)).toMatchObject({ status: 'cancelling' })
    await clock.advance(MINUTE_MS)
    const cancelled = await client.batches.retrieve(id)
    expect(cancelled).toMatchObject({ status: 'cancelled', request_counts: { total: 2, completed: 1, failed: 1 } })
    expect((await results(cancelled.output_file_id)).map(([customId]) => customId)).toEqual(['quick'])
    expect(await results(cancelled.error_file_id)).toMatchObject([['late', { error: { code: 'batch_cancelled' } }]])
    await expect(client.batches.cancel(id)).rejects.toThrow("409 Cannot cancel a batch with status 'cancelled'.")
  })

  test('that is cancelled before its file is read never asks the script', async () => {
    let asked = 0
    await using service = await batching(() => ({ text: String((asked += 1)) }))
    const { id } = await service.submit([line('a')], '/v1/responses')
    await service.client.batches.cancel(id)
    await service.clock.advance(5 * MINUTE_MS)
    const { status, output_file_id: output } = await service.client.batches.retrieve(id)
    expect([status, output, asked]).toEqual(['cancelled', null, 0])
  })

  test.for<[what: string, lines: (object | string)[], errors: object[]]>([
    ['is empty', [], [{ code: 'empty_file', line: null }]],
    [
      'is no JSON, in part',
      [line('a'), '{"custom_id":'],
      [{ code: 'invalid_json_line', message: 'This line is not parseable as valid JSON.', line: 2 }],
    ],
    ['names an id twice', [line('a'), line('b'), line('a')], [{ code: 'duplicate_custom_id', line: 3 }]],
    ['has another address', [line('a', {}, { url: '/v1/chat/completions' })], [{ code: 'url_mismatch', line: 1 }]],
    ['has two models', [line('a'), line('b', { model: 'gpt-4.1' })], [{ code: 'model_mismatch', line: 2 }]],
    ['has a model that is not there', [line('a', { model: 'gpt-9' })], [{ code: 'model_not_found', line: 1 }]],
    ['lacks a method', [line('a', {}, { method: undefined })], [{ code: 'missing_required_parameter', line: 1 }]],
  ])('whose file %s fails, and no line of it is asked', async ([, lines, errors]) => {
    await using service = await batching(() => {
      throw new Error('never asked')
    })
    const created = await service.submit(lines, '/v1/responses')
    expect(created).toMatchObject({ status: 'validating', errors: null })
    await service.clock.advance(MINUTE_MS)
    expect(await service.client.batches.retrieve(created.id)).toMatchObject({
      status: 'failed',
      failed_at: 1_764_000_003,
      errors: { object: 'list', data: errors },
      request_counts: { total: 0, completed: 0, failed: 0 },
    })
  })

  test('that holds more tokens than the queue of its model has room for fails; later there is room', async () => {
    const limits = { 'gpt-4.1-mini': { enqueuedTokens: 20 } }
    await using service = await batching(() => ({ text: 'fine' }), { limits })
    const first = await service.submit([line('a'), line('b')], '/v1/responses')
    const second = await service.submit([line('c'), line('d')], '/v1/responses')
    await service.clock.advance(2 * MINUTE_MS)
    const third = await service.submit([line('c'), line('d')], '/v1/responses')
    await service.clock.advance(2 * MINUTE_MS)
    const [one, two, three] = await Promise.all(
      [first, second, third].map(({ id }) => service.client.batches.retrieve(id)),
    )
    expect([one?.status, two?.status, three?.status]).toEqual(['completed', 'failed', 'completed'])
    expect(two?.errors?.data).toEqual([
      {
        code: 'token_limit_exceeded',
        message:
          'Enqueued token limit reached for gpt-4.1-mini in organization org-fake. Limit: 20 enqueued tokens. Please try again once some in_progress batches have been completed.',
        param: null,
        line: null,
      },
    ])
  })

  test.for<[what: string, change: object, message: string]>([
    [
      'another address',
      { endpoint: '/v1/images' },
      "400 Invalid value: '/v1/images'. Supported values are: '/v1/responses', '/v1/chat/completions', and '/v1/embeddings'.",
    ],
    [
      'an address that only the platform has',
      { endpoint: '/v1/moderations' },
      "400 A batch to '/v1/moderations' is more than this fake server can do. It takes /v1/responses, /v1/chat/completions, /v1/embeddings. Leave it out, or ask the platform.",
    ],
    ['another window', { completion_window: '1h' }, "400 Invalid value: '1h'. Supported values are: '24h'."],
    ['no file', { input_file_id: undefined }, "400 Missing required parameter: 'input_file_id'."],
  ])('with %s is refused', async ([, change, message]) => {
    await using service = await batching(() => ({}))
    const body = { input_file_id: 'file-1', endpoint: '/v1/responses', completion_window: '24h', ...change }
    await expect(service.client.post('/batches', { body })).rejects.toThrow(message)
  })

  test('is listed, the newest first and page by page, and not known by another id', async () => {
    await using service = await batching(() => ({}))
    const { client, submit } = service
    const ids: string[] = []
    for (const id of ['a', 'b', 'c']) ids.unshift((await submit([line(id)], '/v1/responses')).id)
    const listed = (await Array.fromAsync(client.batches.list({ limit: 2 }))).map(({ id }) => id)
    expect(listed).toEqual(ids)
    await expect(client.batches.retrieve('batch_9')).rejects.toThrow("404 No batch found with id 'batch_9'.")
  })
})

describe.skipIf(!openapiIsThere)('what the fake sends (skipped where ../shared/data is not there)', () => {
  /** The platform sends `null` for what is not there yet, and its description knows of none. */
  const described = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (_key, field: unknown) => (field === null ? undefined : field))

  test('of batches and files is as the platform describes it', async () => {
    await using service = await batching(() => ({ text: 'fine' }))
    const { client, clock, submit } = service
    const { id, input_file_id: fileId } = await submit([line('a'), line('b', { temperature: 9 })], '/v1/responses')
    for (const wait of [0, 3_000, 60_000, MINUTE_MS]) {
      await clock.advance(wait)
      expect(openapiComplaint('Batch', described(await client.batches.retrieve(id)))).toBeUndefined()
    }
    expect(openapiComplaint('OpenAIFile', described(await client.files.retrieve(fileId)))).toBeUndefined()
    const get = async (path: string): Promise<unknown> =>
      (await fetch(`${service.fake.url}/${path}`, { headers: { authorization: 'Bearer x' } })).json()
    expect(openapiComplaint('ListFilesResponse', described(await get('files')))).toBeUndefined()
    expect(openapiComplaint('ListBatchesResponse', described(await get('batches')))).toBeUndefined()
  })
})
