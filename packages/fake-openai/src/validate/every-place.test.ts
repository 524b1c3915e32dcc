import { describe, expect, test } from 'vitest'
import { fakeOpenAI } from '../fake-openai.ts'
import { hostedItems, hostedTools } from './hosted.fixture.ts'
import { openapiComplaint, openapiIsThere } from '../../../../scripts/openapi.fixture.ts'

const schema = {
  type: 'object',
  description: 'Where',
  properties: {
    city: { type: ['string', 'null'], enum: ['Paris', null] },
    near: { type: 'array', items: { anyOf: [{ $ref: '#/$defs/place' }, { type: 'null' }] } },
  },
  required: ['city', 'near'],
  additionalProperties: false,
  $defs: { place: { type: 'object', properties: {}, required: [], additionalProperties: false } },
}
const described = { name: 'get_weather', description: 'The weather', parameters: schema, strict: true }
const common = {
  model: 'gpt-4.1-mini',
  temperature: 1,
  top_p: 1,
  metadata: { a: 'b' },
  parallel_tool_calls: true,
  prompt_cache_key: 'key',
  safety_identifier: 'who',
  service_tier: 'auto',
  store: false,
  stream: false,
  user: 'me',
}

const response = {
  ...common,
  background: false,
  include: ['reasoning.encrypted_content'],
  input: [
    { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
    { role: 'user', content: [{ type: 'input_image', image_url: 'https://example.com/a.png', detail: 'low' }] },
    {
      type: 'message',
      id: 'msg_a',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'refusal', refusal: 'No' }],
    },
    { type: 'function_call', call_id: 'a', name: 'get_weather', arguments: '{}' },
    { type: 'function_call_output', call_id: 'a', output: [{ type: 'input_text', text: 'Rain' }] },
    { type: 'function_call', call_id: 'b', name: 'get_weather', arguments: '{}' },
    { type: 'function_call_output', call_id: 'b', output: 'Rain' },
  ],
  instructions: 'Be kind.',
  max_output_tokens: 100,
  max_tool_calls: 3,
  stream_options: { include_obfuscation: false },
  text: { verbosity: 'medium', format: { type: 'json_schema', name: 'answer', schema, strict: true } },
  tools: [
    { type: 'function', ...described },
    { type: 'function', name: 'loose', parameters: { type: 'object' }, strict: false },
  ],
  tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'get_weather' }] },
  top_logprobs: 0,
  truncation: 'disabled',
}

const call = (id: string): object => ({ id, type: 'function', function: { name: 'get_weather', arguments: '{}' } })
const chat = {
  ...common,
  // Where nothing is stored there are no metadata.
  store: true,
  frequency_penalty: 0,
  presence_penalty: 0,
  logit_bias: { '50256': -100 },
  logprobs: true,
  max_completion_tokens: 100,
  messages: [
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } }] },
    {
      role: 'assistant',
      content: null,
      refusal: null,
      tool_calls: [call('a'), call('b'), { id: 'c', type: 'custom', custom: { name: 'sql', input: 'select 1' } }],
    },
    { role: 'tool', tool_call_id: 'c', content: '1' },
    { role: 'tool', tool_call_id: 'a', content: 'Rain' },
    { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'Sun' }] },
  ],
  n: 2,
  response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
  seed: 1,
  stop: ['END'],
  stream_options: null,
  tools: [
    { type: 'function', function: described },
    { type: 'function', function: { name: 'loose', parameters: { type: 'object' } } },
    {
      type: 'custom',
      custom: {
        name: 'sql',
        description: 'Asks',
        format: { type: 'grammar', grammar: { syntax: 'regex', definition: '.*' } },
      },
    },
  ],
  tool_choice: { type: 'function', function: { name: 'get_weather' } },
  top_logprobs: 2,
  verbosity: 'medium',
}

/** What stands in a request beside functions and messages; what was reasoned comes with what came of it. */
const [reasoning, ...otherItems] = hostedItems
const hosted = {
  model: common.model,
  input: [reasoning, { type: 'message', role: 'assistant', content: 'So.' }, ...otherItems],
  tools: hostedTools,
}

const wrongs = [null, -1.5, 'x', true, [], {}, [null]]

type Path = readonly (string | number)[]

/** Every place of a value: those inside it, and itself. */
function placesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([name, inner]) => placesOf(inner, [...path, name]))]
}

function put(value: unknown, [name, ...rest]: Path, wrong: unknown): unknown {
  if (name === undefined) return wrong
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>
  copy[name] = put(copy[name], rest, wrong)
  return copy
}

/** Nothing, said in a way that the description does not have: recorded traffic has `tools: null` and `stop: []`. */
const taken =
  /^(tools|tool_choice|text|response_format|user|top_logprobs|input\.\d\.content\.0\.detail|tools\.\d\.function\.description) = null$|^stop = \[\]$/

/** To hold a request to the description takes long: a part of the places each time, or all of them. */
const every = process.env['REPRISE_ALL'] ? 1 : 16

/** Places whose right values the description leaves open, or tells from each other by more than their own kind. */
const open = /schema|parameters/

describe.each([
  ['a request', 'responses', response, 'CreateResponse'],
  ['a request with hosted items and tools', 'responses', hosted, 'CreateResponse'],
  ['a request', 'chat/completions', chat, 'CreateChatCompletionRequest'],
] as const)('each place of %s to /v1/%s', (_, path, right, name) => {
  test('takes what is right, and refuses with a 400 whatever is wrong', async () => {
    await using fake = await fakeOpenAI(() => ({ text: 'Hello' }))
    const ask = async (body: unknown) => {
      const headers = { authorization: 'Bearer sk-test' }
      const answer = await fetch(`${fake.url}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      return [answer.status, await answer.text()] as const
    }
    expect(await ask(right)).toEqual([200, expect.anything()])
    if (openapiIsThere) expect(openapiComplaint(name, right)).toBeUndefined()
    const threw: string[] = []
    const tooMild: string[] = []
    for (const [nth, place] of placesOf(right).entries()) {
      const bodies = wrongs.map((wrong) => put(right, place, wrong))
      const answers = await Promise.all(bodies.map(ask))
      for (const [index, wrong] of wrongs.entries()) {
        const body = bodies[index]
        const [status, text] = answers[index] ?? [0, '']
        const what = `${place.join('.')} = ${JSON.stringify(wrong)}`
        if (![200, 400, 404].includes(status)) threw.push(`${what}: ${text}`)
        if (nth % every > 0 || !openapiIsThere || open.test(what) || taken.test(what)) continue
        if (status === 200 && openapiComplaint(name, body) !== undefined) tooMild.push(what)
      }
    }
    expect(threw).toEqual([])
    expect(tooMild).toEqual([])
  })
})
