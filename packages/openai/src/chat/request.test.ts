import type { Item, ModelRequest } from '@reprise/core'
import { describe, expect, test } from 'vitest'
import { card, collect, failureOf, requestOf } from '../ask.fixture.ts'
import { openai } from '../openai.ts'
import { answering, firstOf } from '../stub-fetch.fixture.ts'

const PLATFORM = 'https://api.openai.com/v1'
const OTHER = 'http://127.0.0.1:11434/v1'

const completion = { id: 'c1', model: 'm', choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }] }

/** The body that goes out for a request. */
async function bodyOf(request: ModelRequest, baseURL = PLATFORM, stream = false) {
  const service = answering({ json: completion })
  await collect(openai({ apiKey: 'sk-test', baseURL, fetch: service.fetch, api: 'chat', stream }), request)
  const { body, url } = firstOf(service.requests)
  expect(url).toBe(`${baseURL}/chat/completions`)
  return body
}

function tools(strict: boolean, names = ['find_order', 'refund_order']) {
  const parameters = {
    type: 'object',
    properties: { id: { type: 'string' } },
    required: ['id'],
    additionalProperties: false,
  }
  return names.map((name) => ({
    type: 'function',
    function: { name, description: `Does ${name}.`, parameters, ...(strict && { strict }) },
  }))
}

const talk: Item[] = [
  { kind: 'user', text: 'Refund 1 and hack 2.' },
  { kind: 'reasoning', text: 'Two things are wanted.', field: 'reasoning' },
  { kind: 'assistant', text: 'I look.' },
  { kind: 'refusal', text: ' No hacking.' },
  { kind: 'call', callId: 'call_1', name: 'find_order', arguments: '{"id":"1"}' },
  { kind: 'call', callId: 'call_2', name: 'find_order', arguments: '{"id":' },
  { kind: 'result', callId: 'call_1', output: '{"total":3}' },
  { kind: 'result', callId: 'call_2', output: 'Not JSON.' },
  { kind: 'call', callId: 'call_3', name: 'refund_order', arguments: '{"id":"1"}' },
]

describe('a request of Chat Completions', () => {
  test('to the platform says what the Responses API would be told', async () => {
    expect(await bodyOf(requestOf(), PLATFORM, true)).toEqual({
      model: 'gpt-4.1-mini',
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hi' },
      ],
      store: false,
      max_completion_tokens: 256,
      tools: tools(true),
      stream: true,
      stream_options: { include_usage: true },
    })
  })

  test('to another server leaves out what only the platform knows', async () => {
    expect(await bodyOf(requestOf(), OTHER)).toEqual({
      model: 'gpt-4.1-mini',
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hi' },
      ],
      max_tokens: 256,
      tools: tools(false),
      stream: false,
    })
  })

  test('has all items of a reply in one message', async () => {
    const { messages } = await bodyOf(requestOf(talk))
    expect(messages).toEqual([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Refund 1 and hack 2.' },
      {
        role: 'assistant',
        content: 'I look. No hacking.',
        tool_calls: [
          { type: 'function', id: 'call_1', function: { name: 'find_order', arguments: '{"id":"1"}' } },
          { type: 'function', id: 'call_2', function: { name: 'find_order', arguments: '{"id":' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '{"total":3}' },
      { role: 'tool', tool_call_id: 'call_2', content: 'Not JSON.' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ type: 'function', id: 'call_3', function: { name: 'refund_order', arguments: '{"id":"1"}' } }],
      },
    ])
  })

  test('gives another server its thoughts back, no null, and no arguments that it could not parse', async () => {
    const { messages } = await bodyOf(requestOf(talk), OTHER)
    expect((messages as object[])[2]).toEqual({
      role: 'assistant',
      content: 'I look. No hacking.',
      reasoning: 'Two things are wanted.',
      tool_calls: [
        { type: 'function', id: 'call_1', function: { name: 'find_order', arguments: '{"id":"1"}' } },
        { type: 'function', id: 'call_2', function: { name: 'find_order', arguments: '{}' } },
      ],
    })
    expect((messages as object[])[5]).toMatchObject({ content: '' })
  })

  test('has a name that no tool has as the platform takes it back', async () => {
    const items: Item[] = [
      { kind: 'user', text: 'Find 1.' },
      { kind: 'call', callId: 'call_1', name: 'functions.find order', arguments: '{}' },
      { kind: 'result', callId: 'call_1', output: 'There is no such tool.' },
    ]
    const calls = (await bodyOf(requestOf(items)))['messages'] as { tool_calls?: { function: { name: string } }[] }[]
    const names = calls.flatMap(({ tool_calls: made = [] }) => made.map((call) => call.function.name))
    expect(names).toEqual(['functions_find_order'])
  })

  test('narrows the tools by a choice on the platform, and by showing fewer elsewhere', async () => {
    const some = requestOf(undefined, { allowedTools: ['find_order'] })
    const none = requestOf(undefined, { allowedTools: [] })
    expect(await bodyOf(some)).toMatchObject({
      tools: tools(true),
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'find_order' } }] },
      },
    })
    expect(await bodyOf(none)).toMatchObject({ tools: tools(true), tool_choice: 'none' })
    const shown = await bodyOf(some, OTHER)
    expect(shown['tools']).toEqual(tools(false, ['find_order']))
    expect(shown).not.toHaveProperty('tool_choice')
    expect(await bodyOf(none, OTHER)).not.toHaveProperty('tools')
  })

  test('says what must be called, and that one call is enough', async () => {
    const named = { type: 'function', function: { name: 'find_order' } }
    const oneAtATime = requestOf(undefined, { card: { ...card, parallelCalls: false } })
    const some = requestOf(undefined, { toolChoice: 'required', allowedTools: ['find_order'] })
    for (const server of [undefined, OTHER]) {
      const must = await bodyOf(requestOf(undefined, { toolChoice: 'required' }), server)
      expect(must['tool_choice']).toBe('required')
      const one = await bodyOf(requestOf(undefined, { toolChoice: { name: 'find_order' } }), server)
      expect(one['tool_choice']).toEqual(named)
      expect((await bodyOf(oneAtATime, server))['parallel_tool_calls']).toBe(false)
      expect(must).not.toHaveProperty('parallel_tool_calls')
    }
    const allowed = { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [named] } }
    expect((await bodyOf(some))['tool_choice']).toEqual(allowed)
    expect(await bodyOf(some, OTHER)).toMatchObject({ tools: tools(false, ['find_order']), tool_choice: 'required' })
  })

  test('asks for an answer by schema', async () => {
    const schema = { type: 'object', properties: {}, required: [], additionalProperties: false } as const
    const body = await bodyOf(requestOf(undefined, { card: { ...card, output: { name: 'verdict', schema } } }))
    expect(body['response_format']).toEqual({
      type: 'json_schema',
      json_schema: { name: 'verdict', strict: true, schema },
    })
  })

  test('carries pictures and files', async () => {
    const parts = [
      { kind: 'image', url: 'data:image/png;base64,AA==', detail: 'low' },
      { kind: 'file', url: 'data:application/pdf;base64,AA==', name: 'bill.pdf' },
      { kind: 'file', fileId: 'file-1' },
      { kind: 'text', text: 'Are they the same?' },
    ] as const
    const { messages } = await bodyOf(requestOf([{ kind: 'user', text: 'Look:', parts }]))
    expect((messages as object[])[1]).toEqual({
      role: 'user',
      content: [
        { type: 'text', text: 'Look:' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==', detail: 'low' } },
        { type: 'file', file: { file_data: 'data:application/pdf;base64,AA==', filename: 'bill.pdf' } },
        { type: 'file', file: { file_id: 'file-1' } },
        { type: 'text', text: 'Are they the same?' },
      ],
    })
  })

  test('says what tools show after the results of the turn, each under its call, and the same each time', async () => {
    const picture = { kind: 'image', url: 'data:image/png;base64,AA==' } as const
    const made: Item[] = ['1', '2'].map((id) => ({ kind: 'call', callId: id, name: 'find_order', arguments: '{}' }))
    const items: Item[] = [
      { kind: 'user', text: 'Look.' },
      ...made,
      { kind: 'result', callId: '1', output: 'One.', parts: [picture] },
      { kind: 'result', callId: '2', output: 'Two.' },
      { kind: 'user', text: 'And?' },
    ]
    const { messages } = await bodyOf(requestOf(items))
    expect((messages as object[]).slice(3)).toEqual([
      { role: 'tool', tool_call_id: '1', content: 'One.' },
      { role: 'tool', tool_call_id: '2', content: 'Two.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What the call 1 has returned:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
        ],
      },
      { role: 'user', content: 'And?' },
    ])
    expect((await bodyOf(requestOf(items)))['messages']).toEqual(messages)
  })

  test('that Chat Completions cannot say is not sent', async () => {
    const model = openai({ apiKey: 'sk-test', baseURL: PLATFORM, fetch: answering().fetch, api: 'chat' })
    const picture = requestOf([{ kind: 'user', text: '', parts: [{ kind: 'image', fileId: 'file-1' }] }])
    const hosted = requestOf(undefined, { card: { ...card, hosted: [{ kind: 'web-search' }] } })
    expect((await failureOf(model, picture)).message).toBe(
      "Chat Completions takes no picture by its file id. Give it by url (https: or data:), or use openai({ api: 'responses' }).",
    )
    expect((await failureOf(model, hosted)).message).toBe(
      'Agent "shop" has hosted tools (web-search), and Chat Completions has none. Use openai({ api: \'responses\' }), or take them off the agent.',
    )
  })

  test('looks at each item of a long history a few times, and not once for each other', async () => {
    let looks = 0
    const kinds = ['user', 'assistant'] as const
    const items = Array.from({ length: 2_000 }, (_, index): Item => ({ kind: kinds[index % 2] ?? 'user', text: 'x' }))
    const watched = new Proxy(items, {
      get(target, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) looks += 1
        return Reflect.get(target, key) as unknown
      },
    })
    await bodyOf(requestOf(watched))
    expect(looks).toBeLessThan(10 * items.length)
  })

  test('converts each item once, and copies no history', async () => {
    let reads = 0
    const counted = (text: string): Item => ({
      kind: 'user',
      get text() {
        reads += 1
        return text
      },
    })
    const items = Array.from({ length: 50 }, (_, index) => counted(`word ${index}`))
    for (let turn = 0; turn < 5; turn += 1) {
      await bodyOf(requestOf(items))
      items.push({ kind: 'assistant', text: 'And?' }, counted(`turn ${turn}`))
    }
    expect(reads).toBe(50 + 4)
  })
})
