import { createRuntime, defineAgent, defineTool } from '@reprise/core'
import { memoryStore } from '@reprise/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { collect, failureOf } from '../ask.fixture.ts'
import { openai } from '../openai.ts'
import { answering, type StubAnswer } from '../stub-fetch.fixture.ts'

const usage = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 }

function model(answer: StubAnswer, stream = true) {
  return openai({ apiKey: 'sk', baseURL: 'http://other/v1', fetch: answering(answer).fetch, api: 'chat', stream })
}

/** A reply in one piece. */
function whole(message: object, more: object = { finish_reason: 'stop' }, about: object = { usage }): StubAnswer {
  return { json: { id: 'c1', model: 'qwen3', choices: [{ index: 0, message, ...more }], ...about } }
}

function chunk(delta: object, more: object = {}): object {
  return { id: 'c1', model: 'qwen3', choices: [{ index: 0, delta, ...more }] }
}

/** The items of a streamed reply of these deltas. */
async function itemsOf(...deltas: readonly object[]) {
  const events = [...deltas.map((delta) => chunk(delta)), chunk({}, { finish_reason: 'tool_calls' }), '[DONE]']
  return (await collect(model({ events }))).reply.items
}

function call(callId: string, name: string, written: string) {
  return { kind: 'call', callId, name, arguments: written }
}

describe('a reply of Chat Completions in one piece', () => {
  test('gives its words, its usage and its names', async () => {
    const { reply } = await collect(model(whole({ role: 'assistant', content: 'Hello' }), false))
    expect(reply).toEqual({
      items: [{ kind: 'assistant', text: 'Hello' }],
      finish: 'stop',
      usage: { inputTokens: 10, cachedTokens: 0, outputTokens: 2, reasoningTokens: 0 },
      model: 'qwen3',
      responseId: 'c1',
    })
  })

  test.for([null, '', undefined, []])('takes %j for no words beside a call', async (content) => {
    const tool_calls = [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }]
    const { reply } = await collect(model(whole({ content, tool_calls }), false))
    expect(reply.items).toEqual([call('c', 'f', '{}')])
  })

  test('takes words in parts, arguments that are no text, ids that are missing, and the old kind of call', async () => {
    const content = [{ type: 'text', text: 'Hel' }, { type: 'thinking' }, { type: 'text', text: 'lo' }]
    const tool_calls = [{ function: { name: 'f', arguments: { id: 1 } } }]
    const { reply } = await collect(
      model(whole({ content, tool_calls, function_call: { name: 'g', arguments: '{}' } }), false),
    )
    expect(reply.items).toEqual([{ kind: 'assistant', text: 'Hello' }, call('', 'f', '{"id":1}'), call('', 'g', '{}')])
  })

  test.for(['reasoning', 'reasoning_content'])('keeps thoughts that come as "%s"', async (field) => {
    const { reply } = await collect(model(whole({ content: 'Hello', [field]: 'I greet.' }), false))
    expect(reply.items).toEqual([
      { kind: 'reasoning', field, text: 'I greet.', from: 'gpt-4.1-mini' },
      { kind: 'assistant', text: 'Hello' },
    ])
  })

  test.for([
    ['stop', 'stop'],
    ['tool_calls', 'stop'],
    ['eos', 'stop'],
    ['', 'stop'],
    [null, 'stop'],
    [undefined, 'stop'],
    ['length', 'length'],
    ['max_tokens', 'length'],
    ['content_filter', 'content-filter'],
  ] as const)('that ends by %j ends by %s', async ([reason, finish]) => {
    const { reply } = await collect(model(whole({ content: 'Hello' }, { finish_reason: reason }), false))
    expect(reply.finish).toBe(finish)
  })

  test('may lack its usage and the model’s name', async () => {
    const { reply } = await collect(model(whole({ content: 'Hello' }, {}, { model: undefined }), false))
    expect(reply).toEqual({
      items: [{ kind: 'assistant', text: 'Hello' }],
      finish: 'stop',
      model: 'gpt-4.1-mini',
      responseId: 'c1',
    })
  })

  test.for([null, {}, { total_tokens: 12 }, { prompt_tokens: null, completion_tokens: 2 }])(
    'may have usage that says nothing: %j',
    async (usage) => {
      const { reply } = await collect(model(whole({ content: 'Hello' }, undefined, { usage }), false))
      expect(reply).not.toHaveProperty('usage')
    },
  )

  test('may be a refusal', async () => {
    const { reply } = await collect(model(whole({ content: null, refusal: 'No.' }), false))
    expect(reply.items).toEqual([{ kind: 'refusal', text: 'No.' }])
  })

  test('that is thoughts alone is empty, and asked for again', async () => {
    const error = await failureOf(model(whole({ content: '', reasoning: 'Hm.' }), false))
    expect(error).toMatchObject({ code: 'empty_reply', retryable: true })
  })

  test('that is an error after all is one', async () => {
    for (const error of [{ code: 'server_error', message: 'Overheated' }, { code: 500, message: 'Down' }, 'Down'])
      expect(await failureOf(model({ json: { error } }, false))).toMatchObject({
        code: 'server_error',
        retryable: true,
      })
    const { reply } = await collect(model(whole({ content: 'Hello' }, undefined, { error: null }), false))
    expect(reply.items).toEqual([{ kind: 'assistant', text: 'Hello' }])
  })

  test('that is none of the API is named', async () => {
    const error = await failureOf(model({ json: { hello: 'world' } }, false))
    expect(error.message).toBe(
      'The server at http://other/v1 answered 200 with application/json. Expected Chat Completions. Check openai({ api, baseURL }) or OPENAI_BASE_URL.',
    )
  })
})

describe('a streamed reply of Chat Completions', () => {
  test('gives its words as they come, and its usage from the last chunk', async () => {
    const events = [
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Hel' }),
      chunk({ content: 'lo' }),
      chunk({}, { finish_reason: 'stop' }),
      { id: 'c1', model: 'qwen3', choices: [], usage },
      '[DONE]',
    ]
    const { deltas, reply } = await collect(model({ events }))
    expect(deltas).toEqual(['Hel', 'lo'])
    expect(reply).toEqual({
      items: [{ kind: 'assistant', text: 'Hello' }],
      finish: 'stop',
      usage: { inputTokens: 10, cachedTokens: 0, outputTokens: 2, reasoningTokens: 0 },
      model: 'qwen3',
      responseId: 'c1',
    })
  })

  test('may lack the agreed end, the usage, or the reason', async () => {
    const { reply: unended } = await collect(model({ events: [chunk({ content: 'Hi' }, { finish_reason: 'stop' })] }))
    expect(unended).toMatchObject({ items: [{ kind: 'assistant', text: 'Hi' }], finish: 'stop' })
    const { reply: unreasoned } = await collect(model({ events: [{ ...chunk({ content: 'Hi' }), usage }, '[DONE]'] }))
    expect(unreasoned).toMatchObject({ items: [{ kind: 'assistant', text: 'Hi' }], finish: 'stop' })
  })

  test('may have its agreed end alone', async () => {
    const { reply } = await collect(model({ events: [chunk({ content: 'Hi' }), '[DONE]'] }))
    expect(reply).toMatchObject({ items: [{ kind: 'assistant', text: 'Hi' }], finish: 'stop' })
  })

  test.for<[what: string, events: readonly unknown[]]>([
    ['with neither reason, usage nor agreed end', [chunk({ content: 'Hi' })]],
    ['with usage in each chunk, the last of which never came,', [{ ...chunk({ content: 'Hi' }), usage }]],
    ['of which nothing but the agreed end came', ['[DONE]']],
  ])('%s is cut', async ([, events]) => {
    expect(await failureOf(model({ events }))).toMatchObject({ code: 'stream_cut', retryable: true })
  })

  test('puts calls together by their index', async () => {
    const piece = (index: number, written: string) => ({ tool_calls: [{ index, function: { arguments: written } }] })
    const items = await itemsOf(
      { tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }] },
      piece(0, '{"x"'),
      { tool_calls: [{ index: 1, id: 'b', function: { name: 'g', arguments: '' } }] },
      piece(1, '{}'),
      piece(0, ':1}'),
    )
    expect(items).toEqual([call('a', 'f', '{"x":1}'), call('b', 'g', '{}')])
  })

  test('tells calls apart that share an index, by their ids or their names', async () => {
    const one = (index: number | undefined, id: string | undefined, name: string) => ({
      tool_calls: [{ index, id, function: { name, arguments: '{"x":1}' } }],
    })
    expect(await itemsOf(one(0, 'a', 'f'), one(0, 'b', 'f'))).toEqual([
      call('a', 'f', '{"x":1}'),
      call('b', 'f', '{"x":1}'),
    ])
    expect(await itemsOf(one(0, undefined, 'f'), one(0, undefined, 'f'))).toHaveLength(2)
    expect(await itemsOf(one(undefined, 'a', 'f'), one(undefined, 'b', 'g'))).toHaveLength(2)
  })

  test('takes a name and an id that come with each piece for one call', async () => {
    const piece = (written: string) => ({
      tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: written } }],
    })
    expect(await itemsOf(piece('{"x"'), piece(':1}'))).toEqual([call('a', 'f', '{"x":1}')])
  })

  test('keeps its thoughts, which are not told as words', async () => {
    const events = [
      chunk({ reasoning: 'I ' }),
      chunk({ reasoning: 'greet.' }),
      chunk({ content: 'Hi' }, { finish_reason: 'stop' }),
    ]
    const { deltas, reply } = await collect(model({ events }))
    expect(deltas).toEqual(['Hi'])
    expect(reply.items[0]).toEqual({
      kind: 'reasoning',
      field: 'reasoning',
      text: 'I greet.',
      from: 'gpt-4.1-mini',
    })
  })

  test.for<[error: unknown, code: string, retryable: boolean, words: string]>([
    [{ code: 'server_error', message: 'Overheated' }, 'server_error', true, 'Overheated.'],
    // vLLM and llama.cpp give a status for a code.
    [{ code: 500, type: 'InternalServerError', message: 'Engine died' }, 'server_error', true, 'Engine died.'],
    [
      { code: 503, type: 'unavailable_error', message: 'Loading model' },
      'server_is_overloaded',
      true,
      'Loading model.',
    ],
    [{ code: 400, type: 'BadRequestError', message: 'Too long' }, 'invalid_request', false, 'Too long.'],
    [{ code: '429', message: 'Queue is full' }, 'rate_limit_exceeded', true, 'Queue is full.'],
    ['model runner has unexpectedly stopped', 'server_error', true, 'model runner has unexpectedly stopped.'],
  ])('may fail in its middle by %j', async ([error, code, retryable, words]) => {
    const failure = await failureOf(model({ events: [chunk({ content: 'Hi' }), { error }] }))
    expect(failure).toMatchObject({ code, retryable })
    expect(failure.message).toContain(`(${code}): ${words}`)
  })

  test('may end with an empty call of the old kind, which is none', async () => {
    const stub = { function_call: { name: '', arguments: '' } }
    expect(await itemsOf({ content: 'Hi' }, stub)).toEqual([{ kind: 'assistant', text: 'Hi' }])
    const made = { tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }] }
    expect(await itemsOf(made, stub)).toEqual([call('a', 'f', '{}')])
  })

  test('may come in one piece after all', async () => {
    const { deltas, reply } = await collect(model(whole({ content: 'Hello' })))
    expect(deltas).toEqual([])
    expect(reply.items).toEqual([{ kind: 'assistant', text: 'Hello' }])
  })
})

describe('a run over Chat Completions', () => {
  test('gives calls without ids ids of their own, and tells each what became of it', async () => {
    const calls = ['1', '2'].map((id) => ({ function: { name: 'look', arguments: JSON.stringify({ id }) } }))
    const service = answering(whole({ content: null, tool_calls: calls }), whole({ content: 'Done' }))
    const look = defineTool({
      name: 'look',
      description: 'Looks.',
      input: z.object({ id: z.string() }),
      effect: 'read',
      execute: ({ id }) => `seen ${id}`,
    })
    const agent = defineAgent({ name: 'looker', model: 'qwen3', instructions: 'Look.', tools: [look] })
    const models = openai({
      apiKey: 'sk',
      baseURL: 'http://other/v1',
      fetch: service.fetch,
      api: 'chat',
      stream: false,
    })
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [agent] })
    const run = await runtime.start(agent, 'Look at both')
    expect(await run.result()).toBe('Done')
    const messages = service.requests[1]?.body['messages'] as { tool_call_id?: string; content: string }[]
    const told = messages.filter((message) => message.tool_call_id !== undefined)
    expect(told.map(({ content }) => content)).toEqual(['seen 1', 'seen 2'])
    expect(new Set(told.map((message) => message.tool_call_id)).size).toBe(2)
  })
})
