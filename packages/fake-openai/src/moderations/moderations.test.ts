import { describe, expect, test } from 'vitest'
import { openapiComplaint, openapiIsThere } from '../../../../scripts/openapi.fixture.ts'
import { sdk } from '../sdk.fixture.ts'

describe('moderations', () => {
  test('flag a text for what it names in brackets, and nothing else', async () => {
    await using service = await sdk(() => ({}))
    const input = ['I hate rain.', 'Rain. [violence] [hate/threatening]']
    const answer = await service.client.moderations.create({ input })
    expect(answer.model).toBe('omni-moderation-latest')
    expect(answer.results.map(({ flagged }) => flagged)).toEqual([false, true])
    const named = Object.entries(answer.results[1]?.categories ?? {}).flatMap(([name, is]) => (is ? [name] : []))
    expect(named).toEqual(['hate/threatening', 'violence'])
    expect(answer.results[1]?.category_scores).toMatchObject({ violence: 0.99, hate: 0.000_01 })
    if (openapiIsThere) expect(openapiComplaint('CreateModerationResponse', answer)).toBeUndefined()
  })

  test('judge words and pictures together', async () => {
    await using service = await sdk(() => ({}))
    const { results } = await service.client.moderations.create({
      model: 'omni-moderation-2024-09-26',
      input: [
        { type: 'text', text: 'Rain' },
        { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
      ],
    })
    expect(results).toMatchObject([
      { flagged: false, category_applied_input_types: { hate: ['text'], violence: ['text', 'image'] } },
    ])
  })

  test.for<[body: object, message: string]>([
    [{}, "Missing required parameter: 'input'."],
    [{ input: 1 }, "Invalid type for 'input': expected one of a string or an array, but got an integer instead."],
    [{ input: [{ text: 'a' }] }, "Missing required parameter: 'input[0].type'."],
    [
      { input: 'a', model: 'gpt-4.1' },
      "Invalid value for 'model' = gpt-4.1. Please check the OpenAI documentation and try again.",
    ],
  ])('of %o are refused: %s', async ([body, message]) => {
    await using service = await sdk(() => ({}))
    await expect(service.client.post('/moderations', { body })).rejects.toThrow(`400 ${message}`)
  })
})
