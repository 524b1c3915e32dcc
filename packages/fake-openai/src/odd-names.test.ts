import { describe, expect, test } from 'vitest'
import { expectations } from './expectations/expectations.ts'
import { sdk } from './sdk.fixture.ts'

/** What every object of JavaScript has, and no object of JSON. */
const inherited = ['constructor', 'toString', 'valueOf', '__proto__']

describe('a name that every object has', () => {
  test.for(inherited)('is no kind of a part: %s', async (type) => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const content = [{ type }]
    await expect(
      service.client.post('/chat/completions', {
        body: { model: 'gpt-4.1-mini', messages: [{ role: 'user', content }] },
      }),
    ).rejects.toThrow(
      `400 Invalid value: '${type}'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', 'audio', and 'file'.`,
    )
  })

  test.for(inherited)('is no property of a strict schema: %s', async (name) => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const parameters = { type: 'object', properties: {}, required: [name], additionalProperties: false }
    const tools = [{ type: 'function', name: 'look', strict: true, parameters }]
    await expect(
      service.client.post('/responses', { body: { model: 'gpt-4.1-mini', input: 'Hi', tools } }),
    ).rejects.toThrow(`Extra required key '${name}' supplied.`)
  })

  test.for(inherited)('is no field of an expectation: %s', (name) => {
    const list = JSON.parse(`[{ "reply": { ${JSON.stringify(name)}: 1 } }]`) as never
    expect(() => expectations(list)).toThrow(`expectations: [0].reply.${name} is not known. There are: text, deltas,`)
  })

  test.for(inherited)('has no price, and is a model like any other: %s', async (name) => {
    await using service = await sdk(() => ({ text: 'Hello' }), { models: [name] })
    const content = [{ type: 'input_image' as const, image_url: 'https://example.com/a.png', detail: 'low' as const }]
    const { usage } = await service.client.responses.create({ model: name, input: [{ role: 'user', content }] })
    expect(usage?.input_tokens).toBeGreaterThan(0)
    expect((await service.fake.invoice()).lines).toMatchObject([{ model: name, requests: 1, costNano: null }])
  })
})
