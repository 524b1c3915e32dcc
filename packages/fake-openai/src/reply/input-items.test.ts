import { expect, test } from 'vitest'
import { openapiComplaint, openapiIsThere } from '../../../../scripts/openapi.fixture.ts'
import { sdk, tool } from '../sdk.fixture.ts'

const model = 'gpt-4.1-mini'

test('the input items of a response are its whole conversation, each with an id, its end first', async () => {
  await using service = await sdk(({ n }) =>
    n === 1 ? { calls: [{ name: 'get_weather', callId: 'a' }] } : { text: 'Rain.' },
  )
  const { responses } = service.client
  const first = await responses.create({ model, input: 'Hi', tools: [tool] })
  const result = { type: 'function_call_output' as const, call_id: 'a', output: 'Rain' }
  const second = await responses.create({ model, input: [result], previous_response_id: first.id })
  const items = await Array.fromAsync(responses.inputItems.list(second.id, { order: 'asc' }))
  expect(items).toMatchObject([
    { type: 'message', role: 'user', status: 'completed', content: [{ type: 'input_text', text: 'Hi' }] },
    { type: 'function_call', name: 'get_weather', id: first.output[0]?.id },
    { ...result, status: 'completed' },
  ])
  const ids = items.map(({ id }) => id)
  expect(ids.map((id) => id?.replace(/_.*/, ''))).toEqual(['msg', 'fc', 'fc'])
  const page = await responses.inputItems.list(second.id, { limit: 2 })
  expect([page.data.map(({ id }) => id), page.has_more]).toEqual([ids.toReversed().slice(0, 2), true])
  expect((await Array.fromAsync(responses.inputItems.list(second.id, { limit: 1 }))).map(({ id }) => id)).toEqual(
    ids.toReversed(),
  )
  const headers = { authorization: 'Bearer x' }
  const whole: unknown = await (
    await fetch(`${service.fake.url}/responses/${second.id}/input_items`, { headers })
  ).json()
  if (openapiIsThere) expect(openapiComplaint('ResponseItemList', whole)).toBeUndefined()
  await expect(Array.fromAsync(responses.inputItems.list('resp_1'))).rejects.toThrow(
    "404 Response with id 'resp_1' not found.",
  )
})
