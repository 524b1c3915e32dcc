import { describe, expect, test } from 'vitest'
import { openapiComplaint, openapiIsThere } from '../../../../scripts/openapi.fixture.ts'
import { sdk } from '../sdk.fixture.ts'

const model = 'gpt-4.1-mini'
const user = (text: string) => ({ role: 'user' as const, content: text })

describe('a compaction', () => {
  test('keeps what the user said and puts one item for all else, which a script sees', async () => {
    const seen: unknown[] = []
    await using service = await sdk(({ body }) => {
      seen.push(body.input)
      return { text: 'Hello' }
    })
    const { responses } = service.client
    const first = await responses.create({ model, input: 'Hi' })
    const { output, usage, object } = await responses.compact({
      model,
      input: [user('More')],
      previous_response_id: first.id,
    })
    expect(object).toBe('response.compaction')
    expect(output).toMatchObject([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'More' }] },
      { type: 'compaction', encrypted_content: expect.any(String) as string },
    ])
    expect([usage.input_tokens > (first.usage?.input_tokens ?? 0), usage.output_tokens]).toEqual([true, 0])
    await responses.create({ model, input: [...(output as object[]), user('And?')] as never })
    expect(seen[1]).toMatchObject([...output, user('And?')])
    expect((await service.fake.invoice()).lines).toMatchObject([{ requests: 3 }])
    if (openapiIsThere) {
      const { usage: used, ...rest } = await responses.compact({ model, input: 'Hi' })
      expect(openapiComplaint('CompactResource', { ...rest, usage: used })).toBeUndefined()
    }
  })

  test.for<[body: object, message: string]>([
    [{ model, input: 'Hi', tools: [] }, "Unknown parameter: 'tools'."],
    [{ input: 'Hi' }, "Missing required parameter: 'model'."],
    [{ model }, "Missing required parameter: 'input'."],
  ])('of %j is refused: %s', async ([body, message]) => {
    await using service = await sdk(() => ({}))
    await expect(service.client.post('/responses/compact', { body })).rejects.toThrow(`400 ${message}`)
  })
})
