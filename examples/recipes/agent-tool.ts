// An agent that is a tool: its run is a child of its caller's, and what it says streams through its caller's handle.
import assert from 'node:assert/strict'
import { agentTool, createRuntime, defineAgent } from '@reprise/core'
import { fakeOpenAI } from '@reprise/fake-openai'
import { openai } from '@reprise/openai'
import { memoryStore } from '@reprise/testing'
import { call, played, type Tell, tellTree } from './stage.ts'

const model = 'gpt-4.1-mini'
const researcher = defineAgent({ name: 'researcher', model, instructions: 'You are the researcher. Find it out.' })
const author = defineAgent({
  name: 'author',
  model,
  instructions: 'You are the author. Write a line about what is found out.',
  tools: [agentTool(researcher, { name: 'research', description: 'Finds out what is asked.' })],
})

export async function play(tell: Tell): Promise<void> {
  const script = played({
    author: ({ told }) =>
      told.length > 0 ? { text: `Did you know? ${told.join()}` } : call('research', { task: 'Bees' }),
    researcher: () => ({ text: 'Bees can count to four.' }),
  })
  await using fake = await fakeOpenAI(script)
  const models = openai({ baseURL: fake.url, apiKey: 'any' })
  await using runtime = createRuntime({ store: memoryStore(), models, definitions: [author, researcher] })

  const run = await runtime.start(author, 'Something about bees', { id: 'page' })
  const said = new Map<string, string>()
  for await (const event of run.events({ children: true }))
    if (event.kind === 'text.delta') said.set(event.runId, (said.get(event.runId) ?? '') + event.delta)
  assert.deepEqual(
    [...said],
    [
      ['page/agent:0/turn:0/call:0', 'Bees can count to four.'],
      ['page', 'Did you know? Bees can count to four.'],
    ],
  )
  for (const [runId, words] of said) tell(`  ${runId} says: ${words}`)
  await tellTree(runtime, run.id, tell)
}
