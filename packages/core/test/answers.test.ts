import { memoryStore, scriptedModel } from '@reprise/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../src/define/agent.ts'
import { createRuntime } from '../src/runtime/create-runtime.ts'

const rated = defineAgent({
  name: 'rated',
  model: 'm',
  instructions: '',
  output: z.object({ stars: z.int() }),
})

/** What a run comes to whose model gives these answers in turn, and how often it is asked. */
async function given(...texts: readonly string[]): Promise<readonly [outcome: unknown, asked: number]> {
  const model = scriptedModel(texts.map((text) => ({ text })))
  await using runtime = createRuntime({ store: memoryStore(), models: model, definitions: [rated] })
  const run = await runtime.start(rated, 'How was it?', { id: 'r' })
  const { totals: _, ...outcome } = await run.outcome()
  expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
  return [outcome, model.requests]
}

test.for([
  ['in a fence', '```json\n{ "stars": 5 }\n```'],
  ['after thoughts', '<think>{"stars":1}? No.</think>{"stars":5}'],
  ['between words', 'I give {"stars":5}. Thank you!'],
  ['said twice', '{"stars":5}\n\n{ "stars": 5 }'],
  ['beside an object that is no answer', 'Seen {"orderId":"4711"}. {"stars":5}'],
] as const)('an answer %s is taken, and not paid for again', async ([, text]) => {
  expect(await given(text)).toEqual([{ kind: 'completed', output: { stars: 5 } }, 1])
})

test('an answer that is another one the second time goes back', async () => {
  expect(await given('{"stars":5} or {"stars":4}', '{"stars":4}')).toEqual([
    { kind: 'completed', output: { stars: 4 } },
    2,
  ])
})

test('an answer within words that breaks its schema goes back with what is wrong with it', async () => {
  expect(await given('I give {"stars":4.5}.', '{"stars":4}')).toEqual([{ kind: 'completed', output: { stars: 4 } }, 2])
})
