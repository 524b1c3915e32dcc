// Forms that other releases and other languages write: as their sources and their documents have them.
import { describe, expect, test } from 'vitest'
import { type Fields } from '../src/read/json.ts'
import { lines, read, readOne, shapeOf, usageOf } from './read.fixture.ts'

describe('traces of the Agents SDK', () => {
  const span = (id: string, data: object, more: object = {}): object => ({
    object: 'trace.span',
    id,
    trace_id: 'trace_1',
    parent_id: 'span_a',
    started_at: `2026-11-30T10:00:0${id.at(-1)}.000000+00:00`,
    ended_at: `2026-11-30T10:00:0${id.at(-1)}.500000+00:00`,
    span_data: data,
    error: null,
    ...more,
  })
  const trace = { object: 'trace', id: 'trace_1', workflow_name: 'desk', group_id: null, metadata: null }
  const agent = span(
    'span_a',
    { type: 'agent', name: 'Order desk', handoffs: [], tools: ['find'], output_type: 'str' },
    { parent_id: null },
  )
  const usage = { input_tokens: 9, output_tokens: 2 }

  test('of Python have the message of a generation, and their input and response where these are written', async () => {
    const asks = {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'find', arguments: '{}' } }],
    }
    const input = [
      { role: 'system', content: 'Help.' },
      { role: 'user', content: 'Where?' },
    ]
    const generation = {
      type: 'generation',
      input,
      output: [asks],
      model: 'm',
      model_config: { temperature: 0 },
      usage,
    }
    const failed = span(
      'span_2',
      { type: 'function', name: 'find', input: '{}', output: 'No.', mcp_data: null },
      { error: { message: 'x' } },
    )
    const items = [
      { role: 'user', content: 'Where?' },
      { type: 'function_call', call_id: 'a', name: 'find', arguments: '{}' },
      { type: 'function_call_output', call_id: 'a', output: 'No.' },
    ]
    const output = [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Nowhere.' }] }]
    const response = {
      id: 'resp_1',
      model: 'm-1',
      instructions: 'Help.',
      tools: [],
      output,
      status: 'completed',
      usage,
    }
    const answered = span('span_3', { type: 'response', response_id: 'resp_1', input: items, response })
    // A processor writes what ended first, and may send all of it as one.
    const one = await readOne(
      lines({ data: [trace, answered, failed, span('span_1', generation), agent] }),
      'agents-trace',
    )
    expect([shapeOf(one), usageOf(one), one.id]).toEqual(['user | call result! | assistant', '9/2 9/2', 'trace_1'])
    expect(one.asked).toMatchObject({ agent: 'Order desk', settings: { temperature: 0 } })
    expect(one.startedAt).toBe(Date.UTC(2026, 10, 30, 10, 0, 1))
  })

  test('name lines that are none', async () => {
    const { skipped } = await read(lines({ object: 'event' }), 'agents-trace')
    expect(skipped).toEqual([
      { where: 'line 1', why: 'It is neither a trace nor a span of the Agents SDK: its `object` is "event".' },
    ])
  })
})

describe('runs of LangSmith', () => {
  const run = (inputs: object, outputs: object, more: object = {}): string =>
    lines({
      id: 'r',
      trace_id: 't',
      run_type: 'llm',
      start_time: '2026-11-30T10:00:00.123456',
      end_time: '2026-11-30T10:00:01',
      inputs,
      outputs,
      extra: { metadata: { ls_model_name: 'm' } },
      ...more,
    })
  const args = { orderId: '1' }
  const calls = [{ name: 'find', args, id: 'a', type: 'tool_call' }]
  const expected = { kind: 'call', callId: 'a', name: 'find', arguments: '{"orderId":"1"}' }

  test.each<readonly [string, readonly object[], object]>([
    [
      'of Python',
      [
        {
          lc: 1,
          type: 'constructor',
          id: ['langchain', 'schema', 'messages', 'HumanMessage'],
          kwargs: { content: 'Where?', type: 'human' },
        },
      ],
      {
        generations: [
          [
            {
              text: '',
              message: {
                lc: 1,
                type: 'constructor',
                id: ['langchain', 'schema', 'messages', 'AIMessage'],
                kwargs: { content: '', tool_calls: calls },
              },
            },
          ],
        ],
        llm_output: { token_usage: { prompt_tokens: 9, completion_tokens: 2 } },
      },
    ],
    [
      'as plain objects',
      [{ type: 'human', content: 'Where?' }],
      {
        generations: [
          [
            {
              message: {
                type: 'ai',
                content: '',
                tool_calls: calls,
                usage_metadata: { input_tokens: 9, output_tokens: 2 },
              },
            },
          ],
        ],
      },
    ],
    [
      'as message_to_dict makes them',
      [{ type: 'human', data: { content: 'Where?' } }],
      {
        generations: [
          {
            message: {
              type: 'ai',
              data: {
                content: [{ type: 'tool_use', id: 'a' }],
                tool_calls: calls,
                usage_metadata: { input_tokens: 9, output_tokens: 2 },
              },
            },
          },
        ],
      },
    ],
  ])('have messages %s', async (_, messages, outputs) => {
    for (const inputs of [{ messages }, { messages: [messages] }]) {
      const one = await readOne(run(inputs, outputs), 'langsmith')
      expect(one.items).toEqual([{ kind: 'user', text: 'Where?' }, expected])
      expect([usageOf(one), one.asked.model, one.startedAt]).toEqual([
        '9/2',
        'm',
        Date.UTC(2026, 10, 30, 10, 0, 0, 123),
      ])
    }
  })

  test('of a prompt that is one text are named', async () => {
    const { skipped } = await read(run({ prompts: ['Where?'] }, {}), 'langsmith')
    expect(skipped).toEqual([
      {
        where: 'line 1, run r',
        why: 'Its inputs have no messages: they have prompts. A prompt of one text is not taken.',
      },
    ])
  })
})

describe('spans of OpenTelemetry', () => {
  const valueOf = (value: unknown): Fields => {
    if (typeof value === 'number') return { intValue: String(value) }
    if (Array.isArray(value)) return { arrayValue: { values: value.map(valueOf) } }
    if (typeof value === 'object' && value !== null) return { kvlistValue: { values: attributesOf(value) } }
    return { stringValue: String(value) }
  }
  const attributesOf = (object: object): Fields[] =>
    Object.entries(object).map(([key, value]) => ({ key, value: valueOf(value) }))
  const span = (attributes: object, more: object = {}): string =>
    lines({
      resourceSpans: [
        {
          scopeSpans: [
            { spans: [{ traceId: 't', spanId: 's', name: 'chat', attributes: attributesOf(attributes), ...more }] },
          ],
        },
      ],
    })
  const asked = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'm',
    'gen_ai.usage.input_tokens': 9,
    'gen_ai.usage.output_tokens': 2,
  }

  test('may have an attribute for each field of each message', async () => {
    const attributes = {
      'llm.request.type': 'chat',
      'gen_ai.request.model': 'm',
      'gen_ai.usage.prompt_tokens': 9,
      'gen_ai.usage.completion_tokens': 2,
      'gen_ai.prompt.0.role': 'system',
      'gen_ai.prompt.0.content': 'Help.',
      'gen_ai.prompt.1.role': 'user',
      'gen_ai.prompt.1.content': 'Where?',
      'gen_ai.prompt.2.role': 'assistant',
      'gen_ai.prompt.2.tool_calls.0.id': 'a',
      'gen_ai.prompt.2.tool_calls.0.name': 'find',
      'gen_ai.prompt.2.tool_calls.0.arguments': '{}',
      'gen_ai.prompt.3.role': 'tool',
      'gen_ai.prompt.3.tool_call_id': 'a',
      'gen_ai.prompt.3.content': 'A',
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.content': 'Here.',
      'gen_ai.completion.0.finish_reason': 'stop',
      'llm.request.functions.0.name': 'find',
      'llm.request.functions.0.description': 'Finds.',
      'llm.request.functions.0.parameters': '{"type":"object","properties":{}}',
    }
    const one = await readOne(span(attributes), 'otel-genai')
    expect([shapeOf(one), usageOf(one), one.notTaken]).toEqual(['user | call result | assistant', '- 9/2', []])
    expect(one.asked).toMatchObject({
      model: 'm',
      instructions: 'Help.',
      tools: [{ name: 'find', description: 'Finds.' }],
    })
  })

  test('may have all messages of a request in one event', async () => {
    const prompt = [{ role: 'user', content: 'Where?' }]
    const completion = [{ role: 'assistant', content: 'Here.' }]
    const events = [
      { name: 'gen_ai.content.prompt', attributes: attributesOf({ 'gen_ai.prompt': JSON.stringify(prompt) }) },
      {
        name: 'gen_ai.content.completion',
        attributes: attributesOf({ 'gen_ai.completion': JSON.stringify(completion) }),
      },
    ]
    expect(shapeOf(await readOne(span(asked, { events }), 'otel-genai'))).toBe('user | assistant')
  })

  test('may have messages in parts as attributes, with files, thoughts and instructions', async () => {
    const attributes = {
      ...asked,
      'gen_ai.agent.name': 'desk',
      'gen_ai.conversation.id': 'c',
      'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: 'Help.' }]),
      'gen_ai.input.messages': [
        {
          role: 'user',
          parts: [
            { type: 'uri', modality: 'image', uri: 'https://a.b/c.png' },
            { type: 'text', content: 'Where?' },
          ],
        },
      ],
      'gen_ai.output.messages': JSON.stringify([
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', content: 'Hm.' },
            { type: 'text', content: 'Here.' },
          ],
          finish_reason: 'length',
        },
      ]),
      'gen_ai.response.finish_reasons': ['length'],
    }
    const one = await readOne(span(attributes), 'otel-genai')
    expect(one.items).toEqual([
      {
        kind: 'user',
        text: '',
        parts: [
          { kind: 'image', url: 'https://a.b/c.png' },
          { kind: 'text', text: 'Where?' },
        ],
      },
      { kind: 'reasoning', text: 'Hm.' },
      { kind: 'assistant', text: 'Here.' },
    ])
    expect(one.asked).toMatchObject({ agent: 'desk', instructions: 'Help.' })
    expect(one.replies[0]).toMatchObject({ finish: 'length' })
  })

  test('of tools say which calls failed', async () => {
    const messages = [
      { role: 'user', parts: [{ type: 'text', content: 'Where?' }] },
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'a', name: 'find', arguments: {} }] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'a', response: { none: true } }] },
    ]
    const output = [{ role: 'assistant', parts: [{ type: 'text', content: 'No.' }] }]
    const chat = {
      ...asked,
      'gen_ai.input.messages': JSON.stringify(messages),
      'gen_ai.output.messages': JSON.stringify(output),
    }
    const tool = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.call.id': 'a' }
    const text = span(tool, { spanId: 's2', status: { code: 2 } }) + span(chat)
    const { conversations, passed } = await read(text, 'otel-genai')
    expect(conversations.map(shapeOf)).toEqual(['user | call result! | assistant'])
    expect(passed).toEqual({ 'execute_tool span': 1 })
  })

  test('whose words are hidden are named', async () => {
    const hidden = {
      'openinference.span.kind': 'LLM',
      'input.value': '__REDACTED__',
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.content': '__REDACTED__',
    }
    const { conversations, skipped } = await read(span(hidden), 'otel-genai')
    expect(conversations).toEqual([])
    expect(skipped[0]?.why).toContain('OPENINFERENCE_HIDE_INPUTS=false')
  })
})
