// Voting: the same question to several voters side by side, and what most of them say counts.
import assert from 'node:assert/strict'
import { createRuntime, defineAgent, defineWorkflow } from '@reprise/core'
import { fakeOpenAI } from '@reprise/fake-openai'
import { openai } from '@reprise/openai'
import { memoryStore } from '@reprise/testing'
import { z } from 'zod'
import { answer, played, type Tell, tellTree } from './stage.ts'

const voter = defineAgent({
  name: 'voter',
  model: 'gpt-4.1-mini',
  instructions: 'You are the voter. Say whether the text is spam, as whoever it is shown to would.',
  output: z.object({ spam: z.boolean() }),
})

const readers = ['a lawyer', 'a grandmother', 'a teenager']

const vote = defineWorkflow({
  name: 'vote',
  input: z.object({ text: z.string() }),
  async run(ctx, { text }) {
    // A voter that fails has no vote; the others count.
    const votes = await ctx.map(readers, (reader, branch) => branch.agent(voter, `To ${reader}: ${text}`), {
      failures: 'collect',
    })
    const cast = votes.flatMap((each) => (each.ok ? [each.value.spam] : []))
    const yes = cast.filter(Boolean).length
    return { spam: yes * 2 > cast.length, yes, of: cast.length }
  },
})

export async function play(tell: Tell): Promise<void> {
  const script = played({ voter: ({ task }) => answer({ spam: !task.includes('teenager') }) })
  await using fake = await fakeOpenAI(script)
  const models = openai({ baseURL: fake.url, apiKey: 'any' })
  await using runtime = createRuntime({ store: memoryStore(), models, definitions: [vote, voter] })

  const run = await runtime.start(vote, { text: 'You have won a telephone!' })
  assert.deepEqual(await run.result(), { spam: true, yes: 2, of: 3 })
  await tellTree(runtime, run.id, tell)
}
