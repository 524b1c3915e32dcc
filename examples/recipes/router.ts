// Router: a small model says what a question is about, and code decides who answers it.
import assert from 'node:assert/strict'
import { createRuntime, defineAgent, defineWorkflow } from '@reprise/core'
import { fakeOpenAI } from '@reprise/fake-openai'
import { openai } from '@reprise/openai'
import { memoryStore } from '@reprise/testing'
import { z } from 'zod'
import { answer, played, type Tell, tellTree } from './stage.ts'

const topics = ['billing', 'shipping'] as const
const sorter = defineAgent({
  name: 'sorter',
  model: 'gpt-4.1-nano',
  instructions: 'You are the sorter. Say what the question is about.',
  output: z.object({ topic: z.enum(topics) }),
})
const specialist = (name: (typeof topics)[number]) =>
  defineAgent({ name, model: 'gpt-4.1-mini', instructions: `You are the ${name}. Answer in one sentence.` })
const billing = specialist('billing')
const shipping = specialist('shipping')

const router = defineWorkflow({
  name: 'router',
  input: z.object({ question: z.string() }),
  async run(ctx, { question }) {
    const { topic } = await ctx.agent(sorter, question)
    return ctx.agent({ billing, shipping }[topic], question)
  },
})

export async function play(tell: Tell): Promise<void> {
  const script = played({
    sorter: ({ task }) => answer({ topic: task.includes('invoice') ? 'billing' : 'shipping' }),
    billing: () => ({ text: 'The invoice is sent again.' }),
    shipping: () => ({ text: 'It arrives on Friday.' }),
  })
  await using fake = await fakeOpenAI(script)
  const models = openai({ baseURL: fake.url, apiKey: 'any' })
  const definitions = [router, sorter, billing, shipping] as const
  await using runtime = createRuntime({ store: memoryStore(), models, definitions })

  for (const [question, expected] of [
    ['Where is my invoice?', 'The invoice is sent again.'],
    ['Where is my parcel?', 'It arrives on Friday.'],
  ] as const) {
    const run = await runtime.start(router, { question })
    assert.equal(await run.result(), expected)
    tell(`  "${question}"`)
    await tellTree(runtime, run.id, tell)
  }
}
