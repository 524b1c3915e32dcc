import type { HostedTool, Item, ModelRequest } from '@reprise/core'
import { describe, expect, test } from 'vitest'
import { card, collect, failureOf, requestOf } from '../ask.fixture.ts'
import { openai } from '../openai.ts'
import type { OpenAIOptions } from '../dialect/settings.ts'
import { answering, firstOf } from '../stub-fetch.fixture.ts'

const message = (text: string, more: object = {}) => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [] }],
  ...more,
})
const usage = { input_tokens: 10, output_tokens: 1, total_tokens: 11 }

function responseOf(...output: readonly object[]) {
  return { json: { id: 'resp_1', status: 'completed', model: 'gpt-4.1-mini', output, usage } }
}

/** What goes out for a request, and what comes back. */
async function exchange(
  request: ModelRequest,
  output: readonly object[] = [message('Hi')],
  options: OpenAIOptions = {},
) {
  const { fetch, requests } = answering(responseOf(...output))
  const model = openai({ apiKey: 'sk', baseURL: 'http://x/v1', fetch, stream: false, ...options } as OpenAIOptions)
  const { reply } = await collect(model, request)
  const { body } = firstOf(requests)
  return { body, reply }
}

const hosted: readonly HostedTool[] = [
  { kind: 'web-search', domains: ['openai.com'], contextSize: 'low' },
  { kind: 'file-search', vectorStoreIds: ['vs_1'], maxResults: 5 },
  { kind: 'code-interpreter', fileIds: ['file-1'] },
  { kind: 'mcp', label: 'wiki', url: 'https://wiki.example/mcp', description: 'The wiki.', tools: ['search'] },
]

const wireHosted = [
  { type: 'web_search', filters: { allowed_domains: ['openai.com'] }, search_context_size: 'low' },
  { type: 'file_search', vector_store_ids: ['vs_1'], max_num_results: 5 },
  { type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-1'] } },
  {
    type: 'mcp',
    server_label: 'wiki',
    server_url: 'https://wiki.example/mcp',
    server_description: 'The wiki.',
    allowed_tools: ['search'],
    require_approval: 'never',
  },
]

describe('hosted tools', () => {
  const withHosted = { card: { ...card, hosted } }

  test('go out after the agent’s own', async () => {
    const { body } = await exchange(requestOf(undefined, withHosted))
    expect((body['tools'] as object[]).slice(2)).toEqual(wireHosted)
  })

  test('may be used whatever of the agent’s own may be called', async () => {
    const choices = [
      { type: 'web_search' },
      { type: 'file_search' },
      { type: 'code_interpreter' },
      { type: 'mcp', server_label: 'wiki' },
    ]
    const { body } = await exchange(requestOf(undefined, { ...withHosted, allowedTools: [] }))
    expect(body['tool_choice']).toEqual({ type: 'allowed_tools', mode: 'auto', tools: choices })
  })

  test('of a remote server are let in by what the definition does not know', async () => {
    const mcpAuthorization = { wiki: async () => 'token', other: 'unused' }
    const { body } = await exchange(requestOf(undefined, withHosted), undefined, { mcpAuthorization })
    expect((body['tools'] as object[]).slice(2)).toEqual([
      ...wireHosted.slice(0, 3),
      { ...wireHosted[3], authorization: 'token' },
    ])
  })

  test('leave what they did in the reply, which goes back as it came', async () => {
    const search = {
      type: 'web_search_call',
      id: 'ws_1',
      status: 'completed',
      action: { type: 'search', query: 'otters' },
    }
    const annotations = [
      { type: 'url_citation', url: 'https://o.example', title: 'Otters', start_index: 0, end_index: 2 },
      { type: 'file_citation', file_id: 'file-1', filename: 'o.pdf', index: 0 },
    ]
    const words = message('Otters swim.', {
      content: [{ type: 'output_text', text: 'Otters swim.', annotations }],
      phase: 'final_answer',
    })
    const { reply } = await exchange(requestOf(undefined, withHosted), [search, words])
    expect(reply.items).toEqual([
      { kind: 'hosted', tool: 'web-search', item: search },
      {
        kind: 'assistant',
        text: 'Otters swim.',
        citations: [
          { kind: 'url', url: 'https://o.example', title: 'Otters' },
          { kind: 'file', fileId: 'file-1', name: 'o.pdf' },
        ],
        phase: 'final_answer',
      },
    ])
    // A search has a price of its own, which nobody said.
    expect(reply.costNano).toBeUndefined()
    const { body } = await exchange(requestOf([...reply.items, { kind: 'user', text: 'More' }]))
    expect(body['input']).toEqual([
      search,
      { type: 'message', role: 'assistant', content: 'Otters swim.', phase: 'final_answer' },
      { type: 'message', role: 'user', content: 'More' },
    ])
  })
})

describe('thoughts', () => {
  const thought = {
    type: 'reasoning',
    id: 'rs_1',
    summary: [{ type: 'summary_text', text: 'I look.' }],
    encrypted_content: 'gAAAA',
  }

  test('are asked for in the form that only the service can read, and go back before what follows from them', async () => {
    const call = { type: 'function_call', call_id: 'c', name: 'find_order', arguments: '{}' }
    const asked = requestOf(undefined, { card: { ...card, model: 'o4-mini' } })
    const { body, reply } = await exchange(asked, [thought, call])
    expect(body['include']).toEqual(['reasoning.encrypted_content'])
    expect(reply.items[0]).toEqual({
      kind: 'reasoning',
      text: 'I look.',
      from: 'o4-mini',
      id: 'rs_1',
      encrypted: 'gAAAA',
    })
    const items = [...reply.items, { kind: 'result', callId: 'c', output: '1' } as const]
    const result = { type: 'function_call_output', call_id: 'c', output: '1' }
    const { body: next } = await exchange({ ...asked, items })
    expect(next['input']).toEqual([thought, call, result])
    // Another model cannot read them, and refuses them where it thinks none of its own.
    const { body: others } = await exchange(requestOf(items))
    expect(others['input']).toEqual([call, result])
  })

  test('that nobody can read again stay behind', async () => {
    const items: Item[] = [
      { kind: 'user', text: 'Hi' },
      { kind: 'reasoning', text: 'Hm.', id: 'rs_1' },
      { kind: 'reasoning', text: 'Hm.', field: 'reasoning' },
    ]
    const { body } = await exchange(requestOf(items))
    expect(body['input']).toEqual([{ type: 'message', role: 'user', content: 'Hi' }])
  })

  test('are not asked for where a model has none', async () => {
    for (const model of ['gpt-4.1-mini', 'gpt-6-luna', 'llama3'])
      expect((await exchange(requestOf(undefined, { card: { ...card, model } }))).body).not.toHaveProperty('include')
  })
})

describe('what a user gives', () => {
  test('carries what a tool shows in the result of its call', async () => {
    const items: Item[] = [
      { kind: 'user', text: 'Look.' },
      { kind: 'call', callId: 'c1', name: 'find_order', arguments: '{"id":"1"}' },
      {
        kind: 'result',
        callId: 'c1',
        output: '{"total":3}',
        parts: [
          { kind: 'image', url: 'data:image/png;base64,AA==', detail: 'low' },
          { kind: 'file', fileId: 'file-1' },
        ],
      },
    ]
    const { body } = await exchange(requestOf(items))
    expect((body['input'] as object[]).at(-1)).toEqual({
      type: 'function_call_output',
      call_id: 'c1',
      output: [
        { type: 'input_text', text: '{"total":3}' },
        { type: 'input_image', detail: 'low', image_url: 'data:image/png;base64,AA==' },
        { type: 'input_file', file_id: 'file-1' },
      ],
    })
  })

  test('goes out in its order: words, pictures, files', async () => {
    const parts = [
      { kind: 'image', url: 'https://o.example/1.png' },
      { kind: 'image', fileId: 'file-1', detail: 'low' },
      { kind: 'text', text: 'and' },
      { kind: 'file', url: 'data:application/pdf;base64,AA==', name: 'bill.pdf' },
      { kind: 'file', url: 'https://o.example/bill.pdf' },
      { kind: 'file', fileId: 'file-2' },
    ] as const
    const { body } = await exchange(requestOf([{ kind: 'user', text: 'Look:', parts }]))
    const content = [
      { type: 'input_text', text: 'Look:' },
      { type: 'input_image', detail: 'auto', image_url: 'https://o.example/1.png' },
      { type: 'input_image', detail: 'low', file_id: 'file-1' },
      { type: 'input_text', text: 'and' },
      { type: 'input_file', file_data: 'data:application/pdf;base64,AA==', filename: 'bill.pdf' },
      { type: 'input_file', file_url: 'https://o.example/bill.pdf' },
      { type: 'input_file', file_id: 'file-2' },
    ]
    expect(body['input']).toEqual([{ type: 'message', role: 'user', content }])
  })
})

describe('the day', () => {
  const today = '2026-11-22'

  test('is told at the very end, with where the model’s knowledge ends', async () => {
    const { body } = await exchange(requestOf(undefined, { today }), undefined, { tellDate: true })
    expect(body['input']).toEqual([
      { type: 'message', role: 'user', content: 'Hi' },
      {
        type: 'message',
        role: 'developer',
        content:
          'Today is 2026-11-22. Your own knowledge ends on 2024-06-01: take what is newer from this conversation and your tools.',
      },
    ])
  })

  test('leaves the rest of a request as it is, so that the prompt cache holds', async () => {
    const items: Item[] = [{ kind: 'user', text: 'Hi' }]
    const bodies = []
    for (const day of ['2026-11-22', '2026-11-23']) {
      const { body } = await exchange(requestOf(items, { today: day }), undefined, { tellDate: true })
      bodies.push(JSON.stringify({ ...body, input: (body['input'] as object[]).slice(0, -1) }))
    }
    expect(bodies[0]).toBe(bodies[1])
  })

  test('is told alone where nobody knows what the model knows, and not at all where that is not asked for', async () => {
    const luna = requestOf(undefined, { today, card: { ...card, model: 'gpt-6-luna' } })
    const { body } = await exchange(luna, undefined, { tellDate: true })
    expect((body['input'] as object[]).at(-1)).toMatchObject({ content: 'Today is 2026-11-22.' })
    for (const [request, tellDate] of [
      [requestOf(undefined, { today }), false],
      [requestOf(), true],
    ] as const)
      expect((await exchange(request, undefined, { tellDate })).body['input']).toHaveLength(1)
  })
})

describe('what a model takes', () => {
  const settings = { temperature: 0.2 }
  const of = (model: string, more: object = {}) => requestOf(undefined, { card: { ...card, model, ...more } })

  test('is sent as it wants it', async () => {
    expect((await exchange(of('gpt-6-luna', { settings }))).body).toMatchObject({
      reasoning: { effort: 'none' },
      temperature: 0.2,
    })
    expect((await exchange(of('gpt-4.1-mini'))).body).not.toHaveProperty('parallel_tool_calls')
    // It never reasons, so that it need not be told; it would refuse to be.
    const unreasoned = of('gpt-4.1-mini', { settings: { reasoningEffort: 'none' } })
    expect((await exchange(unreasoned)).body).not.toHaveProperty('reasoning')
    for (const model of ['gpt-4.1-nano', 'ft:gpt-4.1-mini-2025-04-14:acme::1'])
      expect((await exchange(of(model))).body).toMatchObject({ parallel_tool_calls: false })
    expect((await exchange(of('gpt-4.1-nano', { tools: [] }))).body).not.toHaveProperty('parallel_tool_calls')
  })

  test('is the model’s own affair where nothing is known of it, and the user’s where that is said', async () => {
    const reasoningEffort = 'high'
    const { body } = await exchange(of('llama3', { settings: { ...settings, reasoningEffort } }))
    expect(body).toMatchObject({ temperature: 0.2, reasoning: { effort: 'high' } })
    const traits = {
      llama3: { reasons: true, sampling: 'always', chatToolsUnreasoned: false, parallelCalls: false },
    } as const
    expect((await exchange(of('llama3'), undefined, { traits })).body).toMatchObject({ parallel_tool_calls: false })
  })

  test.for([
    ['o4-mini', settings, 'Model "o4-mini" takes no temperature. Remove settings.temperature.'],
    [
      'ft:gpt-4.1-mini:acme::1',
      { reasoningEffort: 'low' },
      'Model "ft:gpt-4.1-mini:acme::1" takes no reasoningEffort "low". Remove settings.reasoningEffort.',
    ],
    [
      'gpt-6-luna',
      { topP: 0.5, reasoningEffort: 'low' },
      'Model "gpt-6-luna" takes no topP while it reasons. Remove settings.topP, or set reasoningEffort: \'none\'.',
    ],
  ] as const)('%s says which setting it does not take, before it is asked', async ([model, given, words]) => {
    const { fetch, requests } = answering()
    const error = await failureOf(
      openai({ apiKey: 'sk', baseURL: 'http://x/v1', fetch }),
      of(model, { settings: given }),
    )
    expect(error).toMatchObject({ code: 'setting_refused', retryable: false, message: words })
    expect(requests).toEqual([])
  })

  test('over Chat Completions is tools or thoughts, where it cannot be both', async () => {
    const completion = { id: 'c', choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] }
    const { fetch, requests } = answering({ json: completion })
    const model = openai({ apiKey: 'sk', baseURL: 'https://api.openai.com/v1', fetch, api: 'chat', stream: false })
    await collect(model, of('gpt-6-sol'))
    await collect(model, of('gpt-6-sol', { tools: [] }))
    expect(requests.map(({ body }) => body['reasoning_effort'])).toEqual(['none', undefined])
    const error = await failureOf(model, of('gpt-6-sol', { settings: { reasoningEffort: 'low' } }))
    expect(error.message).toBe(
      'Model "gpt-6-sol" takes no reasoningEffort "low" with tools over Chat Completions. Use openai({ api: \'responses\' }), or reasoningEffort: \'none\'.',
    )
  })
})
