import { expect, test } from 'vitest'
import { batching } from '../batches/batching.fixture.ts'

const prices = { 'llama3.2': { inputUsd: 1, cachedUsd: 1, outputUsd: 2 } }

test('a model that prices or a list names is served by every endpoint, and no other is', async () => {
  await using service = await batching(({ model }) => ({ text: model }), { prices, models: ['mistral:7b', 'gpt-4o'] })
  const { client, clock, submit, results, fake } = service
  const ids = (await client.models.list()).data.map(({ id }) => id)
  expect(ids.filter((id) => !id.startsWith('gpt-'))).toEqual(['llama3.2', 'mistral:7b'])
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
