import { scriptedModel, memoryStore } from '@reprise/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  defineWorkflow,
  ModelError,
  type ModelRequest,
  requestAt,
  requestsOf,
} from '../../index.ts'

const look = defineTool({
  name: 'look',
  description: 'Looks.',
  input: z.object({ id: z.string() }),
  effect: 'read',
  execute: ({ id }) => ({ id, price: 12 }),
})
const second = defineAgent({ name: 'second', model: 'm', instructions: 'Finish.', tools: [look] })
const first = defineAgent({ name: 'first', model: 'm', instructions: 'Begin.', tools: [look] })
const desk = defineTeam({ name: 'desk', entry: first, handoffs: [[first, [second]]] })

test('each request of a run is rebuilt from its journal as the model was sent it', async () => {
  const sent: unknown[] = []
  const answers = [
    {
      calls: [
        { name: 'look', arguments: { id: 'a' } },
        { name: 'look', arguments: '{' },
      ],
    },
    new ModelError({ code: 'overloaded', message: 'Later.', retryable: true }),
    { text: 'On it.', calls: [{ name: 'transfer_to_second' }] },
    { text: 'done' },
  ]
  const models = scriptedModel(({ card, instructions, items, today }: ModelRequest, nth) => {
    sent.push(structuredClone({ card, instructions, items, today }))
    return answers[nth - 1] ?? expect.fail()
  })
  const runtime = createRuntime({ store: memoryStore(), models, definitions: [desk], random: () => 0 })
  const run = await runtime.start(desk, 'go', { id: 'r' })
  expect(await run.result()).toBe('done')
  const entries = await runtime.runs.entries('r')
  const asked = entries.filter(({ kind }) => kind === 'model.replied' || kind === 'model.failed')
  expect(asked).toHaveLength(4)
  expect(asked.map(({ seq }) => requestAt(entries, seq))).toEqual(sent)
  expect([...requestsOf(entries)]).toEqual(asked.map(({ seq }, at) => ({ seq, ...(sent[at] as object) })))
})

test('an entry at which no model was asked is refused with those at which one was', async () => {
  const models = scriptedModel([{ calls: [{ name: 'look', arguments: { id: 'a' } }] }, { text: 'done' }])
  const runtime = createRuntime({ store: memoryStore(), models, definitions: [first] })
  await (await runtime.start(first, 'go', { id: 'r' })).result()
  const entries = await runtime.runs.entries('r')
  expect(() => requestAt(entries, 2)).toThrow(
    'No model was asked at entry 2, which is call.returned. It was asked at: 1, 3.',
  )
  expect(() => requestAt(entries, 9)).toThrow(
    'No model was asked at entry 9, which is not there. It was asked at: 1, 3.',
  )
})

test('a workflow asks no model itself', async () => {
  const flow = defineWorkflow({ name: 'flow', input: z.null(), run: async () => 1 })
  const runtime = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [flow] })
  await (await runtime.start(flow, null, { id: 'r' })).result()
  const entries = await runtime.runs.entries('r')
  expect(() => requestAt(entries, 0)).toThrow(
    'No model was asked at entry 0, which is run.started. This run asked none itself: look at its children.',
  )
})
