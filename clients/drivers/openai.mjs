// The official SDK: both APIs and all its helpers.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { OpenAI } from 'openai'
import { ResponsesToolRunner } from 'openai/helpers/responses-tool-runner'
import { zodFunction, zodResponseFormat, zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod'
import { z } from 'zod'

const model = 'gpt-4.1-mini'
const PICTURE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const report = z.object({ city: z.string(), degrees: z.number() })
const place = z.object({ city: z.string() })
const weather = ({ city }) => `${city}: rain`

function clientOf(baseURL) {
  return new OpenAI({ apiKey: 'sk-clients', baseURL, maxRetries: 0 })
}

export const cases = {
  async 'responses: text'(url) {
    const { output_text: text, usage } = await clientOf(url).responses.create({ model, input: 'Hi' })
    equal(text, 'Hello there, and welcome.')
    ok(usage.total_tokens > 0)
  },
  async 'responses: stream'(url) {
    const stream = await clientOf(url).responses.create({ model, input: 'Hi', stream: true })
    let text = ''
    for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta
    equal(text, 'Hello there, and welcome.')
  },
  async 'responses: stream helper'(url) {
    const stream = clientOf(url).responses.stream({
      model,
      input: 'Hi',
      text: { format: zodTextFormat(report, 'report') },
    })
    const types = new Set()
    for await (const event of stream) types.add(event.type)
    ok(types.has('response.completed'))
    deepEqual((await stream.finalResponse()).output_parsed, { city: 'Paris', degrees: 21 })
  },
  async 'responses: parse'(url) {
    const format = zodTextFormat(report, 'report')
    const parsed = await clientOf(url).responses.parse({ model, input: 'Report', text: { format } })
    deepEqual(parsed.output_parsed, { city: 'Paris', degrees: 21 })
  },
  async 'responses: tool loop by previous response'(url) {
    const { responses } = clientOf(url)
    const tools = [zodResponsesFunction({ name: 'get_weather', parameters: place })]
    const first = await responses.parse({ model, input: 'The weather in Paris and Rome?', tools })
    const calls = first.output.filter(({ type }) => type === 'function_call')
    deepEqual(
      calls.map((call) => call.parsed_arguments),
      [{ city: 'Paris' }, { city: 'Rome' }],
    )
    const input = calls.map((call) => ({
      type: 'function_call_output',
      call_id: call.call_id,
      output: weather(call.parsed_arguments),
    }))
    const second = await responses.create({ model, input, tools, previous_response_id: first.id })
    equal(second.output_text, 'It is so: Paris: rain, Rome: rain')
  },
  async 'responses: tool runner'(url) {
    const tool = zodResponsesFunction({ name: 'get_weather', parameters: place })
    const runner = new ResponsesToolRunner({ functions: [{ tool, execute: weather }] })
    for (const stream of [false, true]) {
      const request = { model, input: 'The weather in Paris?' }
      const { output_text: text } = await runner.run(clientOf(url), request, { stream })
      equal(text, 'It is so: Paris: rain')
    }
  },
  async 'responses: reasoning, and a tool loop by history'(url) {
    const { responses } = clientOf(url)
    const request = {
      model: 'gpt-6-sol',
      tools: [zodResponsesFunction({ name: 'get_weather', parameters: place })],
      reasoning: { effort: 'low', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      store: false,
    }
    const input = [{ role: 'user', content: 'The weather in Paris?' }]
    const { output, usage } = await responses.create({ ...request, input })
    deepEqual(
      [output.map(({ type }) => type), usage.output_tokens_details.reasoning_tokens],
      [['reasoning', 'function_call'], 12],
    )
    input.push(...output, { type: 'function_call_output', call_id: output[1].call_id, output: 'rain' })
    equal((await responses.create({ ...request, input })).output_text, 'It is so: rain')
  },
  async 'responses: a picture and a file'(url) {
    const content = [
      { type: 'input_text', text: 'Hi' },
      { type: 'input_image', image_url: PICTURE, detail: 'low' },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjQK' },
    ]
    const { output_text: text } = await clientOf(url).responses.create({ model, input: [{ role: 'user', content }] })
    equal(text, 'Hello there, and welcome.')
  },
  async 'chat: a picture'(url) {
    const content = [
      { type: 'text', text: 'Hi' },
      { type: 'image_url', image_url: { url: PICTURE } },
    ]
    const { choices } = await clientOf(url).chat.completions.create({ model, messages: [{ role: 'user', content }] })
    equal(choices[0].message.content, 'Hello there, and welcome.')
  },
  async 'responses: turns by history'(url) {
    const { responses } = clientOf(url)
    const history = [{ role: 'user', content: 'One' }]
    history.push(...(await responses.create({ model, input: history })).output, {
      role: 'user',
      content: 'What did I say first?',
    })
    equal((await responses.create({ model, input: history, store: false })).output_text, 'You said: One')
  },
  async 'responses: background, retrieved and streamed again'(url) {
    const { responses } = clientOf(url)
    const { id, status } = await responses.create({ model, input: 'Hi', background: true })
    equal(status, 'queued')
    equal((await responses.retrieve(id)).output_text, 'Hello there, and welcome.')
    const events = await Array.fromAsync(await responses.retrieve(id, { stream: true, starting_after: 1 }))
    equal(events[0].sequence_number, 2)
  },
  async 'responses: counted'(url) {
    const { responses } = clientOf(url)
    const { input_tokens: counted } = await responses.inputTokens.count({ model, input: 'Hi there' })
    equal(counted, (await responses.create({ model, input: 'Hi there' })).usage.input_tokens)
  },
  async 'chat: text'(url) {
    const messages = [{ role: 'user', content: 'Hi' }]
    const { choices } = await clientOf(url).chat.completions.create({ model, messages })
    equal(choices[0].message.content, 'Hello there, and welcome.')
  },
  async 'chat: stream with usage'(url) {
    const messages = [{ role: 'user', content: 'Hi' }]
    const options = { model, messages, stream: true, stream_options: { include_usage: true } }
    const chunks = await Array.fromAsync(await clientOf(url).chat.completions.create(options))
    equal(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join(''), 'Hello there, and welcome.')
    ok(chunks.at(-1).usage.total_tokens > 0)
  },
  async 'chat: stream helper'(url) {
    const messages = [{ role: 'user', content: 'Hi' }]
    const stream = clientOf(url).chat.completions.stream({ model, messages })
    let text = ''
    stream.on('content', (delta) => (text += delta))
    equal(await stream.finalContent(), 'Hello there, and welcome.')
    equal(text, 'Hello there, and welcome.')
  },
  async 'chat: parse'(url) {
    const messages = [{ role: 'user', content: 'Report' }]
    const format = zodResponseFormat(report, 'report')
    const parsed = await clientOf(url).chat.completions.parse({ model, messages, response_format: format })
    deepEqual(parsed.choices[0].message.parsed, { city: 'Paris', degrees: 21 })
  },
  async 'chat: runTools'(url) {
    await runTools(url, false)
  },
  async 'chat: runTools, streamed'(url) {
    await runTools(url, true)
  },
  async 'chat: turns by history'(url) {
    const { completions } = clientOf(url).chat
    const messages = [{ role: 'user', content: 'One' }]
    messages.push((await completions.create({ model, messages })).choices[0].message, {
      role: 'user',
      content: 'What did I say first?',
    })
    equal((await completions.create({ model, messages })).choices[0].message.content, 'You said: One')
  },
  async 'an error'(url) {
    const error = await clientOf(url)
      .responses.create({ model, input: 'Hi', temperature: 9 })
      .then(
        () => undefined,
        (thrown) => thrown,
      )
    ok(error instanceof OpenAI.BadRequestError)
    equal(error.param, 'temperature')
  },
  async 'models, a file and a batch'(url) {
    const client = clientOf(url)
    ok((await client.models.list()).data.some(({ id }) => id === model))
    const line = { custom_id: 'a', method: 'POST', url: '/v1/responses', body: { model, input: 'Hi' } }
    const file = await client.files.create({ purpose: 'batch', file: new File([JSON.stringify(line)], 'a.jsonl') })
    const made = await client.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/responses',
      completion_window: '24h',
    })
    equal((await client.batches.retrieve(made.id)).status, 'validating')
  },
}

async function runTools(url, stream) {
  const tool = zodFunction({ name: 'get_weather', parameters: place, function: weather })
  const messages = [{ role: 'user', content: 'The weather in Paris and Rome?' }]
  const runner = clientOf(url).chat.completions.runTools({ model, messages, tools: [tool], stream })
  equal(await runner.finalContent(), 'It is so: Paris: rain, Rome: rain')
}
