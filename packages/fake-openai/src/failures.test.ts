import { describe, expect, test } from 'vitest'
import { manualClock } from '@reprise/testing'
import { batching } from './batches/batching.fixture.ts'
import { sdk } from './sdk.fixture.ts'

const model = 'gpt-4.1-mini'

/** JSON that nests so deep. */
function deep(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels)
}

describe('a body that nests too deep', () => {
  test.for<[what: string, body: string]>([
    ['in an item', `{"model":"${model}","input":[{"role":"user","content":"Hi","more":${deep(10_000)}}]}`],
    ['in a schema', `{"model":"${model}","input":"Hi","text":{"format":{"schema":${deep(1000)}}}}`],
    ['far deeper', `{"model":${deep(100_000)}}`],
  ])('%s is refused, and no script is said to have thrown', async ([, body]) => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const headers = { authorization: 'Bearer sk-test' }
    const answer = await fetch(`${service.fake.url}/responses`, { method: 'POST', headers, body })
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { error: { message: expect.stringContaining('nests more than 1000 levels deep') as string } },
    ])
    expect(service.fake.requests).toHaveLength(1)
  })

  test('as a line of a batch is told with its number', async () => {
    await using service = await batching(() => ({ text: 'Hello' }))
    const line = `{"custom_id":"a","method":"POST","url":"/v1/responses","body":{"model":${deep(10_000)}}}`
    const { id } = await service.submit([line], '/v1/responses')
    await service.clock.advance(10_000)
    const { status, errors } = await service.client.batches.retrieve(id)
    expect([status, errors?.data]).toMatchObject([
      'failed',
      [{ code: 'invalid_json_line', line: 1, message: expect.stringContaining('nests more than 1000') as string }],
    ])
  })
})

test('a reply that nobody waits for any more is not waited for', async () => {
  const clock = manualClock()
  const left = new AbortController()
  const gone = Promise.withResolvers<void>()
  await using service = await sdk(
    async () => {
      left.abort()
      await gone.promise
      return { text: 'Hello', delayMs: 60_000 }
    },
    { clock },
  )
  const asked = service.client.responses.create({ model, input: 'Hi' }, { signal: left.signal })
  await expect(asked).rejects.toThrow('aborted')
  // Another request comes to its end: by then the server knows that the first one is gone.
  await service.client.models.list()
  gone.resolve()
  await service.client.models.list()
  await expect.poll(() => clock.pending).toBe(0)
})

describe('an answer of a script', () => {
  test.for<[said: unknown, shown: string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    ['Hello', '"Hello"'],
    [[], '[]'],
  ])('that is none is told with what it was: %j', async ([said, shown]) => {
    await using service = await sdk(() => said as never)
    await expect(service.client.responses.create({ model, input: 'Hi' })).rejects.toThrow(
      `500 The script gave ${shown} to request 1. It must give a reply, as { text: 'Hello' }, or { error } or { hang: true }.`,
    )
  })

  test('with a fault that there is not is told with those that there are', async () => {
    await using service = await sdk(() => ({ text: 'Hello', fault: 'toString' as never }))
    await expect(service.client.responses.create({ model, input: 'Hi' })).rejects.toThrow(
      /^500 There is no fault "toString"\. There are: request_timeout, conflict, .*content_filter\.$/,
    )
  })

  test('that throws is told as it threw, and is not asked again', async () => {
    let asked = 0
    await using service = await sdk(() => {
      asked += 1
      throw new Error('No weather today.')
    })
    await expect(service.client.responses.create({ model, input: 'Hi' }, { maxRetries: 2 })).rejects.toThrow(
      '500 The script threw: No weather today.',
    )
    expect(asked).toBe(1)
  })
})
