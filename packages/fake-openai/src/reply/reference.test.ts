import { describe, expect, test } from 'vitest'
import { sdk, tool } from '../sdk.fixture.ts'

const model = 'gpt-4.1-mini'

describe('a reference to an item', () => {
  test('is the item itself to a script, with its type or without', async () => {
    const seen: unknown[] = []
    await using service = await sdk(({ body, n }) => {
      seen.push(body.input)
      return n === 1 ? { text: 'Let me see.', calls: [{ name: 'get_weather' }] } : { text: 'Rain.' }
    })
    const { responses } = service.client
    const { output } = await responses.create({ model, input: 'Hi', tools: [tool] })
    const [said, called] = output
    if (said?.id === undefined || called?.type !== 'function_call' || called.id === undefined)
      throw new Error('A message and a call were expected.')
    const result = { type: 'function_call_output' as const, call_id: called.call_id, output: 'Rain' }
    const input = [{ id: said.id }, { type: 'item_reference' as const, id: called.id }, result]
    await responses.create({ model, input })
    expect(seen[1]).toEqual([said, called, result])
  })

  test.for<[name: string, store: boolean, more: string]>([
    ['nobody put out', true, ''],
    [
      'a request that keeps nothing refers to',
      false,
      ' Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.',
    ],
  ])('that %s is not found', async ([, store, more]) => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const input = [{ type: 'item_reference' as const, id: 'msg_1' }]
    await expect(service.client.responses.create({ model, input, store })).rejects.toMatchObject({
      status: 404,
      error: { message: `Item with id 'msg_1' not found.${more}`, param: 'input', code: null },
    })
  })

  test('is not found once its response is deleted, or was not kept', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const { responses } = service.client
    for (const store of [true, false]) {
      const { id, output } = await responses.create({ model, input: 'Hi', store })
      if (store) await responses.delete(id)
      const input = output.map((item) => ({ type: 'item_reference' as const, id: item.id ?? '' }))
      await expect(responses.create({ model, input })).rejects.toMatchObject({ status: 404 })
    }
  })
})
