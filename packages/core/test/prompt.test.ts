// A prompt is recorded as it was rendered: other words, of the program or of this package, break no run.
import { crashing, memoryStore, scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineTool, prompt, type PromptOptions } from '../src/index.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const context = z.object({ customer: z.string() })
const look = defineTool({
  name: 'look',
  description: 'Looks an order up.',
  input: z.object({ id: z.string() }),
  effect: 'read',
  execute: () => 'it is on its way',
})

function deskWith(more: Pick<PromptOptions<{ customer: string }>, 'leaveOut' | 'instructions'>) {
  const instructions = prompt({
    role: 'You work at the desk of a shop.',
    context: (run) => `The customer is ${run.context.customer}.`,
    ...more,
  })
  return defineAgent({ name: 'desk', model: 'm', context, instructions, tools: [look] })
}

it('a run goes on as it was told, wherever its process dies, when its prompt is worded otherwise', async () => {
  const [recorded, today] = [deskWith({}), deskWith({ leaveOut: ['planning'], instructions: 'Be kind.' })]
  const told = recorded.instructions({ context: { customer: 'Ada' } })
  expect(today.instructions({ context: { customer: 'Ada' } })).not.toBe(told)
  const start = { id: 'r', context: { customer: 'Ada' } }
  for (let at = 2, commits = Infinity; at <= commits; at++) {
    const store = memoryStore()
    const seen: string[] = []
    const models = scriptedModel(({ instructions, items }) => {
      seen.push(instructions)
      return items.length === 1 ? { calls: [{ name: 'look', arguments: { id: 'a' } }] } : { text: 'Tomorrow.' }
    })
    const dying = crashing(store, { at, side: 'before' })
    const first = createRuntime({ store: dying, models, definitions: [recorded], log: quiet })
    await (await first.start(recorded, 'Where is it?', start)).outcome()
    commits = dying.commits
    await first.close().catch(() => undefined)
    await using second = createRuntime({ store, models, definitions: [today], log: quiet })
    expect(await (await second.resume('r')).outcome()).toMatchObject({ kind: 'completed', output: 'Tomorrow.' })
    expect([...new Set(seen)]).toEqual([told])
    const replay = await second.replay('r')
    expect(replay.status).toBe('matched')
    expect(replay.differences.map(({ agent, field }) => `${field} of ${agent}`)).toEqual(['instructions of desk'])
    // A fork is told what today's code says.
    expect(await (await second.fork('r', { at: 1, id: 'f' })).outcome()).toMatchObject({ kind: 'completed' })
    expect(seen.at(-1)).toBe(today.instructions({ context: { customer: 'Ada' } }))
  }
})
