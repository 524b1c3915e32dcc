// Evaluator and optimiser: one agent writes, another says what is wrong, until it is good or the rounds are over.
import assert from 'node:assert/strict'
import { createRuntime, defineAgent, defineWorkflow } from '@reprise/core'
import { fakeOpenAI } from '@reprise/fake-openai'
import { openai } from '@reprise/openai'
import { memoryStore } from '@reprise/testing'
import { z } from 'zod'
import { answer, childrenOf, played, type Tell, tellTree } from './stage.ts'

const model = 'gpt-4.1-mini'
const writer = defineAgent({ name: 'writer', model, instructions: 'You are the writer. Write one line.' })
const judge = defineAgent({
  name: 'judge',
  model,
  instructions: 'You are the judge. A line is good that names a number. Say what is wrong with it.',
  output: z.object({ good: z.boolean(), complaint: z.string() }),
})

const ROUNDS = 3

const polish = defineWorkflow({
  name: 'polish',
  input: z.object({ about: z.string() }),
  async run(ctx, { about }) {
    let task = `About ${about}`
    for (let round = 1; ; round++) {
      const line = await ctx.agent(writer, task, { key: `round-${round}` })
      const { good, complaint } = await ctx.agent(judge, line, { key: `round-${round}` })
      if (good || round === ROUNDS) return { line, good, rounds: round }
      task = `About ${about}. You wrote: ${line} It was sent back: ${complaint}`
    }
  },
})

export async function play(tell: Tell): Promise<void> {
  const script = played({
    writer: ({ task }) => ({ text: task.includes('sent back') ? 'It is 330 metres high.' : 'It is very high.' }),
    judge: ({ task }) =>
      /\d/.test(task) ? answer({ good: true, complaint: '' }) : answer({ good: false, complaint: 'How high?' }),
  })
  await using fake = await fakeOpenAI(script)
  const models = openai({ baseURL: fake.url, apiKey: 'any' })
  await using runtime = createRuntime({ store: memoryStore(), models, definitions: [polish, writer, judge] })

  const run = await runtime.start(polish, { about: 'the Eiffel Tower' })
  assert.deepEqual(await run.result(), { line: 'It is 330 metres high.', good: true, rounds: 2 })
  assert.equal((await childrenOf(runtime, run.id)).length, 4)
  await tellTree(runtime, run.id, tell)
}
