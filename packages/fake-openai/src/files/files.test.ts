import { describe, expect, test } from 'vitest'
import { batching } from '../batches/batching.fixture.ts'

const DAY_MS = 86_400_000

describe('a file', () => {
  test('is uploaded, described, read, listed by purpose and deleted', async () => {
    await using service = await batching(() => ({}))
    const { files } = service.client
    const upload = { file: new File(['Hällo'], 'hello.txt'), purpose: 'user_data' } as const
    const created = await files.create(upload)
    expect(created).toEqual({
      object: 'file',
      id: created.id,
      purpose: 'user_data',
      filename: 'hello.txt',
      bytes: 6,
      created_at: 1_764_000_000,
      expires_at: null,
      status: 'processed',
      status_details: null,
    })
    expect(await files.retrieve(created.id)).toEqual(created)
    expect(await (await files.content(created.id)).text()).toBe('Hällo')
    expect((await files.list({ purpose: 'batch' })).data).toEqual([])
    expect((await files.list({ purpose: 'user_data' })).data).toEqual([created])
    expect(await files.delete(created.id)).toEqual({ object: 'file', id: created.id, deleted: true })
    await expect(files.retrieve(created.id)).rejects.toThrow(`404 No such File object: ${created.id}`)
  })

  test('has the same id in each run of a test', async () => {
    const idOf = async (text: string) => {
      await using service = await batching(() => ({}))
      const file = new File([text], 'a.txt')
      return (await service.client.files.create({ file, purpose: 'user_data' })).id
    }
    const id = await idOf('one')
    expect(id).toMatch(/^file-[0-9a-f]{22}$/)
    expect(await idOf('one')).toBe(id)
    expect(await idOf('two')).not.toBe(id)
  })

  test('of a batch is gone after thirty days', async () => {
    await using service = await batching(() => ({}))
    const { files } = service.client
    const { id } = await files.create({ file: new File(['{}'], 'a.jsonl'), purpose: 'batch' })
    await service.clock.advance(30 * DAY_MS - 1)
    expect(await files.retrieve(id)).toMatchObject({ id })
    await service.clock.advance(1)
    await expect(files.retrieve(id)).rejects.toMatchObject({ status: 404 })
  })

  test('is refused without a purpose, and outside of a form', async () => {
    await using service = await batching(() => ({}))
    const post = (body: FormData | string) =>
      fetch(`${service.fake.url}/files`, { method: 'POST', headers: { authorization: 'Bearer x' }, body })
    const form = new FormData()
    form.append('file', new File(['x'], 'x.txt'))
    const answers = [await post(form), await post('{}')]
    expect(await Promise.all(answers.map((answer) => answer.json()))).toMatchObject([
      { error: { message: "Missing required parameter: 'purpose'." } },
      { error: { message: 'Could not parse multipart form. Send the file as multipart/form-data.' } },
    ])
  })
})

describe('a file that a request names', () => {
  const model = 'gpt-4.1-mini'
  test('is there, or the request is refused', async () => {
    const seen: unknown[] = []
    await using service = await batching(({ body }) => {
      seen.push(body.input[0])
      return { text: 'Hello' }
    })
    const { client } = service
    const { id } = await client.files.create({ file: new File(['Hi'], 'a.txt'), purpose: 'user_data' })
    const part = (fileId: string) => ({ type: 'input_file' as const, file_id: fileId })
    const respond = (fileId: string) =>
      client.responses.create({ model, input: [{ role: 'user', content: [part(fileId)] }] })
    const chat = (fileId: string) =>
      client.chat.completions.create({
        model,
        messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: fileId } }] }],
      })
    const run = (fileId: string) => {
      const container = { type: 'auto' as const, file_ids: [fileId] }
      return client.responses.create({ model, input: 'Hi', tools: [{ type: 'code_interpreter', container }] })
    }
    for (const ask of [respond, chat, run]) expect(await ask(id)).toMatchObject({ model: 'gpt-4.1-mini-2025-04-14' })
    expect(seen.slice(0, 2)).toMatchObject([{ content: [part(id)] }, { content: [part(id)] }])
    await client.files.delete(id)
    const places = [
      [respond, 'input[0].content[0].file_id'],
      [chat, 'messages[0].content[0].file.file_id'],
      [run, 'tools[0].container.file_ids[0]'],
    ] as const
    for (const [ask, param] of places)
      await expect(ask(id)).rejects.toMatchObject({ status: 404, param, message: `404 No such File object: ${id}` })
  })

  test('is not looked for in what a call says', async () => {
    await using service = await batching(() => ({ text: 'Hello' }))
    const call = { type: 'function_call' as const, call_id: 'a', name: 'read', arguments: '{"file_id":"x"}' }
    const output = { type: 'function_call_output' as const, call_id: 'a', output: '{"file_id":"x"}' }
    const done = await service.client.responses.create({ model, input: [call, output] })
    expect(done.output_text).toBe('Hello')
  })
})
