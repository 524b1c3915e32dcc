import { manualClock } from '@reprise/testing'
import type { OpenAI } from 'openai'
import { ResponsesToolRunner } from 'openai/helpers/responses-tool-runner'
import type { ResponseInputItem } from 'openai/resources/responses/responses'
import { describe, expect, test } from 'vitest'
import { sdk, tool } from '../sdk.fixture.ts'

const model = 'gpt-4.1-mini'

describe('a response that is kept', () => {
  test('is retrieved, deleted, and then not known', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const { responses } = service.client
    const created = await responses.create({ model, input: 'Hi' })
    expect(await responses.retrieve(created.id)).toMatchObject({ id: created.id, output_text: 'Hello' })
    await responses.delete(created.id)
    await expect(responses.retrieve(created.id)).rejects.toMatchObject({
      status: 404,
      message: `404 Response with id '${created.id}' not found.`,
    })
    const { id } = await responses.create({ model, input: 'Hi', store: false })
    await expect(responses.retrieve(id)).rejects.toMatchObject({ status: 404 })
  })

  test('is gone on from: the script sees the whole conversation, and its tokens count', async () => {
    const seen: unknown[] = []
    await using service = await sdk(({ body }) => {
      seen.push(body.input)
      return { text: `word${body.input.length}` }
    })
    const { responses } = service.client
    const first = await responses.create({ model, input: 'Hi', instructions: 'Be kind.' })
    const second = await responses.create({ model, input: 'More', previous_response_id: first.id })
    const whole = await responses.create({
      model,
      input: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'word1' },
        { role: 'user', content: 'More' },
      ],
    })
    expect(second).toMatchObject({ previous_response_id: first.id, instructions: null })
    expect(second.usage?.input_tokens).toBe(whole.usage?.input_tokens)
    expect(seen[1]).toMatchObject([{ content: 'Hi' }, { content: [{ text: 'word1' }] }, { content: 'More' }])
    await expect(responses.create({ model, input: 'Hi', previous_response_id: 'resp_9' })).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      message: "400 Previous response with id 'resp_9' not found.",
    })
  })

  test.for(['x', '1.5', '-5', ''])('is not streamed again from %j', async (after) => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const { id } = await service.client.responses.create({ model, input: 'Hi' })
    const query = { stream: true, starting_after: after }
    await expect(service.client.get(`/responses/${id}`, { query })).rejects.toMatchObject({
      status: 400,
      param: 'starting_after',
    })
  })

  test('is not cancelled where it is no background response', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const { id } = await service.client.responses.create({ model, input: 'Hi' })
    await expect(service.client.responses.cancel(id)).rejects.toThrow('400 Cannot cancel a synchronous response.')
  })
})

describe('a background response', () => {
  test('is queued, then in progress for as long as the script says, then done, and charged once', async () => {
    const clock = manualClock({ now: 1_764_000_000_000 })
    await using service = await sdk(() => ({ text: 'Hello', delayMs: 5_000 }), { clock })
    const { responses } = service.client
    const { id, status, output } = await responses.create({ model, input: 'Hi', background: true })
    expect([status, output]).toEqual(['queued', []])
    expect(await responses.retrieve(id)).toMatchObject({ status: 'in_progress', background: true, usage: null })
    expect((await service.fake.invoice()).lines).toEqual([])
    await clock.advance(5_000)
    expect(await responses.retrieve(id)).toMatchObject({ status: 'completed', output_text: 'Hello' })
    await service.fake.invoice()
    expect((await service.fake.invoice()).lines).toMatchObject([{ model: 'gpt-4.1-mini-2025-04-14', requests: 1 }])
  })

  test('is cancelled while it is not done, and not charged; once it is done it stays so', async () => {
    const clock = manualClock()
    await using service = await sdk(() => ({ text: 'Hello', delayMs: 5_000 }), { clock })
    const { responses } = service.client
    const stopped = await responses.create({ model, input: 'Hi', background: true })
    expect(await responses.cancel(stopped.id)).toMatchObject({ status: 'cancelled', output: [] })
    const done = await responses.create({ model, input: 'Ho', background: true })
    await clock.advance(5_000)
    expect(await responses.cancel(stopped.id)).toMatchObject({ status: 'cancelled' })
    expect(await responses.cancel(done.id)).toMatchObject({ status: 'completed', output: [{ type: 'message' }] })
    expect((await service.fake.invoice()).lines).toMatchObject([{ requests: 1 }])
  })

  test('has a stream that is taken up where it broke off', async () => {
    await using service = await sdk(() => ({ text: 'one two three', cut: 6 }))
    const { responses } = service.client
    const stream = await responses.create({ model, input: 'Hi', background: true, stream: true })
    const seen: string[] = []
    let [id, last] = ['', 0]
    const breaking = (async () => {
      for await (const event of stream) {
        seen.push(event.type)
        last = event.sequence_number
        if (event.type === 'response.created') id = event.response.id
      }
    })()
    await expect(breaking).rejects.toThrow('terminated')
    for await (const event of await responses.retrieve(id, { stream: true, starting_after: last }))
      seen.push(event.type)
    expect(seen).toEqual([
      'response.created',
      'response.queued',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
    const helper = responses.stream({ response_id: id, starting_after: last })
    expect((await helper.finalResponse()).output_text).toBe('one two three')
  })

  test('has a stream that goes on once its work is done', async () => {
    const clock = manualClock()
    await using service = await sdk(() => ({ text: 'Hello', delayMs: 60_000 }), { clock })
    const stream = await service.client.responses.create({ model, input: 'Hi', background: true, stream: true })
    const seen: string[] = []
    for await (const event of stream) {
      seen.push(event.type)
      if (event.type === 'response.queued') await clock.advance(60_000)
    }
    expect([seen[1], seen[2], seen.at(-1)]).toEqual(['response.queued', 'response.in_progress', 'response.completed'])
  })

  test('must be kept', async () => {
    await using service = await sdk(() => ({}))
    const create = service.client.responses.create({ model, input: 'Hi', background: true, store: false })
    await expect(create).rejects.toThrow("400 Background mode requires 'store' to be true.")
  })
})

describe('the official SDK', () => {
  test('counts the tokens of a request that is not made, as the request is charged', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const { responses } = service.client
    const request = { model, input: 'How is the weather?', instructions: 'Be kind.', tools: [tool] }
    const counted = await responses.inputTokens.count(request)
    const { usage } = await responses.create(request)
    expect(counted).toEqual({ object: 'response.input_tokens', input_tokens: usage?.input_tokens })
    expect(await responses.inputTokens.count({ model })).toMatchObject({ input_tokens: 3 })
  })

  test('runs tools by its runner of the Responses API, streamed too', async () => {
    await using service = await sdk(({ body }) => {
      const result = body.input.find((item) => item.type === 'function_call_output')
      const calls = [{ name: 'get_weather', arguments: { city: 'Paris' } }]
      return result ? { text: `It is ${JSON.stringify(result.output)}.` } : { calls }
    })
    const runner = new ResponsesToolRunner({
      functions: [{ tool: { ...tool, description: null }, execute: ({ city }) => `rainy in ${String(city)}` }],
    })
    // The runner knows no read-only request.
    const client: OpenAI = service.client
    for (const stream of [false, true]) {
      const { output_text: text } = await runner.run(client, { model, input: 'Weather?' }, { stream })
      expect(text).toBe('It is "rainy in Paris".')
    }
  })
})

describe('hosted tools and their items', () => {
  const search = { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'x' } }
  const reasoning = { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'secret' }

  test('pass through, in a request and from a script', async () => {
    await using service = await sdk(() => ({ items: [reasoning, search], text: 'Found.', reasoningTokens: 64 }))
    const { responses } = service.client
    const tools = [{ type: 'web_search' as const }, tool]
    const first = await responses.stream({ model, input: 'Search', tools }).finalResponse()
    expect(first.output).toMatchObject([reasoning, search, { type: 'message' }])
    expect(first.usage).toMatchObject({ output_tokens: 67, output_tokens_details: { reasoning_tokens: 64 } })
    // The SDK's types of what comes out are wider than those of what goes in.
    const input = [...first.output, { role: 'user', content: 'More' }] as ResponseInputItem[]
    const again = await responses.create({ model, input, tools })
    expect(again.tools.map(({ type }) => type)).toEqual(['function', 'web_search'])
  })
})
