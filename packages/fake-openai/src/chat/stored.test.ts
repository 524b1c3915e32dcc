import { describe, expect, test } from 'vitest'
import { openapiComplaint, openapiIsThere } from '../../../../scripts/openapi.fixture.ts'
import { chatTool, sdk } from '../sdk.fixture.ts'

const messages = [
  { role: 'system' as const, content: 'Be kind.' },
  { role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] },
]
const request = { model: 'gpt-4.1-mini', messages, tools: [chatTool], store: true, metadata: { of: 'one' } }

describe('a completion that is stored', () => {
  test('is retrieved, changed in its metadata, and deleted', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const { completions } = service.client.chat
    const made = await completions.create(request)
    const kept = await completions.retrieve(made.id)
    expect(kept).toMatchObject({ ...made, metadata: { of: 'one' }, tools: [chatTool], temperature: 1, seed: null })
    expect(await completions.update(made.id, { metadata: { of: 'two' } })).toEqual({ ...kept, metadata: { of: 'two' } })
    expect(await completions.delete(made.id)).toEqual({ object: 'chat.completion.deleted', id: made.id, deleted: true })
    await expect(completions.retrieve(made.id)).rejects.toThrow(`404 Chat completion with id '${made.id}' not found.`)
    await expect(completions.delete(made.id)).rejects.toMatchObject({ status: 404 })
    if (openapiIsThere) expect(openapiComplaint('CreateChatCompletionResponse', kept)).toBeUndefined()
  })

  test('is listed with others, the oldest first, by model and metadata and page by page', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const { completions } = service.client.chat
    const ids: string[] = []
    for (const of of ['one', 'two', 'one']) ids.push((await completions.create({ ...request, metadata: { of } })).id)
    const stream = await completions.create({ ...request, model: 'gpt-4.1', stream: true })
    const [chunk] = await Array.fromAsync(stream)
    await completions.create({ ...request, store: false, metadata: null })
    const list = async (query: object) => (await Array.fromAsync(completions.list(query))).map(({ id }) => id)
    expect(await list({})).toEqual([...ids, chunk?.id])
    expect(await list({ limit: 1, order: 'desc' })).toEqual([chunk?.id, ...ids.toReversed()])
    expect(await list({ model: 'gpt-4.1-2025-04-14' })).toEqual([chunk?.id])
    expect(await list({ metadata: { of: 'one' }, model: 'gpt-4.1-mini-2025-04-14' })).toEqual([ids[0], ids[2]])
    const headers = { authorization: 'Bearer x' }
    const page: unknown = await (await fetch(`${service.fake.url}/chat/completions`, { headers })).json()
    if (openapiIsThere) expect(openapiComplaint('ChatCompletionList', page)).toBeUndefined()
  })

  test('has its messages listed: those of the request', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const { completions } = service.client.chat
    const { id } = await completions.create(request)
    const page = await completions.messages.list(id)
    expect(page.data).toEqual([
      { id: `${id}-0`, role: 'system', content: 'Be kind.', content_parts: null, name: null, refusal: null },
      {
        id: `${id}-1`,
        role: 'user',
        content: null,
        content_parts: [{ type: 'text', text: 'Hi' }],
        name: null,
        refusal: null,
      },
    ])
    expect((await completions.messages.list(id, { order: 'desc', limit: 1 })).data[0]?.id).toBe(`${id}-1`)
  })

  test('that failed, or that is asked for wrongly, is not there', async () => {
    await using service = await sdk(() => ({ failure: { code: 'server_error', message: 'Down.' } }))
    const { completions } = service.client.chat
    await expect(completions.create(request)).rejects.toMatchObject({ status: 500 })
    expect((await completions.list()).data).toEqual([])
    await expect(service.client.post('/chat/completions/chatcmpl-1', { body: {} })).rejects.toThrow(
      "400 Missing required parameter: 'metadata'.",
    )
  })
})
