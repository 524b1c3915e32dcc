import { describe, expect, test } from 'vitest'
import { sdk } from '../sdk.fixture.ts'

async function conversation() {
  const service = await sdk(() => ({}))
  const items = ['one', 'two', 'three'].map((content) => ({ role: 'user' as const, content }))
  const { id } = await service.client.conversations.create({ items })
  const list = (query: object) =>
    service.client.get<{ data: { id: string }[] }>(`/conversations/${id}/items`, { query })
  return { ...service, id, list }
}

describe('a list', () => {
  test.for<[query: object, message: string, code: string]>([
    [
      { limit: 0 },
      "400 Invalid 'limit': integer below minimum value. Expected a value >= 1, but got 0 instead.",
      'integer_below_min_value',
    ],
    [
      { limit: 101 },
      "400 Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 101 instead.",
      'integer_above_max_value',
    ],
    [{ limit: 'all' }, "400 Invalid type for 'limit': expected an integer, but got a string instead.", 'invalid_type'],
    [{ limit: '' }, "400 Invalid type for 'limit': expected an integer, but got a string instead.", 'invalid_type'],
    [{ limit: 1.5 }, "400 Invalid type for 'limit': expected an integer, but got a string instead.", 'invalid_type'],
    [{ order: 'up' }, "400 Invalid value: 'up'. Supported values are: 'asc', and 'desc'.", 'invalid_value'],
  ])('is refused for %j', async ([query, message, code]) => {
    await using service = await conversation()
    await expect(service.list(query)).rejects.toMatchObject({ status: 400, message, code })
  })

  test('does not begin again after what is not in it, or not any more', async () => {
    await using service = await conversation()
    const { data } = await service.list({ limit: 1 })
    const after = data[0]?.id ?? ''
    expect((await service.list({ after })).data).toHaveLength(2)
    await service.client.conversations.items.delete(after, { conversation_id: service.id })
    await expect(service.list({ after })).rejects.toMatchObject({
      status: 400,
      message: `400 Invalid 'after': there is no '${after}' in this list.`,
      param: 'after',
    })
  })

  test('of files may be longer than others', async () => {
    await using service = await sdk(() => ({}))
    expect((await service.client.files.list({ limit: 10_000 })).data).toEqual([])
    await expect(service.client.files.list({ limit: 10_001 })).rejects.toMatchObject({ status: 400, param: 'limit' })
    await expect(service.client.batches.list({ limit: 101 })).rejects.toMatchObject({ status: 400, param: 'limit' })
  })
})
