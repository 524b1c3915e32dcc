// Supervisor and workers: an agent gives work to others, side by side, and puts together what they bring.
import assert from 'node:assert/strict'
import { agentTool, createRuntime, defineAgent } from '@reprise/core'
import { fakeOpenAI } from '@reprise/fake-openai'
import { openai } from '@reprise/openai'
import { memoryStore } from '@reprise/testing'
import { childrenOf, played, type Tell, tellTree } from './stage.ts'

const model = 'gpt-4.1-mini'
const worker = (name: string, does: string) =>
  defineAgent({ name, model, instructions: `You are the ${name}. ${does}`, budget: { turns: 4 } })

const historian = worker('historian', 'Say when a thing was made, in one sentence.')
const critic = worker('critic', 'Say what people think of a thing, in one sentence.')
const supervisor = defineAgent({
  name: 'supervisor',
  model,
  instructions: 'You are the supervisor. Ask whoever knows, all at once, and write one line from what they say.',
  tools: [
    agentTool(historian, { name: 'ask_historian', description: 'Says when something was made.' }),
    agentTool(critic, { name: 'ask_critic', description: 'Says what people think of something.' }),
  ],
})

export async function play(tell: Tell): Promise<void> {
  const script = played({
    supervisor: ({ task, told }) =>
      told.length > 0
        ? { text: told.join(' ') }
        : { calls: ['ask_historian', 'ask_critic'].map((name) => ({ name, arguments: { task } })) },
    historian: () => ({ text: 'It was built in 1889.' }),
    critic: () => ({ text: 'Most people love it by now.' }),
  })
  await using fake = await fakeOpenAI(script)
  const models = openai({ baseURL: fake.url, apiKey: 'any' })
  const definitions = [supervisor, historian, critic]
  await using runtime = createRuntime({ store: memoryStore(), models, definitions })

  const run = await runtime.start(supervisor, 'The Eiffel Tower')
  assert.equal(await run.result(), 'It was built in 1889. Most people love it by now.')
  const workers = await childrenOf(runtime, run.id)
  assert.deepEqual(workers.map(({ name }) => name).toSorted(), ['critic', 'historian'])
  // What the workers used is part of what the run has cost.
  assert.equal((await runtime.runs.get(run.id)).totals.descendants?.turns, 2)
  await tellTree(runtime, run.id, tell)
}
