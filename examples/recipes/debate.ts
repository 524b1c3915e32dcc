// Debate: two agents answer each other for so many rounds, and a third says who was right.
import assert from 'node:assert/strict'
import { createRuntime, defineAgent, defineWorkflow } from '@reprise/core'
import { fakeOpenAI } from '@reprise/fake-openai'
import { openai } from '@reprise/openai'
import { memoryStore } from '@reprise/testing'
import { z } from 'zod'
import { answer, childrenOf, played, type Tell, tellTree } from './stage.ts'

const model = 'gpt-4.1-mini'
const optimist = defineAgent({
  name: 'optimist',
  model,
  instructions: 'You are the optimist. Argue for it, in a line.',
})
const sceptic = defineAgent({
  name: 'sceptic',
  model,
  instructions: 'You are the sceptic. Argue against it, in a line.',
})
const chair = defineAgent({
  name: 'chair',
  model,
  instructions: 'You are the chair. Say who was right, and why.',
  output: z.object({ winner: z.enum(['optimist', 'sceptic']), why: z.string() }),
})

const debate = defineWorkflow({
  name: 'debate',
  input: z.object({ question: z.string(), rounds: z.int().min(1).max(5) }),
  async run(ctx, { question, rounds }) {
    const said: string[] = []
    for (let round = 1; round <= rounds; round++) {
      for (const [name, side] of Object.entries({ optimist, sceptic })) {
        const line = await ctx.agent(side, [question, ...said].join('\n'), { key: `round-${round}` })
        said.push(`${name}: ${line}`)
      }
    }
    return { said, ...(await ctx.agent(chair, [question, ...said].join('\n'))) }
  },
})

export async function play(tell: Tell): Promise<void> {
  const lines = ({ task }: { readonly task: string }) => task.split('\n').length
  const script = played({
    optimist: (heard) => ({ text: lines(heard) === 1 ? 'It saves a day a week.' : 'Then we measure it first.' }),
    sceptic: (heard) => ({ text: lines(heard) === 2 ? 'Nobody has measured that.' : 'I can live with that.' }),
    chair: ({ task }) =>
      answer({ winner: 'sceptic', why: `${task.split('\n').length - 1} arguments, one of them new.` }),
  })
  await using fake = await fakeOpenAI(script)
  const models = openai({ baseURL: fake.url, apiKey: 'any' })
  const definitions = [debate, optimist, sceptic, chair] as const
  await using runtime = createRuntime({ store: memoryStore(), models, definitions })

  const run = await runtime.start(debate, { question: 'Shall we rewrite it?', rounds: 2 })
  assert.deepEqual(await run.result(), {
    said: [
      'optimist: It saves a day a week.',
      'sceptic: Nobody has measured that.',
      'optimist: Then we measure it first.',
      'sceptic: I can live with that.',
    ],
    winner: 'sceptic',
    why: '4 arguments, one of them new.',
  })
  assert.equal((await childrenOf(runtime, run.id)).length, 5)
  await tellTree(runtime, run.id, tell)
}
