import type { Item } from '@reprise/core'
import { describe, expect, test } from 'vitest'
import { card, collect, requestOf } from '../ask.fixture.ts'
import { serve } from '../serve.fixture.ts'

const tools = ['find_order', 'refund_order'].map((name) => ({
  type: 'function',
  name,
  description: `Does ${name}.`,
  parameters: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'], additionalProperties: false },
  strict: true,
}))

const base = { model: 'gpt-4.1-mini', store: false, max_output_tokens: 256, tools, instructions: 'Be kind.' }

describe('a request', () => {
  test('keeps nothing at the service, has strict tools, and says no more than it must', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    await collect(service.streaming)
    await collect(service.whole)
    const input = [{ type: 'message', role: 'user', content: 'Hi' }]
    expect(service.fake.requests.map(({ body }) => body)).toEqual([
      { ...base, input, stream: true },
      { ...base, input, stream: false },
    ])
  })

  test('has each kind of item in its place', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    const items: Item[] = [
      { kind: 'user', text: 'Refund 1 and hack 2.' },
      { kind: 'assistant', text: 'I look.' },
      { kind: 'refusal', text: 'No hacking.' },
      { kind: 'call', callId: 'call_1', name: 'find_order', arguments: '{"id":"1"}' },
      { kind: 'call', callId: 'call_2', name: 'find_order', arguments: '{"id":' },
      { kind: 'result', callId: 'call_1', output: '{"total":3}' },
      { kind: 'result', callId: 'call_2', output: 'Not JSON.' },
    ]
    await collect(service.streaming, requestOf(items))
    expect(service.fake.requests[0]?.body?.['input']).toEqual([
      { type: 'message', role: 'user', content: 'Refund 1 and hack 2.' },
      { type: 'message', role: 'assistant', content: 'I look.' },
      {
        type: 'message',
        id: expect.stringMatching(/^msg_[0-9a-f]{48}$/) as string,
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'refusal', refusal: 'No hacking.' }],
      },
      { type: 'function_call', call_id: 'call_1', name: 'find_order', arguments: '{"id":"1"}' },
      { type: 'function_call', call_id: 'call_2', name: 'find_order', arguments: '{"id":' },
      { type: 'function_call_output', call_id: 'call_1', output: '{"total":3}' },
      { type: 'function_call_output', call_id: 'call_2', output: 'Not JSON.' },
    ])
  })

  test('goes on after the same refusal twice, and after a call of what no tool is called', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    const items: Item[] = [
      { kind: 'user', text: 'Hack it.' },
      { kind: 'refusal', text: 'I cannot do that.' },
      { kind: 'user', text: 'Please.' },
      { kind: 'refusal', text: 'I cannot do that.' },
      { kind: 'user', text: 'Then find 1.' },
      { kind: 'call', callId: 'call_1', name: 'functions.find order', arguments: '{}' },
      { kind: 'call', callId: 'call_2', name: '', arguments: '{}' },
      { kind: 'result', callId: 'call_1', output: 'There is no such tool.' },
      { kind: 'result', callId: 'call_2', output: 'There is no such tool.' },
    ]
    const { reply } = await collect(service.streaming, requestOf(items))
    expect(reply.items).toEqual([{ kind: 'assistant', text: 'Hello' }])
    const input = service.fake.requests[0]?.body?.['input'] as { readonly name?: string }[]
    expect(input.flatMap(({ name }) => name ?? [])).toEqual(['functions_find_order', '_'])
    await collect(service.streaming, requestOf(items))
    expect(service.fake.requests[1]?.body?.['input']).toEqual(input)
  })

  test('narrows the tools by a choice and leaves the tools themselves alone', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    for (const allowedTools of [['find_order'], [], undefined])
      await collect(service.streaming, requestOf(undefined, allowedTools && { allowedTools }))
    const bodies = service.fake.requests.map(({ body }) => body)
    expect(bodies.map((body) => body?.['tool_choice'])).toEqual([
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'find_order' }] },
      'none',
      undefined,
    ])
    expect(bodies.map((body) => body?.['tools'])).toEqual([tools, tools, tools])
  })

  test('says what must be called, and that one call is enough', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    const allowedTools = ['find_order']
    for (const more of [
      { toolChoice: 'required' } as const,
      { toolChoice: 'required', allowedTools } as const,
      { toolChoice: { name: 'find_order' }, allowedTools },
      { card: { ...card, parallelCalls: false } } as const,
    ])
      await collect(service.streaming, requestOf(undefined, more))
    const bodies = service.fake.requests.map(({ body }) => body)
    expect(bodies.map((body) => body?.['tool_choice'])).toEqual([
      'required',
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'find_order' }] },
      { type: 'function', name: 'find_order' },
      undefined,
    ])
    expect(bodies.map((body) => body?.['parallel_tool_calls'])).toEqual([undefined, undefined, undefined, false])
    expect(bodies.map((body) => body?.['tools'])).toEqual([tools, tools, tools, tools])
  })

  test('without tools has neither tools nor a choice', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    await collect(service.streaming, requestOf(undefined, { card: { ...card, tools: [] }, allowedTools: [] }))
    const { tools: _tools, ...rest } = base
    const input = [{ type: 'message', role: 'user', content: 'Hi' }]
    expect(service.fake.requests[0]?.body).toEqual({ ...rest, input, stream: true })
  })

  test('asks for an answer by schema, strictly', async () => {
    await using service = await serve(() => ({ text: '{"ok":true}' }))
    const schema = {
      type: 'object',
      properties: { ok: { type: 'boolean' } },
      required: ['ok'],
      additionalProperties: false,
    } as const
    await collect(service.streaming, requestOf(undefined, { card: { ...card, output: { name: 'verdict', schema } } }))
    const format = { type: 'json_schema', strict: true, name: 'verdict', schema }
    expect(service.fake.requests[0]?.body?.['text']).toEqual({ format })
  })

  test('carries the settings that are given', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    const settings = { temperature: 0.2, topP: 0.9, reasoningEffort: 'none' } as const
    await collect(service.streaming, requestOf(undefined, { card: { ...card, model: 'gpt-6-luna', settings } }))
    expect(service.fake.requests[0]?.body).toMatchObject({
      model: 'gpt-6-luna',
      temperature: 0.2,
      top_p: 0.9,
      reasoning: { effort: 'none' },
    })
  })
})

describe('converting a conversation', () => {
  test('converts each item and each card once, and copies no history', async () => {
    let reads = 0
    const counted = (text: string): Item => ({
      kind: 'user',
      get text() {
        reads += 1
        return text
      },
    })
    await using service = await serve(() => ({ text: 'Hello' }))
    const items = Array.from({ length: 50 }, (_, index) => counted(`word ${index}`))
    for (let turn = 0; turn < 5; turn += 1) {
      await collect(service.streaming, requestOf(items))
      items.push(counted(`turn ${turn}`))
    }
    expect(reads).toBe(50 + 4)
  })
})
