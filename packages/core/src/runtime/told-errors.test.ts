import { memoryStore } from '@reprise/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineTool, ToolError } from '../index.ts'
import { byTurn } from './world.fixture.ts'

const WORDS = 'connect postgres://app:hunter2@db/shop'

it.each([
  ['any error, with its credentials covered', new TypeError(WORDS), 'connect postgres://***@db/shop'],
  ['a ToolError, as it was written', new ToolError({ code: 'down', message: WORDS }), WORDS],
])('a model is told the message of %s', async (_, error, told) => {
  const find = defineTool({
    name: 'find',
    description: 'Finds.',
    input: z.object({}),
    effect: 'read',
    retry: { attempts: 1 },
    execute: () => {
      throw error
    },
  })
  const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [find] })
  const models = byTurn([{ calls: [{ name: 'find' }] }, { text: 'done' }])
  await using runtime = createRuntime({ store: memoryStore(), models, definitions: [agent] })
  await (await runtime.start(agent, 'go', { id: 'r' })).result()
  const entries = await runtime.runs.entries('r')
  expect(entries.flatMap((entry) => (entry.kind === 'call.failed' ? [entry.body.error.message] : []))).toEqual([told])
})
