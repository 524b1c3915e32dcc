import { describe, expect, test } from 'vitest'
import { manualClock } from '@reprise/testing'
import { openapiComplaint, openapiIsThere } from '../../../../scripts/openapi.fixture.ts'
import { sdk, tool } from '../sdk.fixture.ts'

const model = 'gpt-4.1-mini'
const hi = { type: 'message' as const, role: 'user' as const, content: 'Hi' }

describe('a conversation', () => {
  test('is made, described, changed in its metadata, and deleted', async () => {
    await using service = await sdk(() => ({}))
    const { conversations } = service.client
    const made = await conversations.create({ metadata: { of: 'one' } })
    expect(made).toMatchObject({ object: 'conversation', metadata: { of: 'one' } })
    expect(made.id).toMatch(/^conv_/)
    expect(await conversations.retrieve(made.id)).toEqual(made)
    expect(await conversations.update(made.id, { metadata: {} })).toEqual({ ...made, metadata: {} })
    expect(await conversations.delete(made.id)).toEqual({ object: 'conversation.deleted', deleted: true, id: made.id })
    await expect(conversations.retrieve(made.id)).rejects.toThrow(`404 Conversation with id '${made.id}' not found.`)
    if (openapiIsThere) expect(openapiComplaint('ConversationResource', made)).toBeUndefined()
  })

  test('takes items, lists them, tells one, and forgets one', async () => {
    await using service = await sdk(() => ({}))
    const { conversations } = service.client
    const made = await conversations.create({ items: [hi] })
    const call = { type: 'function_call' as const, call_id: 'a', name: 'get_weather', arguments: '{}' }
    const added = await conversations.items.create(made.id, { items: [{ ...hi, role: 'developer' }, call] })
    const list = async () => Array.fromAsync(conversations.items.list(made.id, { order: 'asc', limit: 1 }))
    const all = await list()
    expect(all.slice(1)).toEqual(added.data)
    expect(all).toMatchObject([
      { type: 'message', role: 'user', status: 'completed', content: [{ type: 'input_text', text: 'Hi' }] },
      { role: 'developer' },
      call,
    ])
    const id = all[1]?.id ?? ''
    expect(await conversations.items.retrieve(id, { conversation_id: made.id })).toEqual(all[1])
    expect(await conversations.items.delete(id, { conversation_id: made.id })).toEqual(made)
    expect(await list()).toEqual([all[0], all[2]])
    await expect(conversations.items.retrieve(id, { conversation_id: made.id })).rejects.toMatchObject({ status: 404 })
    if (openapiIsThere) expect(openapiComplaint('ConversationItemList', added)).toBeUndefined()
  })

  test('goes on with each response that names it, which a script sees whole', async () => {
    const seen: unknown[] = []
    await using service = await sdk(({ body, n }) => {
      seen.push(body.input)
      return n === 1 ? { calls: [{ name: 'get_weather', callId: 'a' }] } : { text: 'Rain.' }
    })
    const { conversations, responses } = service.client
    const { id } = await conversations.create()
    const first = await responses.create({ model, input: 'Hi', tools: [tool], conversation: id })
    const result = { type: 'function_call_output' as const, call_id: 'a', output: 'Rain' }
    const stream = responses.stream({ model, input: [result], conversation: { id }, store: false })
    const second = await stream.finalResponse()
    expect([first.conversation, second.conversation]).toEqual([{ id }, { id }])
    const kept = await Array.fromAsync(conversations.items.list(id, { order: 'asc' }))
    expect(kept).toMatchObject([
      { role: 'user' },
      { type: 'function_call', id: first.output[0]?.id },
      result,
      { role: 'assistant', id: second.output[0]?.id },
    ])
    expect(seen[1]).toEqual([...kept.slice(0, 2), result])
    expect(new Set(kept.map((item) => item.id)).size).toBe(4)
  })

  test('stays as it is where a response fails', async () => {
    await using service = await sdk(() => ({ failure: { code: 'server_error', message: 'Down.' } }))
    const { conversations, responses } = service.client
    const { id } = await conversations.create({ items: [hi] })
    expect(await responses.create({ model, input: 'Hi', conversation: id })).toMatchObject({ status: 'failed' })
    expect((await conversations.items.list(id)).data).toHaveLength(1)
  })

  test('has what is said in the background when that is there, and not where it was stopped', async () => {
    const clock = manualClock()
    await using service = await sdk(() => ({ text: 'Hello', delayMs: 5_000 }), { clock })
    const { conversations, responses } = service.client
    const { id } = await conversations.create()
    const roles = async () =>
      (await conversations.items.list(id, { order: 'asc' })).data.map((item) => 'role' in item && item.role)
    const ask = () => responses.create({ model, input: 'Hi', conversation: id, background: true })
    await ask()
    expect(await roles()).toEqual([])
    await clock.advance(5_000)
    expect(await roles()).toEqual(['user', 'assistant'])
    await responses.cancel((await ask()).id)
    await clock.advance(5_000)
    expect(await roles()).toEqual(['user', 'assistant'])
  })

  test.for<[path: string, body: object, message: string]>([
    ['conversations', { items: [{ role: 'user' }] }, "400 Missing required parameter: 'items[0].content'."],
    [
      'conversations',
      { metadata: { a: 1 } },
      "400 Invalid type for 'metadata.a': expected a string, but got an integer instead.",
    ],
    [
      'conversations',
      { items: Array.from({ length: 21 }, () => hi) },
      "400 Invalid 'items': array too long. Expected an array with maximum length 20, but got an array with length 21 instead.",
    ],
    [
      'conversations',
      { items: [{ type: 'item_reference', id: 'msg_1' }] },
      "400 'items[0]' of type 'item_reference' is more than this fake server can do. Leave it out, or ask the platform.",
    ],
    ['conversations/conv_1/items', { items: [hi] }, "404 Conversation with id 'conv_1' not found."],
    ['responses', { model, input: 'Hi', conversation: 'conv_1' }, "404 Conversation with id 'conv_1' not found."],
    ['responses', { model, input: 'Hi', conversation: {} }, "400 Missing required parameter: 'conversation.id'."],
    [
      'responses',
      { model, input: 'Hi', conversation: 'conv_1', previous_response_id: 'resp_1' },
      "400 Mutually exclusive parameters. Ensure you are only providing one of: 'previous_response_id' or 'conversation'.",
    ],
  ])('at /v1/%s is refused for %j', async ([path, body, message]) => {
    await using service = await sdk(() => ({}))
    await expect(service.client.post(`/${path}`, { body })).rejects.toThrow(message)
  })
})
