import { memoryStore, scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { agentTool, createRuntime, defineAgent, defineWorkflow } from '../src/index.ts'

it('a child, its child, and a run that goes on for another belong to the lineage of their root', async () => {
  const echo = defineAgent({ name: 'echo', model: 'm', instructions: '' })
  const ask = agentTool(echo, { name: 'ask', description: 'Asks.' })
  const writer = defineAgent({ name: 'writer', model: 'm', instructions: '', tools: [ask] })
  const flow = defineWorkflow({
    name: 'flow',
    input: z.number(),
    run: async (ctx, n) => (n === 0 ? ctx.continueAs(1) : ctx.agent(writer, 'go')),
  })
  const models = scriptedModel(({ card, items }) =>
    card.agent === 'writer' && items.length === 1
      ? { calls: [{ name: 'ask', arguments: { task: 'x' } }] }
      : { text: 'y' },
  )
  await using runtime = createRuntime({ store: memoryStore(), models, definitions: [echo, writer, flow] })
  await (await runtime.start(flow, 0, { id: 'r' })).result()
  await (await runtime.start(echo, 'go', { id: 'other' })).result()
  expect(
    (await runtime.runs.list()).map(({ id, lineageId, forkOf, forkSeq }) => [id, lineageId, forkOf, forkSeq]),
  ).toEqual([
    ['r', 'r', null, null],
    ['r~2', 'r', null, null],
    ['r~2/agent:writer', 'r', null, null],
    ['r~2/agent:writer/agent:0/turn:0/call:0', 'r', null, null],
    ['other', 'other', null, null],
  ])
})
