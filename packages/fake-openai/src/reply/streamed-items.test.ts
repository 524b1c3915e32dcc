import { OpenAI } from 'openai'
import type { Response, ResponseStreamEvent } from 'openai/resources/responses/responses'
import { describe, expect, test } from 'vitest'
import { fakeOpenAI } from '../fake-openai.ts'
import { openapiComplaint, openapiIsThere } from '../../../../scripts/openapi.fixture.ts'
import type { FakeReply } from '../script/script.ts'

// Reading the description takes a while, which is not the first test's.
if (openapiIsThere) openapiComplaint('ResponseStreamEvent', undefined)

const citation = { type: 'url_citation', url: 'https://example.com/', title: 'Rain', start_index: 0, end_index: 8 }
const file = { type: 'file_citation', file_id: 'file-a', filename: 'a.txt', index: 16 }
const cited = {
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'It rains in Paris.', logprobs: [], annotations: [citation, file] }],
}
const status = 'completed'
const shellOutput = { stdout: 'Rain\n', stderr: 'W', outcome: { type: 'exit', exit_code: 0 } }

const replies: readonly [what: string, items: NonNullable<FakeReply['items']>, events: readonly string[]][] = [
  [
    'a reasoning item',
    [
      {
        type: 'reasoning',
        summary: [
          { type: 'summary_text', text: 'First this' },
          { type: 'summary_text', text: 'Then' },
        ],
        content: [{ type: 'reasoning_text', text: 'So then' }],
      },
    ],
    [
      'reasoning_summary_part.added 0',
      'reasoning_summary_text.delta 0 "First"',
      'reasoning_summary_text.delta 0 " this"',
      'reasoning_summary_text.done 0',
      'reasoning_summary_part.done 0',
      'reasoning_summary_part.added 1',
      'reasoning_summary_text.delta 1 "Then"',
      'reasoning_summary_text.done 1',
      'reasoning_summary_part.done 1',
      'content_part.added 0',
      'reasoning_text.delta 0 "So"',
      'reasoning_text.delta 0 " then"',
      'reasoning_text.done 0',
      'content_part.done 0',
    ],
  ],
  [
    'a message with citations',
    [cited],
    [
      'content_part.added 0',
      'output_text.delta 0 "It"',
      'output_text.delta 0 " rains"',
      'output_text.annotation.added 0',
      'output_text.delta 0 " in"',
      'output_text.delta 0 " Paris."',
      'output_text.annotation.added 1',
      'output_text.done 0',
      'content_part.done 0',
    ],
  ],
  [
    'a custom call',
    [{ type: 'custom_tool_call', call_id: 'a', name: 'sql', input: 'select 1 from weather', status }],
    [
      'custom_tool_call_input.delta "select 1 fr"',
      'custom_tool_call_input.delta "om weather"',
      'custom_tool_call_input.done',
    ],
  ],
  [
    'a web search',
    [{ type: 'web_search_call', status, action: { type: 'search', query: 'rain' } }],
    ['web_search_call.in_progress', 'web_search_call.searching', 'web_search_call.completed'],
  ],
  [
    'a file search',
    [{ type: 'file_search_call', status, queries: ['rain'], results: null }],
    ['file_search_call.in_progress', 'file_search_call.searching', 'file_search_call.completed'],
  ],
  [
    'an image',
    [{ type: 'image_generation_call', status, result: 'aGk=' }],
    ['image_generation_call.in_progress', 'image_generation_call.generating', 'image_generation_call.completed'],
  ],
  [
    'code',
    [{ type: 'code_interpreter_call', status, container_id: 'cntr_a', code: '1 + 1', outputs: null }],
    [
      'code_interpreter_call.in_progress',
      'code_interpreter_call_code.delta "1 + 1"',
      'code_interpreter_call_code.done',
      'code_interpreter_call.interpreting',
      'code_interpreter_call.completed',
    ],
  ],
  [
    'calls of an MCP server',
    [
      { type: 'mcp_list_tools', server_label: 'a', tools: [{ name: 'rain', input_schema: {} }] },
      { type: 'mcp_call', server_label: 'a', name: 'rain', arguments: '{}', output: 'Rain', error: null, status },
      { type: 'mcp_call', server_label: 'a', name: 'rain', arguments: '{}', output: null, status: 'failed' },
    ],
    [
      'mcp_list_tools.in_progress',
      'mcp_list_tools.completed',
      'mcp_call.in_progress',
      'mcp_call_arguments.delta "{}"',
      'mcp_call_arguments.done',
      'mcp_call.completed',
      'mcp_call.in_progress',
      'mcp_call_arguments.delta "{}"',
      'mcp_call_arguments.done',
      'mcp_call.failed',
    ],
  ],
  [
    'a shell',
    [
      {
        type: 'shell_call',
        call_id: 'a',
        status,
        environment: null,
        action: { commands: ['ls', 'pwd'], timeout_ms: null, max_output_length: null },
      },
      { type: 'shell_call_output', call_id: 'a', status, max_output_length: null, output: [shellOutput] },
    ],
    [
      'shell_call_command.added 0',
      'shell_call_command.delta 0 "ls"',
      'shell_call_command.done 0',
      'shell_call_command.added 1',
      'shell_call_command.delta 1 "pwd"',
      'shell_call_command.done 1',
      'shell_call_output_content.delta 0 {"stdout":"Rain\\n"}',
      'shell_call_output_content.delta 0 {"stderr":"W"}',
      'shell_call_output_content.done 0',
    ],
  ],
  [
    'a patch',
    [{ type: 'apply_patch_call', call_id: 'a', status, operation: { type: 'delete_file', path: 'a.txt' } }],
    [],
  ],
]

/** An event in short: its type, which of several things it is about, and what it adds. */
function short(event: ResponseStreamEvent): string {
  const { type, delta, ...rest } = event as { readonly type: string; readonly delta?: unknown }
  const places = ['annotation_index', 'summary_index', 'content_index', 'command_index'] as const
  const numbers = rest as Partial<Record<string, number>>
  const place = places.map((name) => numbers[name]).find((at) => at !== undefined)
  return [type.replace('response.', ''), place, JSON.stringify(delta)].filter((said) => said !== undefined).join(' ')
}

const request = { model: 'gpt-4.1-mini', input: 'Hi' }

async function asking(items: NonNullable<FakeReply['items']>) {
  const fake = await fakeOpenAI(() => ({ items }))
  const client = new OpenAI({ apiKey: 'sk-test', baseURL: fake.url, maxRetries: 0 })
  return { client, [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose]() }
}

/** A response without what is another's in each: ids and times. */
function alike({ output }: Response): unknown {
  return output.map((item) => ({ ...item, id: '', encrypted_content: '' }))
}

describe('a stream of', () => {
  test.for(replies)('%s tells it piece by piece, in the platform’s order', async ([, items, events]) => {
    await using asked = await asking(items)
    const stream = await asked.client.responses.create({ ...request, stream: true })
    const got = await Array.fromAsync(stream)
    expect(got.map(({ sequence_number: number }) => number)).toEqual([...got.keys()])
    const inside = got.map(short).filter((event) => !/^(created|in_progress|completed|output_item)/.test(event))
    expect(inside).toEqual(events)
    if (openapiIsThere)
      for (const event of got)
        expect([event, openapiComplaint('ResponseStreamEvent', drop(event))]).toEqual([event, undefined])
  })

  test.for(replies)('%s is folded by the official SDK to what is not streamed', async ([, items]) => {
    await using asked = await asking(items)
    const whole = await asked.client.responses.create(request)
    expect(whole.output).toMatchObject(items)
    expect(alike(await asked.client.responses.stream(request).finalResponse())).toMatchObject(alike(whole) as object)
  })

  test('an item ends with what was told of it: it has nothing of that when it is added', async () => {
    await using asked = await asking([cited])
    const stream = await asked.client.responses.create({ ...request, stream: true })
    const events = await Array.fromAsync(stream)
    const [added] = events.flatMap((event) => (event.type === 'response.output_item.added' ? [event.item] : []))
    const [part] = events.flatMap((event) => (event.type === 'response.content_part.added' ? [event.part] : []))
    expect(added).toMatchObject({ type: 'message', status: 'in_progress', content: [] })
    expect(added?.id).toMatch(/^msg_/)
    expect(part).toEqual({ type: 'output_text', text: '', logprobs: [], annotations: [] })
  })
})

/** The platform sends `null` for these, and its description knows of no `null` there. */
function drop(event: ResponseStreamEvent): unknown {
  return JSON.parse(JSON.stringify(event), (key, value: unknown) =>
    value === null && (key === 'user' || key === 'usage') ? undefined : value,
  )
}
