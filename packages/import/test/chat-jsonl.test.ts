import { describe, expect, test } from 'vitest'
import { conversationsFrom, type RecordedFormat } from '../src/index.ts'
import { lines, read, readOne, shapeOf, usageOf } from './read.fixture.ts'

const find = {
  type: 'function',
  function: { name: 'find', description: 'Finds.', parameters: { type: 'object', properties: {} } },
}
const call = (id: string, text = '{}'): object => ({
  id,
  type: 'function',
  function: { name: 'find', arguments: text },
})
const system = { role: 'system', content: 'Help.' }
const user = { role: 'user', content: 'Where is it?' }
const asks = { role: 'assistant', content: null, tool_calls: [call('a'), call('b')] }
const gives = [
  { role: 'tool', tool_call_id: 'b', content: 'B' },
  { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'A' }] },
]
const says = { role: 'assistant', content: 'Here.' }
const usage = { prompt_tokens: 9, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } }

function answered(messages: readonly object[], message: object, more: object = {}): object {
  const response = {
    id: 'chatcmpl-1',
    created: 1_796_000_000,
    model: 'm-1',
    choices: [{ message, finish_reason: 'stop' }],
    usage,
  }
  return { request: { model: 'm', messages, tools: [find] }, response, ...more }
}

describe('lines of chat', () => {
  test('have a conversation each, as fine-tuning takes them', async () => {
    const one = await readOne(lines({ messages: [system, user, asks, ...gives, says], tools: [find] }), 'chat-jsonl')
    expect(one).toMatchObject({ id: 'line-1', where: 'line 1', notTaken: [], failed: [] })
    expect(one.asked).toMatchObject({ instructions: 'Help.', tools: [{ name: 'find', description: 'Finds.' }] })
    expect(shapeOf(one)).toBe('user | call call result result | assistant')
    expect(one.items.at(4)).toEqual({ kind: 'result', callId: 'a', output: 'A' })
  })

  test('are named after their file, where they have no name of their own', async () => {
    const named = { id: 'own', messages: [user, says] }
    const all = conversationsFrom(lines(named, { messages: [user, says] }), { from: 'chat-jsonl', file: 'my desk' })
    expect((await Array.fromAsync(all)).map(({ id }) => id)).toEqual(['own', 'my_desk-line-2'])
  })

  test('are put together where one goes on from another, wherever it stands', async () => {
    const first = answered([system, user], asks)
    const second = answered([system, user, asks, ...gives], says)
    const { conversations } = await read(lines(second, first), 'chat-jsonl')
    expect(conversations.map(shapeOf)).toEqual(['user | call call result result | assistant'])
    expect(conversations.map(usageOf)).toEqual(['9/2 9/2'])
    expect(conversations[0]?.replies[0]).toMatchObject({
      model: 'm-1',
      responseId: 'chatcmpl-1',
      usage: { cachedTokens: 4 },
    })
  })

  test('are put together where a program writes the arguments of a call anew', async () => {
    const written = { role: 'assistant', content: null, tool_calls: [call('a', '{"n": 1}')] }
    const anew = { role: 'assistant', content: null, tool_calls: [call('a', '{"n":1}')] }
    const gave = { role: 'tool', tool_call_id: 'a', content: 'A' }
    const { conversations } = await read(
      lines(answered([user], written), answered([user, anew, gave], says)),
      'chat-jsonl',
    )
    expect(conversations.map(usageOf)).toEqual(['9/2 9/2'])
    expect(conversations[0]?.items[1]).toMatchObject({ arguments: '{"n": 1}' })
  })

  test('are kept apart where the same is asked twice', async () => {
    const { conversations } = await read(lines(answered([user], says), answered([user], says)), 'chat-jsonl')
    expect(conversations.map(({ id }) => id)).toEqual(['chatcmpl-1', 'chatcmpl-1/2'])
  })

  test('may have the functions of old, whose results follow their calls', async () => {
    const old = (n: number): object[] => [
      { role: 'assistant', content: null, function_call: { name: 'find', arguments: `{"n":${n}}` } },
      { role: 'function', name: 'find', content: `found ${n}` },
    ]
    const functions = [find.function]
    const one = await readOne(lines({ messages: [user, ...old(1), ...old(2), says], functions }), 'chat-jsonl')
    expect(shapeOf(one)).toBe('user | call result | call result | assistant')
    expect(one.items.flatMap((item) => ('callId' in item ? item.callId : []))).toEqual([
      'function_1',
      'function_1',
      'function_2',
      'function_2',
    ])
    expect(one.asked.tools).toHaveLength(1)
  })

  test('may be of the Responses API, which goes on from a response and names items', async () => {
    const reasoning = {
      type: 'reasoning',
      id: 'rs_1',
      summary: [{ type: 'summary_text', text: 'Hm.' }],
      encrypted_content: 'x',
    }
    const calls = { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'find', arguments: '{}' }
    const gave = { type: 'function_call_output', call_id: 'a', output: 'A' }
    const message = (text: string): object => ({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text }],
    })
    const answer = (id: string, output: readonly object[]): object => ({ id, status: 'completed', output })
    const first = { request: { instructions: 'Help.', input: 'Where?' }, response: answer('r1', [reasoning, calls]) }
    const second = {
      request: { previous_response_id: 'r1', input: [gave] },
      response: answer('r2', [message('Here.')]),
    }
    const third = {
      request: {
        input: [{ role: 'user', content: 'Where?' }, { type: 'item_reference', id: 'rs_1' }, { id: 'fc_1' }, gave],
      },
      response: answer('r3', [message('There.')]),
    }
    expect((await read(lines(first, second), 'chat-jsonl')).conversations.map(shapeOf)).toEqual([
      'user | reasoning call result | assistant',
    ])
    expect((await read(lines(first, third), 'chat-jsonl')).conversations.map(shapeOf)).toEqual([
      'user | reasoning call result | assistant',
    ])
  })

  test('show pictures and files, words before and after them', async () => {
    const url = 'data:image/png;base64,AA=='
    const content = [
      { type: 'text', text: 'Is it' },
      { type: 'image_url', image_url: { url, detail: 'low' } },
      { type: 'text', text: 'or' },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,AA==', filename: 'a.pdf' } },
    ]
    const { items } = await readOne(lines({ messages: [{ role: 'user', content }, says] }), 'chat-jsonl')
    expect(items[0]).toEqual({
      kind: 'user',
      text: 'Is it',
      parts: [
        { kind: 'image', url, detail: 'low' },
        { kind: 'text', text: 'or' },
        { kind: 'file', url: 'data:application/pdf;base64,AA==', name: 'a.pdf' },
      ],
    })
  })

  test('give a call whose id was used before another one', async () => {
    const again = { ...asks, tool_calls: [call('a')] }
    const gave = { role: 'tool', tool_call_id: 'a', content: 'A' }
    const { items } = await readOne(lines({ messages: [user, again, gave, again, gave, says] }), 'chat-jsonl')
    expect(items.flatMap((item) => ('callId' in item ? item.callId : []))).toEqual(['a', 'a', 'a#2', 'a#2'])
  })

  test.each([
    [
      'a sound',
      [user, says, { role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }, says],
      'a sound',
      1,
    ],
    ['a late system message', [user, says, system, user, says], 'a system message after the conversation had begun', 2],
    [
      'a call of a custom tool',
      [user, { role: 'assistant', tool_calls: [{ id: 'x', type: 'custom', custom: {} }] }],
      'a call of a custom tool',
      0,
    ],
    [
      'a picture from a tool',
      [
        user,
        asks,
        { role: 'tool', tool_call_id: 'a', content: [{ type: 'image_url', image_url: { url: 'https://a.b/c' } }] },
        says,
      ],
      'a picture in what a tool gave',
      1,
    ],
  ] as const)('are taken as far as %s', async (_, messages, what, after) => {
    const { conversations, skipped } = await read(lines({ messages, tools: [find] }), 'chat-jsonl')
    const why = `It has ${what}, which cannot be said here: it is taken as far as there, without the ${after} items that follow.`
    expect([...conversations.flatMap(({ notTaken }) => notTaken), ...skipped].map((one) => one.why)).toEqual([why])
  })

  test.each([
    ['{"messages":', 'line 1', 'it is no object of JSON: {"messages":'],
    [lines(1), 'line 1', 'it is no object of JSON: 1'],
    [lines({ a: 1 }), 'line 1', 'It has none of `messages`, `input` and `request`. It has: a.'],
    [lines({ messages: [user] }), 'line 1', 'It has no reply of a model. The ask failed, or was recorded alone.'],
    [
      lines({ messages: [system, says] }),
      'line 1',
      'It begins with words of the model, and a run begins with words of the user.',
    ],
    [
      lines({ object: 'chat.completion', choices: [] }),
      'line 1',
      'It is a completion without its messages. Put those of GET /chat/completions/{id}/messages beside it, as `messages`.',
    ],
    [
      lines({ custom_id: 'a', response: { body: {} } }),
      'line 1',
      "It is a batch's answer without its request. Put the two together: { request, response }.",
    ],
  ])('that hold no conversation are named: %s', async (text, where, why) => {
    const { conversations, skipped } = await read(text, 'chat-jsonl')
    expect([conversations, skipped]).toEqual([[], [{ where, why }]])
  })

  test('may be one list, laid out for people, in pieces cut anywhere', async () => {
    const text = `\uFEFF${JSON.stringify([{ messages: [user, says] }, 1], null, 2)}`
    const bytes = new TextEncoder().encode(text)
    const pieces = Array.from({ length: bytes.length }, (_, at) => bytes.slice(at, at + 1))
    const all = conversationsFrom(pieces, { from: 'chat-jsonl' })
    expect((await Array.fromAsync(all)).map(({ id }) => id)).toEqual(['item-1'])
    expect(all.skipped).toEqual([{ where: 'item 2', why: 'it is no object: 1' }])
  })
})

test('a format that is none is refused', () => {
  expect(() => conversationsFrom('', { from: 'csv' as RecordedFormat })).toThrow(
    'conversationsFrom was given from "csv". The formats are: agents-trace, chat-jsonl, langsmith, otel-genai.',
  )
})
