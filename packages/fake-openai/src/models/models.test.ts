import type { ReasoningEffort } from 'openai/resources/shared'
import { describe, expect, test } from 'vitest'
import { batching } from '../batches/batching.fixture.ts'
import { openapiEnums, openapiIsThere } from '../../../../scripts/openapi.fixture.ts'
import { chatTool, sdk } from '../sdk.fixture.ts'

const prices = { 'llama3.2': { inputUsd: 1, cachedUsd: 1, outputUsd: 2 } }

test('a model that prices or a list names is served by every endpoint, and no other is', async () => {
  await using service = await batching(({ model }) => ({ text: model }), { prices, models: ['mistral:7b', 'gpt-4o'] })
  const { client, clock, submit, results, fake } = service
  const ids = (await client.models.list()).data.map(({ id }) => id)
  const isOwn = /^(gpt|o\d|chatgpt|codex|computer|text|omni)-?/
  expect(ids.filter((id) => !isOwn.test(id))).toEqual(['llama3.2', 'mistral:7b'])
  expect(ids).toEqual([...new Set(ids)])
  for (const model of ['llama3.2', 'mistral:7b']) {
    expect(await client.models.retrieve(model)).toMatchObject({ id: model, object: 'model' })
    expect(await client.responses.create({ model, input: 'Hi' })).toMatchObject({ model, output_text: model })
    const messages = [{ role: 'user' as const, content: 'Hi' }]
    expect(await client.chat.completions.create({ model, messages })).toMatchObject({ model })
    const body = { model, input: 'Hi' }
    const { id } = await submit([{ custom_id: 'a', method: 'POST', url: '/v1/responses', body }], '/v1/responses')
    await clock.advance(120_000)
    const done = await client.batches.retrieve(id)
    expect(done).toMatchObject({ status: 'completed', model })
    expect(await results(done.output_file_id)).toMatchObject([['a', { response: { status_code: 200 } }]])
  }
  await expect(client.responses.create({ model: 'llama3', input: 'Hi' })).rejects.toThrow('does not exist')
  const { lines } = await fake.invoice()
  expect(lines.map(({ model, costNano }) => [model, costNano === null])).toEqual([
    ['llama3.2', false],
    ['llama3.2', false],
    ['mistral:7b', true],
    ['mistral:7b', true],
  ])
})

describe.skipIf(!openapiIsThere)(
  'the models that the platform describes (skipped where ../shared/data is not there)',
  () => {
    const shared = openapiEnums('ModelIdsShared')
    const all = openapiEnums('ModelIdsResponses')
    test('are all served by the Responses API', async () => {
      await using service = await sdk(({ model }) => ({ text: model }))
      expect(all.length).toBeGreaterThanOrEqual(100)
      for (const model of all)
        expect((await service.client.responses.create({ model, input: 'Hi' })).output_text).toBe(model)
      const listed = (await service.client.models.list()).data.map(({ id }) => id)
      expect(all.filter((name) => !listed.includes(name))).toEqual([])
    })

    test('are served by Chat Completions, but for those that it has not', async () => {
      await using service = await sdk(({ model }) => ({ text: model }))
      const refused: string[] = []
      for (const model of all)
        await service.client.chat.completions
          .create({ model, messages: [{ role: 'user', content: 'Hi' }] })
          .catch(({ status, message }: Error & { readonly status: number }) => {
            refused.push(model)
            expect([status, message]).toEqual([
              404,
              '404 This model is only supported in v1/responses and not in v1/chat/completions.',
            ])
          })
      expect(all.filter((name) => !shared.includes(name)).filter((name) => !refused.includes(name))).toEqual([])
      expect(refused).not.toContain('o3')
    })
  },
)

describe('a model', () => {
  const messages = [{ role: 'user' as const, content: 'Hi' }]
  test('that reasons takes what it can of how it is asked to, on each API', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const { responses, chat } = service.client
    const respond = (model: string, more: object) => verdict(responses.create({ model, input: 'Hi', ...more }))
    const say = (model: string, more: object) => verdict(chat.completions.create({ model, messages, ...more }))
    const temperature = { temperature: 0.5 }
    const tools = { tools: [chatTool] }
    const effort = (value: ReasoningEffort) => ({ reasoning: { effort: value } })
    const unsupported = "400 Unsupported parameter: 'temperature' is not supported with this model."
    const old =
      "400 Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    expect([
      await respond('o3', temperature),
      await respond('gpt-5.2', temperature),
      await respond('gpt-5.2', { ...temperature, ...effort('low') }),
      await respond('gpt-5.6-sol', temperature),
      await respond('gpt-5.6-sol', { ...temperature, ...effort('none') }),
      await respond('gpt-5-pro', effort('low')),
      await respond('o3', effort('minimal')),
      await respond('o3', effort('high')),
    ]).toEqual([
      unsupported,
      'ok',
      unsupported,
      unsupported,
      'ok',
      "400 Unsupported value: 'low' is not supported with the 'gpt-5-pro' model. Supported values are: 'high'.",
      "400 Unsupported value: 'minimal' is not supported with the 'o3' model. Supported values are: 'low', 'medium', and 'high'.",
      'ok',
    ])
    expect([
      await say('o3', temperature),
      await say('o3', { temperature: 1 }),
      await say('o3', { max_tokens: 100 }),
      await say('o3', tools),
      await say('gpt-5.4', tools),
      await say('gpt-5.6-sol', tools),
      await say('o4-mini', { reasoning_effort: 'none' }),
    ]).toEqual([
      "400 Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported.",
      'ok',
      old,
      'ok',
      'ok',
      "400 Function tools with reasoning_effort are not supported for gpt-5.6-sol in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.",
      "400 Unsupported value: 'none' is not supported with the 'o4-mini' model. Supported values are: 'low', 'medium', and 'high'.",
    ])
  })

  test('reads and writes no more than it can', async () => {
    await using service = await sdk(() => ({ text: 'word '.repeat(5000) }))
    const { responses, chat } = service.client
    const long = 'word '.repeat(8200)
    expect([
      await verdict(responses.create({ model: 'gpt-4', input: long })),
      await verdict(responses.create({ model: 'gpt-4o', input: long })),
      await verdict(responses.create({ model: 'gpt-4o', input: 'Hi', max_output_tokens: 32_000 })),
      await verdict(chat.completions.create({ model: 'gpt-4o', messages, max_tokens: 32_000 })),
    ]).toEqual([
      '400 Your input exceeds the context window of this model. Please adjust your input and try again.',
      'ok',
      "400 Invalid 'max_output_tokens': integer above maximum value. Expected a value <= 16384, but got 32000 instead.",
      '400 max_tokens is too large: 32000. This model supports at most 16384 completion tokens, whereas you provided 32000.',
    ])
    const short = await responses.create({ model: 'gpt-4o-2024-05-13', input: 'Hi' })
    expect(short).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })
    expect(short.usage?.output_tokens).toBeLessThanOrEqual(4096)
  })

  test('is called in a reply by the snapshot that its name stands for', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const nameOf = async (model: string) => (await service.client.responses.create({ model, input: 'Hi' })).model
    expect([await nameOf('gpt-5-mini'), await nameOf('gpt-4o-2024-11-20'), await nameOf('gpt-5.6-sol')]).toEqual([
      'gpt-5-mini-2025-08-07',
      'gpt-4o-2024-11-20',
      'gpt-5.6-sol',
    ])
  })
})

/** What comes of a request: `ok`, or why not. */
async function verdict(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => 'ok',
    ({ message }: Error) => message,
  )
}
