import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { collect, failureOf, requestOf } from '../ask.fixture.ts'
import { openai } from '../openai.ts'
import { serve } from '../serve.fixture.ts'

const ways = ['streaming', 'whole'] as const

describe.for(ways)('a reply (%s)', (way) => {
  test('gives its words, its usage, its price and its names', async () => {
    await using service = await serve(() => ({ text: 'Hello there, friend.' }))
    const { deltas, reply } = await collect(service[way])
    expect(deltas).toEqual(way === 'whole' ? [] : ['Hello', ' there,', ' friend.'])
    expect(reply).toEqual({
      items: [{ kind: 'assistant', text: 'Hello there, friend.' }],
      finish: 'stop',
      usage: { inputTokens: 63, cachedTokens: 0, outputTokens: 6, reasoningTokens: 0 },
      costNano: 63 * 400 + 6 * 1600,
      model: 'gpt-4.1-mini-2025-04-14',
      responseId: expect.stringMatching(/^resp_[0-9a-f]{48}$/) as string,
      requestId: expect.stringMatching(/^req_[0-9a-f]{48}$/) as string,
    })
  })

  test('gives parallel calls after its words, in their order', async () => {
    const calls = [
      { name: 'find_order', arguments: { id: '1' }, callId: 'call_a' },
      { name: 'refund_order', arguments: { id: '1' }, callId: 'call_b' },
    ]
    await using service = await serve(() => ({ text: 'I look.', calls }))
    const { reply } = await collect(service[way])
    expect(reply.items).toEqual([
      { kind: 'assistant', text: 'I look.' },
      { kind: 'call', callId: 'call_a', name: 'find_order', arguments: '{"id":"1"}' },
      { kind: 'call', callId: 'call_b', name: 'refund_order', arguments: '{"id":"1"}' },
    ])
  })

  test('leaves malformed arguments and doubled ids as the model wrote them', async () => {
    const calls = [
      { name: 'find_order', arguments: '{"id": ', callId: 'call_a' },
      { name: 'no_such_tool', callId: 'call_a' },
    ]
    await using service = await serve(() => ({ calls }))
    const { reply } = await collect(service[way])
    expect(reply.items).toEqual([
      { kind: 'call', callId: 'call_a', name: 'find_order', arguments: '{"id": ' },
      { kind: 'call', callId: 'call_a', name: 'no_such_tool', arguments: '{}' },
    ])
  })

  test('may be a refusal, which is not told as words', async () => {
    await using service = await serve(() => ({ refusal: 'I cannot do that.' }))
    const { deltas, reply } = await collect(service[way])
    expect(reply).toMatchObject({ items: [{ kind: 'refusal', text: 'I cannot do that.' }], finish: 'stop' })
    expect(deltas).toEqual([])
  })

  test.for(['length', 'content-filter'] as const)('may end early: %s', async (finish) => {
    await using service = await serve(() => ({ text: 'Once upon a', finish }))
    const { reply } = await collect(service[way])
    expect(reply).toMatchObject({ items: [{ kind: 'assistant', text: 'Once upon a' }], finish })
  })

  test('that ends early may have no words at all', async () => {
    await using service = await serve(() => ({ finish: 'content-filter' }))
    const { reply } = await collect(service[way])
    expect(reply).toMatchObject({ items: [], finish: 'content-filter' })
  })

  test('that says nothing is an error, and may be asked again', async () => {
    await using service = await serve(() => ({}))
    const error = await failureOf(service[way])
    expect(error).toMatchObject({ code: 'empty_reply', retryable: true, details: { usage: { outputTokens: 0 } } })
    expect(error.message).toMatch(
      /^Model "gpt-4.1-mini-2025-04-14" gave an empty reply \(resp_[0-9a-f]{48}\)\. Expected words, a refusal or a call\. Ask again\.$/,
    )
  })

  test('that fails is an error with the service’s own code', async () => {
    await using service = await serve(() => ({
      text: 'Once upon',
      failure: { code: 'server_error', message: 'An error occurred while processing your request.' },
    }))
    const error = await failureOf(service[way])
    expect(error).toMatchObject({ code: 'server_error', retryable: true })
    expect(error.message).toBe(
      'The reply failed while it was written (server_error): An error occurred while processing your request. Ask again.',
    )
  })

  test('that fails for what was asked is not asked for again', async () => {
    await using service = await serve(() => ({ failure: { code: 'invalid_prompt', message: 'Bad prompt.' } }))
    const error = await failureOf(service[way])
    expect(error).toMatchObject({ code: 'invalid_prompt', retryable: false })
  })

  test('costs less where its prompt is cached', async () => {
    await using service = await serve(() => ({ text: 'Yes.' }))
    const request = requestOf([{ kind: 'user', text: 'word '.repeat(2000) }])
    const { reply: first } = await collect(service[way], request)
    const { reply: second } = await collect(service[way], request)
    expect(first.usage).toEqual({ inputTokens: 2063, cachedTokens: 0, outputTokens: 3, reasoningTokens: 0 })
    expect(second.usage).toEqual({ inputTokens: 2063, cachedTokens: 2048, outputTokens: 3, reasoningTokens: 0 })
    expect(second.costNano).toBe(15 * 400 + 2048 * 100 + 3 * 1600)
  })

  test('that never comes is given up when the signal aborts, with its reason', async () => {
    await using service = await serve(() => {
      controller.abort(new Error('enough'))
      return { hang: true }
    })
    const controller = new AbortController()
    await expect(collect(service[way], requestOf(), controller.signal)).rejects.toThrow('enough')
  })

  test('is not asked for once the signal has aborted', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    await expect(collect(service[way], requestOf(), AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
    expect(service.fake.requests).toEqual([])
  })

  test('that is reset before it begins is a lost connection', async () => {
    await using service = await serve(() => ({ text: 'Hello', cut: 0 }))
    const error = await failureOf(service[way])
    expect(error).toMatchObject({ code: 'connection', retryable: true, details: { url: service.fake.url } })
  })
})

describe('a streamed reply', () => {
  test('is given up in its middle when the signal aborts, with its reason', async () => {
    await using service = await serve(() => ({ text: 'one two three', cut: 6, cutBy: 'reset' }))
    const controller = new AbortController()
    const events = service.streaming.ask(requestOf(), controller.signal)[Symbol.asyncIterator]()
    expect(await events.next()).toMatchObject({ value: { kind: 'limits' } })
    expect(await events.next()).toMatchObject({ value: { kind: 'text', delta: 'one' } })
    controller.abort(new Error('enough'))
    await expect(events.next()).rejects.toThrow('enough')
  })

  test.for(['reset', 'end'] as const)('is cut anywhere (%s) and never taken for a whole one', async (cutBy) => {
    const calls = [{ name: 'find_order', arguments: { id: '1' } }]
    let cut = 0
    await using service = await serve(() => ({ text: 'one two', calls, cut, cutBy }))
    const codes: string[] = []
    // The stream has 14 events; without the last of them it is not whole.
    for (cut = 1; cut < 14; cut += 1) {
      const error = await failureOf(service.streaming)
      expect(error.retryable).toBe(true)
      codes.push(error.code)
    }
    expect(codes).toEqual(codes.map(() => 'stream_cut'))
    const { reply } = await collect(service.streaming)
    expect(reply.items).toHaveLength(2)
  })

  test('that is cut says so', async () => {
    await using service = await serve(() => ({ text: 'one two', cut: 6 }))
    const error = await failureOf(service.streaming)
    expect(error.message).toBe(
      `The reply from ${service.fake.url} was cut off before its end. Expected a completed response. Ask again.`,
    )
  })

  test('may fail by an event of its own', async () => {
    await using service = await serve(() => ({
      text: 'Once upon',
      failure: { code: 'rate_limit_exceeded', message: 'Rate limit reached', event: 'error' },
    }))
    const error = await failureOf(service.streaming)
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', retryable: true })
    expect(error.message).toBe(
      'The reply failed while it was written (rate_limit_exceeded): Rate limit reached. Ask again.',
    )
  })

  test('leaves its connection to the next request', async () => {
    const reply = {
      id: 'resp_1',
      status: 'completed',
      model: 'm',
      output: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '' }],
    }
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/event-stream')
      response.write(`data: ${JSON.stringify({ type: 'response.completed', response: reply })}\n\n`)
      // The end comes a while after the reply has been given out.
      void endLater(response)
    })
    let connections = 0
    server.on('connection', () => (connections += 1))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const model = openai({ apiKey: 'sk-test', baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
    for (let nth = 0; nth < 10; nth += 1) await collect(model)
    expect(connections).toBeLessThan(5)
    server.closeAllConnections()
    server.close()
  })
})

async function endLater(response: ServerResponse): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate()
  response.end()
}

describe('a reply in one piece', () => {
  test.for(['reset', 'end'] as const)('that is cut (%s) is not taken for a whole one', async (cutBy) => {
    await using service = await serve(() => ({ text: 'one two', cut: 1, cutBy }))
    const error = await failureOf(service.whole)
    expect(error).toMatchObject({ code: 'stream_cut', retryable: true })
  })
})
