// What servers that speak Chat Completions send beside what its description says. Each row: whose it is, where and when
// it was seen (`public clients`: more than one open-source client handles it; `varied`: made from one that was seen), what
// is sent, and what it comes to: the items of a reply with its finish, or the code of an error.
import type { ReplyItem } from '@reprise/core'
import { ModelError } from '@reprise/core'
import { describe, expect, test } from 'vitest'
import { card, collect, requestOf } from '../ask.fixture.ts'
import { openai } from '../openai.ts'
import { answering, type StubAnswer } from '../stub-fetch.fixture.ts'

const from = card.model

function serverOf(...answers: readonly StubAnswer[]) {
  const service = answering(...answers)
  return { service, model: openai({ apiKey: 'sk', baseURL: 'http://other/v1', fetch: service.fetch, api: 'chat' }) }
}

/** What an answer comes to, in short. */
async function heard(...answers: readonly StubAnswer[]): Promise<unknown> {
  try {
    const { reply } = await collect(serverOf(...answers).model)
    const { items, finish, finishWord } = reply
    return { items: items.map(short), finish, ...(finishWord !== undefined && { finishWord }) }
  } catch (error) {
    if (!ModelError.is(error)) throw error
    return { code: error.code, retryable: error.retryable }
  }
}

function short(item: ReplyItem): unknown {
  if (item.kind === 'assistant') return item.text
  return item.kind === 'call' ? `${item.name}(${item.arguments})` : item
}

function chunk(delta: object, more: object = {}): object {
  return { id: 'c1', model: 'm', choices: [{ index: 0, delta, ...more }] }
}

/** Words, and the reason for which the server ends them. */
function ending(reason: string): StubAnswer {
  return { events: [chunk({ content: 'Half' }), chunk({}, { finish_reason: reason }), '[DONE]'] }
}

/** Pieces of calls, each the `tool_calls` of one delta. */
function pieces(...calls: readonly object[]): StubAnswer {
  const deltas = calls.map((call) => chunk({ tool_calls: [call] }))
  return { events: [...deltas, chunk({}, { finish_reason: 'tool_calls' }), '[DONE]'] }
}

function raw(text: string, type = 'text/event-stream', status = 200): Response {
  return new Response(text, { status, headers: type === '' ? {} : { 'content-type': type } })
}

function line(event: object): string {
  return `data: ${JSON.stringify(event)}\n\n`
}

const HI = { items: ['Hi'], finish: 'stop' }
const said = line(chunk({ content: 'Hi' }))
const stopped = line(chunk({}, { finish_reason: 'stop' }))
const again = (code: string) => ({ code, retryable: true })
const final = (code: string) => ({ code, retryable: false })

type EndRow = readonly [who: string, seen: string, reason: string]

const stops: readonly EndRow[] = [
  ['OpenAI', 'openai 7 types, 2026-11-30', 'stop'],
  ['OpenAI', 'openai 7 types, 2026-11-30', 'tool_calls'],
  ['OpenAI', 'openai 7 types, 2026-11-30', 'function_call'],
  ['Together', 'openai-dotnet#267, 2024-10', 'eos'],
  ['TGI', 'dstack#2229, 2025-01', 'eos_token'],
  ['TGI, SGLang', 'dstack#2229, 2025-01', ''],
  ['LM Studio', 'pi#2116, 2026-03', 'end'],
  ['Anthropic through gateways', 'public clients, 2026-11-30', 'end_turn'],
  ['Anthropic through gateways', 'public clients, 2026-11-30', 'stop_sequence'],
  ['Anthropic through gateways', 'public clients, 2026-11-30', 'tool_use'],
  ['TGI', 'public clients, 2026-11-30', 'stop_sequence'],
  ['Gemini through gateways', 'public clients, 2026-11-30', 'STOP'],
  ['Cohere through gateways', 'public clients, 2026-11-30', 'COMPLETE'],
  ['Cohere through gateways', 'public clients, 2026-11-30', 'TOOL_CALL'],
]

const lengths: readonly EndRow[] = [
  ['OpenAI', 'openai 7 types, 2026-11-30', 'length'],
  ['Anthropic through gateways', 'public clients, 2026-11-30', 'max_tokens'],
  ['Mistral', 'public clients, 2026-11-30', 'model_length'],
  ['z.ai', 'public clients, 2026-11-30', 'model_context_window_exceeded'],
  ['Gemini through gateways', 'public clients, 2026-11-30', 'MAX_TOKENS'],
  ['Cohere through gateways', 'public clients, 2026-11-30', 'ERROR_LIMIT'],
  ['Responses through gateways', 'public clients, 2026-11-30', 'max_output_tokens'],
]

const filters: readonly EndRow[] = [
  ['OpenAI, Azure', 'openai 7 types, 2026-11-30', 'content_filter'],
  ['Gemini through gateways', 'public clients, 2026-11-30', 'SAFETY'],
  ['Gemini through gateways', 'public clients, 2026-11-30', 'RECITATION'],
  ['Gemini through gateways', 'public clients, 2026-11-30', 'LANGUAGE'],
  ['Gemini through gateways', 'public clients, 2026-11-30', 'BLOCKLIST'],
  ['Gemini through gateways', 'public clients, 2026-11-30', 'PROHIBITED_CONTENT'],
  ['Gemini through gateways', 'public clients, 2026-11-30', 'SPII'],
  ['z.ai', 'pi#1509, 2026-02', 'sensitive'],
  ['Bedrock through gateways', 'public clients, 2026-11-30', 'content_filtered'],
  ['Bedrock through gateways', 'public clients, 2026-11-30', 'guardrail_intervened'],
  ['Cohere through gateways', 'public clients, 2026-11-30', 'ERROR_TOXIC'],
  ['Anthropic through gateways', 'public clients, 2026-11-30', 'refusal'],
]

const breaks: readonly EndRow[] = [
  ['Mistral, OpenRouter', 'public clients, 2026-11-30', 'error'],
  ['vLLM, z.ai', 'pi#1509, 2026-02', 'abort'],
  ['z.ai', 'pi#1509, 2026-02', 'network_error'],
  ['DeepSeek', 'public clients, 2026-11-30', 'insufficient_system_resource'],
  ['Cohere through gateways', 'public clients, 2026-11-30', 'ERROR'],
  ['Cohere through gateways', 'public clients, 2026-11-30', 'TIMEOUT'],
  ['Gemini through gateways', 'public clients, 2026-11-30', 'MALFORMED_FUNCTION_CALL'],
  ['Gemini through gateways', 'public clients, 2026-11-30', 'UNEXPECTED_TOOL_CALL'],
  ['Cohere through gateways', 'public clients, 2026-11-30', 'USER_CANCEL'],
  ['DeepSeek', 'public clients, 2026-11-30', 'aborted'],
  ['Bedrock through gateways', 'public clients, 2026-11-30', 'malformed_tool_use'],
  ['Bedrock through gateways', 'public clients, 2026-11-30', 'malformed_model_output'],
  ['Gemini through gateways', 'public clients, 2026-11-30', 'MISSING_THOUGHT_SIGNATURE'],
  ['Gemini through gateways', 'public clients, 2026-11-30', 'TOO_MANY_TOOL_CALLS'],
]

const unknown: readonly EndRow[] = [
  ['Gemini through gateways', 'public clients, 2026-11-30', 'OTHER'],
  ['Gemini through gateways', 'public clients, 2026-11-30', 'FINISH_REASON_UNSPECIFIED'],
  ['a server of tomorrow', '', 'repetition'],
]

describe('the reason for which a server ends a reply', () => {
  const finish = (rows: readonly EndRow[], is: string) => rows.map((row) => [...row, is] as const)
  test.for([...finish(stops, 'stop'), ...finish(lengths, 'length'), ...finish(filters, 'content-filter')])(
    'of %s (%s): "%s" is %s',
    async ([, , reason, is]) => {
      expect(await heard(ending(reason))).toEqual({ items: ['Half'], finish: is })
    },
  )

  test.for(breaks)('of %s (%s): "%s" makes no reply, and it is asked for again', async ([, , reason]) => {
    expect(await heard(ending(reason))).toEqual(again('reply_broken'))
    const call = { index: 0, id: 'a', function: { name: 'f', arguments: '{"a":1}' } }
    const events = [chunk({ tool_calls: [call] }), chunk({}, { finish_reason: reason }), '[DONE]']
    expect(await heard({ events })).toEqual(again('reply_broken'))
  })

  test.for(unknown)('of %s (%s): "%s" is reported by its word', async ([, , reason]) => {
    expect(await heard(ending(reason))).toEqual({ items: ['Half'], finish: 'other', finishWord: reason })
  })
})

type Row = readonly [who: string, seen: string, what: string, answer: StubAnswer, comesTo: unknown]

const f = (written: string) => ({ name: 'f', arguments: written })
const g = (written: string) => ({ name: 'g', arguments: written })
const more = (written: string) => ({ arguments: written })
const calls = (...items: readonly string[]) => ({ items, finish: 'stop' })

const calling: readonly Row[] = [
  [
    'OpenAI',
    'openai 7 types, 2026-11-30',
    'an index with each piece',
    pieces(
      { index: 0, id: 'a', type: 'function', function: f('') },
      { index: 0, function: more('{"a":') },
      { index: 0, function: more('1}') },
      { index: 1, id: 'b', type: 'function', function: g('{}') },
    ),
    calls('f({"a":1})', 'g({})'),
  ],
  [
    'LiteLLM over OCI',
    'seen 2026-11-29',
    'pieces of one call under changing ids, with empty names',
    pieces(
      { index: 0, id: 'i1', function: f('') },
      { index: 0, id: 'i2', function: { name: '', arguments: '{"a":' } },
      { index: 0, id: 'i3', function: { name: '', arguments: '1}' } },
    ),
    calls('f({"a":1})'),
  ],
  [
    'mlx-openai-server',
    'its #216, 2026-03',
    'pieces of one call under changing ids, without names',
    pieces({ index: 0, id: 'i1', function: f('{"a"') }, { index: 0, id: 'i2', function: more(':1}') }),
    calls('f({"a":1})'),
  ],
  [
    'gateways',
    'varied, 2026-11-30',
    'pieces of one call under changing ids, each with the name',
    pieces({ index: 0, id: 'i1', function: f('{"a"') }, { index: 0, id: 'i2', function: f(':1}') }),
    calls('f({"a":1})'),
  ],
  [
    'Bedrock by LiteLLM',
    'litellm#11407, 2025-06',
    'the id with the first piece alone, and the first index 1',
    pieces({ index: 1, id: 'a', function: f('') }, { index: 1, function: more('{}') }),
    calls('f({})'),
  ],
  [
    'Ollama',
    'ollama#7881, 2024-11',
    'no index',
    pieces({ id: 'a', function: f('{}') }, { id: 'b', function: f('{}') }),
    calls('f({})', 'f({})'),
  ],
  [
    'Gemini',
    'AstrBot#6692, 2026-03',
    'no index, and arguments in pieces',
    pieces({ id: 'a', function: f('{"a"') }, { function: more(':1}') }),
    calls('f({"a":1})'),
  ],
  [
    'any-llm over Anthropic',
    'any-llm#970, 2026-03',
    'index 0 for each of several calls',
    pieces(
      { index: 0, id: 'a', function: f('') },
      { index: 0, function: more('{"a":1}') },
      { index: 0, id: 'b', function: g('') },
      { index: 0, function: more('{}') },
    ),
    calls('f({"a":1})', 'g({})'),
  ],
  [
    'old SGLang',
    'seen 2026-11-29',
    'two calls of index 0 without ids, the first without arguments',
    pieces({ index: 0, id: '', function: g('') }, { index: 0, id: '', function: f('{"a":2}') }),
    calls('g()', 'f({"a":2})'),
  ],
  [
    'gateways',
    'varied, 2026-11-30',
    'two calls of index 0 and one name, without arguments, by their ids',
    pieces({ index: 0, id: 'a', function: g('') }, { index: 0, id: 'b', function: g('') }),
    calls('g()', 'g()'),
  ],
  [
    'gateways',
    'varied, 2026-11-30',
    'index null and id null',
    pieces({ index: null, id: null, function: f('{}') }),
    calls('f({})'),
  ],
  [
    'old Ollama',
    'public clients, 2026-11-30',
    'arguments as an object',
    pieces({ index: 0, id: 'a', function: { name: 'f', arguments: { a: 1 } } }),
    calls('f({"a":1})'),
  ],
  [
    'vLLM',
    'public clients, 2026-11-30',
    'arguments null at first',
    pieces({ index: 0, id: 'a', function: { name: 'f', arguments: null } }, { index: 0, function: more('{}') }),
    calls('f({})'),
  ],
  [
    'OpenAI, before 2023-11',
    'public clients, 2026-11-30',
    'the call of the old kind',
    {
      events: [
        chunk({ function_call: { name: 'f', arguments: '' } }),
        chunk({ function_call: { arguments: '{}' } }),
        chunk({}, { finish_reason: 'function_call' }),
      ],
    },
    calls('f({})'),
  ],
  [
    'Groq',
    'public clients, 2026-11-30',
    'an answer that it refuses to give, since the call breaks the schema',
    Response.json(
      { error: { code: 'tool_use_failed', message: 'No.', failed_generation: '{"name":"f","arguments":{"b":1}}' } },
      { status: 400 },
    ),
    calls('f({"b":1})'),
  ],
  [
    'Groq',
    'public clients, 2026-11-30',
    'the same, several calls as a list',
    Response.json(
      { error: { code: 'tool_use_failed', failed_generation: '[{"name":"f","parameters":{}},{"name":"g"}]' } },
      { status: 400 },
    ),
    calls('f({})', 'g({})'),
  ],
  [
    'Groq',
    'public clients, 2026-11-30',
    'the same, as Llama writes it',
    Response.json(
      { error: { code: 'tool_use_failed', failed_generation: '<function=f>{"a": 1}</function>' } },
      { status: 400 },
    ),
    calls('f({"a": 1})'),
  ],
]

const thought = (text: string, more: object) => ({ kind: 'reasoning', text, ...more, from })

const thinking: readonly Row[] = [
  [
    'DeepSeek, vLLM',
    'public clients, 2026-11-30',
    'thoughts as reasoning_content',
    { events: [chunk({ reasoning_content: 'Hm' }), chunk({ content: 'Hi' }, { finish_reason: 'stop' })] },
    { items: [thought('Hm', { field: 'reasoning_content' }), 'Hi'], finish: 'stop' },
  ],
  [
    'OpenRouter, Groq',
    'public clients, 2026-11-30',
    'thoughts as reasoning',
    { events: [chunk({ reasoning: 'H' }), chunk({ reasoning: 'm' }), chunk({ content: 'Hi' }), '[DONE]'] },
    { items: [thought('Hm', { field: 'reasoning' }), 'Hi'], finish: 'stop' },
  ],
  [
    'Mistral',
    'public clients, 2026-11-30',
    'thoughts as parts of the content',
    {
      events: [
        chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'H' }] }] }),
        chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'm' }] }] }),
        chunk({ content: [{ type: 'text', text: 'Hi' }] }),
        '[DONE]',
      ],
    },
    { items: [thought('Hm', { field: 'content' }), 'Hi'], finish: 'stop' },
  ],
  [
    'Mistral over others',
    'mistral-vibe#965, 2026-07',
    'a signature with thoughts that are not shown',
    {
      events: [
        chunk({ content: [{ type: 'thinking', thinking: [], signature: 'SIG' }] }),
        chunk({ content: 'Hi' }),
        '[DONE]',
      ],
    },
    { items: [thought('', { field: 'content', encrypted: 'SIG' }), 'Hi'], finish: 'stop' },
  ],
  [
    'OpenRouter',
    'public clients, 2026-11-30',
    'reasoning_details in pieces',
    {
      events: [
        chunk({ reasoning_details: [{ type: 'reasoning.text', text: 'H', index: 0 }] }),
        chunk({ reasoning_details: [{ type: 'reasoning.text', text: 'm', index: 0 }] }),
        chunk({ reasoning_details: [{ type: 'reasoning.text', signature: 'SIG', index: 0 }] }),
        chunk({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'X', index: 1 }] }),
        chunk({ content: 'Hi' }),
        '[DONE]',
      ],
    },
    {
      items: [
        thought('', {
          extra: {
            reasoning_details: [
              { type: 'reasoning.text', text: 'Hm', index: 0, signature: 'SIG' },
              { type: 'reasoning.encrypted', data: 'X', index: 1 },
            ],
          },
        }),
        'Hi',
      ],
      finish: 'stop',
    },
  ],
  [
    'Anthropic by LiteLLM',
    'public clients, 2026-11-30',
    'thinking_blocks in one piece',
    { json: { choices: [{ message: { content: 'Hi', thinking_blocks: [{ type: 'thinking', signature: 'S' }] } }] } },
    {
      items: [thought('', { extra: { thinking_blocks: [{ type: 'thinking', signature: 'S' }] } }), 'Hi'],
      finish: 'stop',
    },
  ],
  [
    'Mistral',
    'public clients, 2026-11-30',
    'thoughts alone, which are no answer',
    { events: [chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }] }), '[DONE]'] },
    again('empty_reply'),
  ],
]

const failing: readonly Row[] = [
  [
    'vLLM',
    'litellm#40578, 2026-09',
    'an error before any word',
    { events: [{ error: { message: 'Queue is full', code: 429 } }, '[DONE]'] },
    again('rate_limit_exceeded'),
  ],
  [
    'vLLM, llama.cpp',
    'public clients, 2026-11-30',
    'an error with a status',
    { events: [chunk({ content: 'Hi' }), { error: { code: 500, message: 'Engine died' } }] },
    again('server_error'),
  ],
  [
    'OpenRouter',
    'public clients, 2026-11-30',
    'an error in the choice',
    {
      events: [
        chunk({ content: 'Hi' }),
        chunk({ content: '' }, { finish_reason: 'error', error: { code: 502, message: 'Upstream died' } }),
      ],
    },
    again('server_error'),
  ],
  [
    'OpenRouter',
    'public clients, 2026-11-30',
    'an error in the choice of a reply in one piece',
    { json: { choices: [{ message: { content: 'Hi' }, error: { code: 429, message: 'Slow' } }] } },
    again('rate_limit_exceeded'),
  ],
  [
    'OpenRouter',
    'public clients, 2026-11-30',
    'an error beside the choices',
    {
      events: [
        {
          ...chunk({ content: '' }, { finish_reason: 'error' }),
          error: { code: 'server_error', message: 'Provider disconnected' },
        },
      ],
    },
    again('server_error'),
  ],
  [
    'Ollama',
    'public clients, 2026-11-30',
    'an error in words alone',
    { events: [{ error: 'model runner has unexpectedly stopped' }] },
    again('server_error'),
  ],
  [
    'Groq',
    'public clients, 2026-11-30',
    'an event named error',
    raw(`${said}event: error\ndata: {"error":{"message":"Down","type":"server_error"}}\n\n`),
    again('server_error'),
  ],
  [
    'gateways',
    'varied, 2026-11-30',
    'an event named error without fields',
    raw(`${said}event: error\ndata: {}\n\n`),
    again('server_error'),
  ],
  [
    'gateways',
    'varied, 2026-11-30',
    'an event named error in plain words',
    raw(`${said}event: error\ndata: upstream timed out\n\n`),
    again('server_error'),
  ],
  [
    'gateways',
    'varied, 2026-11-30',
    'an event named error with a message of its own',
    raw(`${said}event: error\ndata: {"message":"Down"}\n\n`),
    again('server_error'),
  ],
  [
    'llama.cpp before 2025-09',
    'llama.cpp#16109, 2025-09',
    'an error in a field that events do not have',
    raw(`${said}error: {"code":500,"message":"Down"}\n\n`),
    again('stream_cut'),
  ],
  [
    'vLLM',
    'public clients, 2026-11-30',
    'an error of the request itself',
    { events: [{ error: { code: 400, type: 'BadRequestError', message: 'Too long' } }] },
    final('invalid_request'),
  ],
  [
    'OpenAI',
    'openai 7 types, 2026-11-30',
    'an error with a null code in one piece',
    { json: { error: { code: null, type: 'server_error', message: 'Down' } } },
    again('server_error'),
  ],
  ...(
    [
      ['Ollama', 'seen 2026-11-29', { type: 'api_error', message: 'unexpected EOF' }, again('api_error')],
      ['Anthropic through gateways', 'seen 2026-11-29', { type: 'overloaded_error' }, again('overloaded_error')],
      ['Groq', 'seen 2026-11-29', { type: 'server_error', code: 'internal_error' }, again('internal_error')],
      [
        'FastChat',
        'seen 2026-11-29',
        { code: 50001, message: 'NETWORK ERROR DUE TO HIGH TRAFFIC' },
        again('server_error'),
      ],
      ['FastChat', 'varied, 2026-11-30', { code: 40303, message: 'Context overflow' }, final('forbidden')],
      ['vLLM', 'varied, 2026-11-30', { type: 'EngineDeadError' }, again('EngineDeadError')],
      ['Mistral', 'varied, 2026-11-30', { type: 'invalid_request_error', code: 3001 }, final('3001')],
      [
        'Anthropic through gateways',
        'varied, 2026-11-30',
        { type: 'authentication_error' },
        final('authentication_error'),
      ],
      ['OpenAI', 'openai 7 types, 2026-11-30', { code: 'invalid_prompt' }, final('invalid_prompt')],
      ['OpenAI', 'openai 7 types, 2026-11-30', { code: 'vector_store_timeout' }, again('vector_store_timeout')],
      ['OpenAI', 'openai 7 types, 2026-11-30', { code: 'context_length_exceeded' }, final('context_length_exceeded')],
    ] as const
  ).map(([who, seen, error, is]): Row => [
    who,
    seen,
    `the failure ${JSON.stringify(error)}`,
    { events: [chunk({ content: 'Hi' }), { error }] },
    is,
  ]),
  [
    'FastChat',
    'seen 2026-11-29',
    'an event that is the failure itself',
    { events: [chunk({ content: 'Hi' }), { object: 'error', message: 'NETWORK ERROR', code: 50001 }] },
    again('server_error'),
  ],
]

const framing: readonly Row[] = [
  ['gateways', 'seen 2026-11-29', 'an agreed end with a blank', raw(`${said}${stopped}data: [DONE] \n\n`), HI],
  ['gateways', 'varied, 2026-11-30', 'an agreed end without a blank line', raw(`${said}${stopped}data: [DONE]`), HI],
  ['gateways', 'varied, 2026-11-30', 'a last event without a blank line', raw(`${said}${stopped}`.trimEnd()), HI],
  [
    'gateways',
    'varied, 2026-11-30',
    'no space after the colon',
    raw(`${said}${stopped}`.replaceAll('data: ', 'data:')),
    HI,
  ],
  ['gateways', 'varied, 2026-11-30', 'line ends of two bytes', raw(`${said}${stopped}`.replaceAll('\n', '\r\n')), HI],
  [
    'OpenRouter',
    'public clients, 2026-11-30',
    'comments while it waits',
    raw(`: OPENROUTER PROCESSING\n\n${said}: OPENROUTER PROCESSING\n\n${stopped}`),
    HI,
  ],
  ['gateways', 'seen 2026-11-29', 'an event of null', raw(`${said}data: null\n\n${stopped}`), HI],
  [
    'gateways',
    'varied, 2026-11-30',
    'events without choices',
    raw(`data: {}\n\n${said}data: {"choices":null}\n\n${stopped}`),
    HI,
  ],
  [
    'Azure',
    'public clients, 2026-11-30',
    'a first event without a choice',
    raw(`data: {"choices":[],"prompt_filter_results":[]}\n\n${said}${stopped}`),
    HI,
  ],
  [
    'gateways',
    'varied, 2026-11-30',
    'a named event for each chunk',
    raw(`event: message\n${said}event: message\n${stopped}`),
    HI,
  ],
  ['gateways', 'varied, 2026-11-30', 'a mark at the beginning of the bytes', raw(`\uFEFF${said}${stopped}`), HI],
  [
    'gateways',
    'seen 2026-11-29',
    'no JSON after all was said, in the same bytes',
    raw(`${said}${stopped}data: {"x\n\n`),
    HI,
  ],
  ['gateways', 'varied, 2026-11-30', 'no JSON in the middle', raw(`${said}data: {"x\n\n`), again('stream_cut')],
  ['gateways', 'varied, 2026-11-30', 'events as plain text', raw(`${said}${stopped}`, 'text/plain'), HI],
  ['gateways', 'varied, 2026-11-30', 'events as JSON', raw(`${said}${stopped}`, 'application/json'), HI],
  ['gateways', 'varied, 2026-11-30', 'events without a type', raw(`${said}${stopped}`, ''), HI],
  [
    'gateways',
    'varied, 2026-11-30',
    'events as bytes, after a comment',
    raw(`: hi\n\n${said}${stopped}`, 'application/octet-stream'),
    HI,
  ],
  [
    'gateways',
    'varied, 2026-11-30',
    'a reply in one piece as plain text',
    raw(JSON.stringify({ choices: [{ message: { content: 'Hi' } }] }), 'text/plain'),
    HI,
  ],
  [
    'gateways',
    'varied, 2026-11-30',
    'a reply in one piece after blanks',
    raw(`\n\n ${JSON.stringify({ choices: [{ message: { content: 'Hi' } }] })}`, 'application/json'),
    HI,
  ],
  ['a proxy', 'any', 'a page', raw('<!doctype html><title>Sign in</title>', 'text/html'), final('not_the_api')],
  [
    'gateways',
    'varied, 2026-11-30',
    'choices whose delta is null',
    raw(`${line(chunk({}, { delta: null }))}${said}${stopped}`),
    HI,
  ],
]

describe.for([
  ['calls', calling],
  ['thoughts', thinking],
  ['failures', failing],
  ['the bytes', framing],
] as const)('%s of other servers', ([, rows]) => {
  test.for(rows)('%s (%s): %s', async ([, , , answer, comesTo]) => {
    expect(await heard(answer)).toEqual(comesTo)
  })
})

describe('usage of other servers', () => {
  const answer = (usage: object): StubAnswer => ({ json: { choices: [{ message: { content: 'Hi' } }], usage } })
  const usageOf = async (usage: object) => (await collect(serverOf(answer(usage)).model)).reply.usage

  test.for<readonly [who: string, seen: string, what: string, usage: object, is: object]>([
    [
      'DeepSeek',
      'public clients, 2026-11-30',
      'cached tokens beside the details',
      { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12, prompt_cache_hit_tokens: 8 },
      { inputTokens: 10, cachedTokens: 8, outputTokens: 2, reasoningTokens: 0 },
    ],
    [
      'Gemini',
      'openai-python#2544, 2025-08',
      'thoughts beside the output, in the total',
      { prompt_tokens: 2181, completion_tokens: 57, total_tokens: 2518, reasoning_tokens: 280 },
      { inputTokens: 2181, cachedTokens: 0, outputTokens: 337, reasoningTokens: 280, adjusted: true },
    ],
    [
      'CLIProxyAPI over Gemini',
      'its #5733, 2026-09',
      'no output but thoughts',
      {
        prompt_tokens: 21,
        completion_tokens: 0,
        total_tokens: 81,
        completion_tokens_details: { reasoning_tokens: 60 },
      },
      { inputTokens: 21, cachedTokens: 0, outputTokens: 60, reasoningTokens: 60, adjusted: true },
    ],
    [
      'gateways',
      'seen 2026-11-29',
      'more cached than read',
      { prompt_tokens: 100, completion_tokens: 5, total_tokens: 105, prompt_tokens_details: { cached_tokens: 1000 } },
      { inputTokens: 100, cachedTokens: 100, outputTokens: 5, reasoningTokens: 0, adjusted: true },
    ],
    [
      'gateways',
      'varied, 2026-11-30',
      'a total below its parts',
      { prompt_tokens: 100, completion_tokens: 50, total_tokens: 120 },
      { inputTokens: 100, cachedTokens: 0, outputTokens: 20, reasoningTokens: 0, adjusted: true },
    ],
    [
      'gateways',
      'varied, 2026-11-30',
      'a total of 0',
      { prompt_tokens: 10, completion_tokens: 2, total_tokens: 0 },
      { inputTokens: 10, cachedTokens: 0, outputTokens: 2, reasoningTokens: 0 },
    ],
    [
      'gateways',
      'varied, 2026-11-30',
      'negative figures',
      { prompt_tokens: 10, completion_tokens: 2, prompt_tokens_details: { cached_tokens: -4 } },
      { inputTokens: 10, cachedTokens: 0, outputTokens: 2, reasoningTokens: 0, adjusted: true },
    ],
  ])('%s (%s): %s', async ([, , , usage, is]) => {
    expect(await usageOf(usage)).toEqual(is)
  })

  test('never makes a cost below nothing', async () => {
    const usage = { prompt_tokens: 100, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 1000 } }
    const { model } = serverOf({ json: { model: 'gpt-4.1-mini', choices: [{ message: { content: 'Hi' } }], usage } })
    // 100 cached tokens at 0.1 dollars a million.
    expect((await collect(model)).reply.costNano).toBe(10_000)
  })
})

describe('a server that refuses to be asked for the usage of a stream', () => {
  const refusals: readonly (readonly [who: string, seen: string, body: object, status: number])[] = [
    [
      'Mistral',
      'openai-agents-python#442, 2025-04',
      {
        object: 'error',
        message: { detail: [{ type: 'extra_forbidden', loc: ['body', 'stream_options', 'include_usage'] }] },
        type: 'invalid_request_error',
        param: null,
        code: null,
      },
      422,
    ],
    [
      'Groq',
      'vercel/ai#1578, 2024-05',
      {
        error: {
          message: "property 'stream_options' is unsupported, did you mean 'stream'?",
          type: 'invalid_request_error',
        },
      },
      400,
    ],
  ]

  test.for(refusals)('is asked without, once and from then on: %s (%s)', async ([, , body, status]) => {
    const { service, model } = serverOf(Response.json(body, { status }), raw(`${said}${stopped}`))
    expect((await collect(model)).reply.items).toEqual([{ kind: 'assistant', text: 'Hi' }])
    await collect(model)
    expect(service.requests.map((request) => 'stream_options' in request.body)).toEqual([true, false, false])
  })

  test('is asked with it again, where it was something else that was refused', async () => {
    const refused = Response.json({ error: { message: 'No such model' } }, { status: 400 })
    const { service, model } = serverOf(refused, raw(`${said}${stopped}`))
    await expect(collect(model)).rejects.toThrow('No such model')
    await collect(model)
    expect(service.requests.map((request) => 'stream_options' in request.body)).toEqual([true, true])
  })
})

describe('what a server wants back', () => {
  /** The message that a reply goes back as. */
  async function sentBack(answer: StubAnswer, to: string): Promise<unknown> {
    const { model } = serverOf(answer)
    const { reply } = await collect(model)
    const calls = reply.items.filter((item) => item.kind === 'call')
    const results = calls.map(({ callId }) => ({ kind: 'result', callId, output: 'ok' }) as const)
    type Sent = { readonly messages: readonly { readonly role: string }[] }
    const bodies: Sent[] = []
    // These servers take more than the platform's description has, so that it does not hold for what they are sent.
    const fetch: typeof globalThis.fetch = async (_url, init) => {
      if (typeof init?.body === 'string') bodies.push(JSON.parse(init.body) as Sent)
      return raw(`${said}${stopped}`)
    }
    const next = openai({ apiKey: 'sk', baseURL: 'http://other/v1', fetch, api: 'chat' })
    const items = [{ kind: 'user', text: 'Hi' } as const, ...reply.items, ...results]
    await collect(next, requestOf(items, { card: { ...card, model: to } }))
    const messages = bodies[0]?.messages ?? []
    return messages.find(({ role }) => role === 'assistant')
  }

  const call = { index: 0, id: 'a', type: 'function', function: f('{}') }
  const plain = { type: 'function', id: 'a', function: f('{}') }

  test.for<readonly [who: string, deltas: readonly object[], own: object, others: object]>([
    [
      'Gemini: the signature of a call',
      [{ tool_calls: [{ ...call, extra_content: { google: { thought_signature: 'SIG' } } }] }],
      { content: '', tool_calls: [{ ...plain, extra_content: { google: { thought_signature: 'SIG' } } }] },
      { content: '', tool_calls: [plain] },
    ],
    [
      'Vertex by LiteLLM: fields of its own in the function',
      [{ tool_calls: [{ ...call, function: { ...f('{}'), provider_specific_fields: { thought_signature: 'S' } } }] }],
      { content: '', tool_calls: [{ ...plain, provider_specific_fields: { thought_signature: 'S' } }] },
      { content: '', tool_calls: [plain] },
    ],
    [
      'OpenRouter: the details of its thoughts, and the thoughts',
      [{ reasoning: 'Hm', reasoning_details: [{ type: 'reasoning.encrypted', data: 'X' }] }, { tool_calls: [call] }],
      {
        content: '',
        reasoning: 'Hm',
        reasoning_details: [{ type: 'reasoning.encrypted', data: 'X' }],
        tool_calls: [plain],
      },
      { content: '', tool_calls: [plain] },
    ],
    [
      'DeepSeek: the thoughts that led to a call',
      [{ reasoning_content: 'Hm' }, { tool_calls: [call] }],
      { content: '', reasoning_content: 'Hm', tool_calls: [plain] },
      { content: '', tool_calls: [plain] },
    ],
    [
      'Mistral: thoughts among the words',
      [
        { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }], signature: 'S' }] },
        { content: 'I look.', tool_calls: [call] },
      ],
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }], signature: 'S' },
          { type: 'text', text: 'I look.' },
        ],
        tool_calls: [plain],
      },
      { content: 'I look.', tool_calls: [plain] },
    ],
    [
      'OpenRouter: the details of thoughts before an answer in words',
      [{ reasoning_details: [{ type: 'reasoning.encrypted', data: 'X' }] }, { content: 'Hi' }],
      { content: 'Hi', reasoning_details: [{ type: 'reasoning.encrypted', data: 'X' }] },
      { content: 'Hi' },
    ],
  ])('goes back to the model that gave it, and to no other: %s', async ([, deltas, own, others]) => {
    const answer = { events: [...deltas.map((delta) => chunk(delta)), chunk({}, { finish_reason: 'stop' })] }
    expect(await sentBack(answer, card.model)).toEqual({ role: 'assistant', ...own })
    expect(await sentBack(answer, 'another-model')).toEqual({ role: 'assistant', ...others })
  })
})
