import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { manualClock } from '@reprise/testing'
import { describe, expect, test } from 'vitest'
import { fakeOpenAI } from '../fake-openai.ts'
import { sdk } from '../sdk.fixture.ts'

const model = 'gpt-4.1-mini'

test('a server that is asked for long holds what it held before', { tags: 'slow' }, async () => {
  const program = join(import.meta.dirname, 'memory.fixture.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, '2000,6000'])
  const [early = 0, late = Infinity] = stdout.trim().split('\n').map(Number)
  expect(early).toBeGreaterThan(0)
  expect(late / early).toBeLessThan(1.15)
})

describe('what a server keeps', () => {
  test('is so many requests, and no list of them where more came', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }), { keep: 5 })
    for (let nth = 0; nth < 5; nth += 1) await service.client.models.list()
    expect(service.fake.requests).toHaveLength(5)
    await service.client.models.list()
    expect(() => service.fake.requests).toThrow(
      new RangeError(
        'This fake server was sent 6 requests and keeps 5, so that its memory stays what it is: there is no list of them. ' +
          'Give it room where a test looks at them: fakeOpenAI(script, { keep: 50 }), or { keep: Infinity }.',
      ),
    )
  })

  test('is as many requests as it is told', async () => {
    for (const [keep, list] of [
      [0, undefined],
      [2, undefined],
      [3, 3],
      [Infinity, 3],
    ] as const) {
      await using service = await sdk(() => ({ text: 'Hello' }), { keep })
      for (let nth = 0; nth < 3; nth += 1) await service.client.models.list()
      if (list === undefined) expect(() => service.fake.requests).toThrow('was sent 3 requests')
      else expect(service.fake.requests).toHaveLength(list)
    }
  })

  test('is no number that is none', async () => {
    for (const keep of [-1, 2.5, Number.NaN]) {
      await expect(fakeOpenAI(() => ({}), { keep })).rejects.toThrow(
        new RangeError(`'keep' is ${keep}. It must be a whole number from 0, or Infinity.`),
      )
    }
  })

  test('is as many stored responses, and an older one is missed with the reason', async () => {
    await using service = await sdk(({ n }) => ({ text: `Hello ${n}` }), { keep: 2 })
    const { responses } = service.client
    const [first, second, third] = [
      await responses.create({ model, input: 'one' }),
      await responses.create({ model, input: 'two' }),
      await responses.create({ model, input: 'three' }),
    ]
    expect(await responses.retrieve(second.id)).toMatchObject({ output_text: 'Hello 2' })
    const why = " This fake server keeps 2 responses and has dropped the 1 before them: see 'keep' of its options."
    await expect(responses.retrieve(first.id)).rejects.toThrow(`404 Response with id '${first.id}' not found.${why}`)
    await expect(responses.create({ model, input: 'More', previous_response_id: first.id })).rejects.toThrow(
      `400 Previous response with id '${first.id}' not found.${why}`,
    )
    const itemOf = ({ output }: typeof first) => ({ type: 'item_reference', id: output[0]?.id ?? '' }) as const
    await expect(responses.create({ model, input: [itemOf(first)] })).rejects.toThrow(
      `404 Item with id '${first.output[0]?.id}' not found.${why}`,
    )
    expect(await responses.create({ model, input: [itemOf(third)] })).toMatchObject({ output_text: 'Hello 4' })
  })

  test('is as many stored completions', async () => {
    await using service = await sdk(({ n }) => ({ text: `Hello ${n}` }), { keep: 1 })
    const { completions } = service.client.chat
    const ask = (content: string) => completions.create({ model, store: true, messages: [{ role: 'user', content }] })
    const [first, second] = [await ask('one'), await ask('two')]
    expect(await completions.retrieve(second.id)).toMatchObject({ id: second.id })
    const why = " This fake server keeps 1 completions and has dropped the 1 before them: see 'keep' of its options."
    await expect(completions.retrieve(first.id)).rejects.toThrow(
      `404 Chat completion with id '${first.id}' not found.${why}`,
    )
  })

  test('is every background response that is not done, and each is charged once', async () => {
    const clock = manualClock()
    await using service = await sdk(() => ({ text: 'Hello', delayMs: 5_000 }), { clock, keep: 1 })
    const { responses } = service.client
    const ask = (input: string) => responses.create({ model, input, background: true })
    const [first, second] = [await ask('one'), await ask('two')]
    expect(await responses.retrieve(first.id)).toMatchObject({ status: 'in_progress' })
    await clock.advance(5_000)
    await ask('three')
    await expect(responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 })
    await expect(responses.retrieve(second.id)).rejects.toMatchObject({ status: 404 })
    await clock.advance(5_000)
    expect((await service.fake.invoice()).lines).toMatchObject([{ requests: 3 }])
  })
})
