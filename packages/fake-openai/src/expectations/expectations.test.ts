import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ResponseInputItem } from 'openai/resources/responses/responses'
import { afterAll, describe, expect, test } from 'vitest'
import { chatTool, sdk, tool } from '../sdk.fixture.ts'
import type { Expectation } from './expectation.ts'
import { expectations } from './expectations.ts'
import { readScript } from './read-script.ts'

const model = 'gpt-4.1-mini'
const weather: Expectation[] = [
  {
    when: { user: 'weather' },
    reply: { calls: [{ name: 'get_weather', arguments: { city: 'Paris' }, callId: 'call_a' }] },
  },
  { when: { tool: 'get_weather', result: 'rain' }, reply: { text: 'Take an umbrella.' } },
  { when: { tool: 'get_weather' }, reply: { text: 'Enjoy the day.' } },
  { when: { model: 'gpt-4.1' }, error: { status: 503, message: 'Busy.' } },
  { when: { user: 'Hi' }, reply: { text: 'Hello.' } },
]
const call = { type: 'function_call', call_id: 'call_a', name: 'get_weather', arguments: '{}' } as const

describe('expectations', () => {
  test('answer by the user’s last words, and then by the results of calls', async () => {
    await using service = await sdk(expectations(weather))
    const { responses } = service.client
    const ask = async (...more: ResponseInputItem[]) => {
      const input: ResponseInputItem[] = [{ role: 'user', content: 'What weather?' }, ...more]
      return (await responses.create({ model, input, tools: [tool] })).output.map((item) =>
        item.type === 'message' ? item.content : item.type,
      )
    }
    const result = (output: string) => ({ type: 'function_call_output' as const, call_id: 'call_a', output })
    expect(await ask()).toEqual(['function_call'])
    expect(await ask(call, result('much rain'))).toMatchObject([[{ text: 'Take an umbrella.' }]])
    expect(await ask(call, result('sun'))).toMatchObject([[{ text: 'Enjoy the day.' }]])
    expect(await ask(call, result('sun'), { role: 'user', content: 'Hi again' })).toMatchObject([[{ text: 'Hello.' }]])
  })

  test('answer Chat Completions too, and by the model', async () => {
    await using service = await sdk(expectations(weather))
    const { completions } = service.client.chat
    const messages = [{ role: 'user' as const, content: 'Hi' }]
    expect((await completions.create({ model, messages, tools: [chatTool] })).choices[0]?.message.content).toBe(
      'Hello.',
    )
    await expect(completions.create({ model: 'gpt-4.1', messages })).rejects.toThrow('503 Busy.')
  })

  test('say what they were asked where none fits, once', async () => {
    await using service = await sdk(expectations(weather))
    const output = { type: 'function_call_output', call_id: 'call_a', output: 'rain' } as const
    const other = { ...call, name: 'get_time' }
    const { responses } = service.client
    await expect(responses.create({ model, input: 'Bye' }, { maxRetries: 2 })).rejects.toThrow(
      '500 None of the 5 expectations fits: the user said "Bye", asked of gpt-4.1-mini.',
    )
    await expect(responses.create({ model, input: [other, output] })).rejects.toThrow(
      '500 None of the 5 expectations fits: get_time gave "rain", asked of gpt-4.1-mini.',
    )
    expect(service.fake.requests).toHaveLength(2)
  })

  test.for<[wrong: unknown, complaint: string]>([
    [{}, 'replies.json must be a list of expectations: [{ "reply": { "text": "Hello" } }].'],
    [['Hi'], 'replies.json: [0] must be an object; it is "Hi".'],
    [[{ reply: { text: 'Hi' } }, {}], 'replies.json: [1] has no answer. It must have one of: reply, error, hang.'],
    [[{ reply: {}, hang: true }], 'replies.json: [0] has reply and hang. It must have one of: reply, error, hang.'],
    [[{ replly: {} }], 'replies.json: [0].replly is not known. There are: when, reply, error, hang.'],
    [[{ reply: { text: 7 } }], 'replies.json: [0].reply.text must be text; it is 7.'],
    [[{ reply: { calls: {} } }], 'replies.json: [0].reply.calls must be a list; it is {}.'],
    [[{ reply: { calls: [{ arguments: {} }] } }], 'replies.json: [0].reply.calls[0].name is missing.'],
    [
      [{ reply: { calls: [{ name: 'f', arguments: 7 }] } }],
      'replies.json: [0].reply.calls[0].arguments must be text or an object; it is 7.',
    ],
    [
      [{ reply: { finish: 'done' } }],
      'replies.json: [0].reply.finish is "done". It must be one of: stop, length, content-filter.',
    ],
    [[{ reply: { delayMs: -1 } }], 'replies.json: [0].reply.delayMs must be a number of 0 or more; it is -1.'],
    [[{ error: {} }], 'replies.json: [0].error.status is missing.'],
    [[{ when: { result: [] }, hang: true }], 'replies.json: [0].when.result must be text; it is [].'],
  ])('that are wrong are refused in one line: %j', ([wrong, complaint]) => {
    expect(() => expectations(wrong as Expectation[], 'replies.json')).toThrow(
      expect.objectContaining({ message: complaint }) as Error,
    )
  })
})

describe('a file of a script', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reprise-script-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  function write(name: string, text: string): string {
    const file = join(folder, name)
    writeFileSync(file, text)
    return file
  }

  test.for<[name: string, text: string]>([
    ['right.json', '[{ "reply": { "text": "Hello" } }]'],
    ['right.mjs', 'export const script = () => ({ text: "Hello" }); export const other = 7'],
    ['default.mjs', 'export default () => ({ text: "Hello" })'],
  ])('%s is read', async ([name, text]) => {
    await using service = await sdk(await readScript(write(name, text)))
    expect((await service.client.responses.create({ model, input: 'Hi' })).output_text).toBe('Hello')
  })

  test.for<[name: string, text: string, complaint: RegExp]>([
    ['broken.json', '[{', /broken\.json is not JSON: [^\n]+$/],
    ['wrong.json', '[{}]', /wrong\.json: \[0\] has no answer\. [^\n]+$/],
    ['none.mjs', 'export const a = 7', /none\.mjs must export one function, \(ask\) => reply; it exports none\.$/],
    ['two.mjs', 'export const a = () => {}, b = () => {}', /two\.mjs must export one function, .+; it exports a, b\.$/],
    ['throws.mjs', 'throw new Error("oops")', /Cannot load .+throws\.mjs: oops$/],
  ])('%s is refused in one line', async ([name, text, complaint]) => {
    await expect(readScript(write(name, text))).rejects.toThrow(complaint)
  })

  test('that is not there is refused in one line', async () => {
    await expect(readScript('nowhere.json')).rejects.toThrow(/^Cannot read nowhere\.json: ENOENT[^\n]+$/)
  })
})
