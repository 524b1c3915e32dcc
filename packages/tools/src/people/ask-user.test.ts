import { createRuntime, defineAgent } from '@reprise/core'
import { memoryStore, scriptedModel } from '@reprise/testing'
import { expect, test } from 'vitest'
import { askUser } from './index.ts'

const id = 'r/agent:0/turn:0/call:0'

async function asked(options: { readonly timeoutMs?: number } = {}) {
  const desk = defineAgent({ name: 'desk', model: 'm', instructions: '', tools: [askUser(options)] })
  const question = { question: 'Which colour?', options: ['blue', 'red'] }
  const heard: string[] = []
  const models = scriptedModel(({ items }) => {
    heard.push(...items.flatMap((item) => (item.kind === 'result' ? [item.output] : [])))
    return heard.length > 0 ? { text: 'done' } : { calls: [{ name: 'ask_user', arguments: question }] }
  })
  const runtime = createRuntime({ store: memoryStore(), models, definitions: [desk] })
  await (await runtime.start(desk, 'Paint it', { id: 'r' })).outcome()
  return { runtime, heard, question }
}

test('a question rests until the user has answered, and the model is told their words', async () => {
  const { runtime, heard, question } = await asked()
  const { asks } = await runtime.approvals()
  expect(asks).toMatchObject([{ kind: 'answer', id, tool: 'ask_user', arguments: question, until: null }])
  expect(await (await runtime.answer(id, ' Blue. ', { by: { id: 'kim', source: 'chat' } })).result()).toBe('done')
  expect(heard).toEqual(['Blue.'])
  await runtime.close()
})

test('what says nothing, too much, or is no text is no answer', async () => {
  const { runtime } = await asked()
  for (const value of ['  ', 'x'.repeat(10_001), { answer: 'blue' }, null])
    await expect(runtime.answer(id, value, { by: 'kim' })).rejects.toMatchObject({ code: 'bad_answer' })
  await runtime.close()
})

test('a question may be over', async () => {
  const { runtime } = await asked({ timeoutMs: 60_000 })
  expect((await runtime.approvals()).asks[0]?.until).toBeGreaterThan(0)
  await runtime.close()
})
