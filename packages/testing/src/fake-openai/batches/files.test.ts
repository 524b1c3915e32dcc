import { describe, expect, test } from 'vitest'
import { batching } from './batching.fixture.ts'

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
