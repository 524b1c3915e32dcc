// The day, as a run's model is told it.
import { createRuntime } from '@reprise/core'
import { openai } from '@reprise/openai'
import { manualClock, memoryStore } from '@reprise/testing'
import { expect, test } from 'vitest'
import { fakeOpenAI } from '../fake-openai.ts'
import { clerk, part } from './shop.fixture.ts'

const LATE_AT_NIGHT = Date.UTC(2026, 10, 25, 23, 59, 59)

test('the day is the one at which the run stands, the same after a crash, and the last thing that is said', async () => {
  const clock = manualClock({ now: LATE_AT_NIGHT })
  const silent = Promise.withResolvers<void>()
  await using fake = await fakeOpenAI(
    async (ask) => {
      if (ask.n !== 2) return part(ask)
      silent.resolve()
      return { hang: true }
    },
    { clock },
  )
  const store = memoryStore()
  const open = () =>
    createRuntime({
      store,
      models: openai({ apiKey: 'sk-test', baseURL: fake.url, tellDate: true, clock }),
      definitions: [clerk],
      clock,
    })
  const one = open()
  await one.start(clerk, 'Where is my order 4711?', { id: 'ticket' })
  await silent.promise
  const closing = one.close()
  await clock.advance(86_400_000)
  await closing
  await using two = open()
  await (await two.resume('ticket')).result()

  const [first, second, again] = fake.requests.map(({ body }) => body)
  expect(again).toEqual(second)
  for (const body of [first, second]) {
    const input = body?.['input'] as readonly object[]
    expect(input.at(-1)).toEqual({
      type: 'message',
      role: 'developer',
      content:
        'Today is 2026-11-25. Your own knowledge ends on 2024-06-01: take what is newer from this conversation and your tools.',
    })
    expect(JSON.stringify({ ...body, input: input.slice(0, -1) })).not.toContain('2026')
  }
  expect((await two.replay('ticket')).status).toBe('matched')
})
