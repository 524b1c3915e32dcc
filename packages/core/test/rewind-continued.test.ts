// Rewinds of runs whose children go on as others: a fork, or the child itself, has been continued by then.
import { manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineSignal, defineWorkflow } from '../src/index.ts'

const next = defineSignal({ name: 'next', payload: z.string() })
const sub = defineWorkflow({
  name: 'sub',
  input: z.string(),
  async run(ctx, said): Promise<string> {
    const more = await ctx.receive(next)
    return more === 'end' ? said : ctx.continueAs(`${said}${more}`)
  },
})
const top = defineWorkflow({ name: 'top', input: z.string(), run: (ctx, said) => ctx.child(sub, said) })
const child = 'p/child:sub'

function open() {
  return createRuntime({
    store: memoryStore(),
    models: scriptedModel([]),
    definitions: [sub, top],
    clock: manualClock(),
    random: () => 0,
  })
}

it('a run that is pointed to a fork that went on as another hears what that comes to', async () => {
  await using runtime = open()
  await (await runtime.start(top, 'a', { id: 'p' })).outcome()
  const edit = { kind: 'input', input: 'b' } as const
  await (await runtime.fork(child, { at: 1, id: 'f', effects: 'live', edit })).outcome()
  await runtime.send('f', next, 'c')
  expect(await (await runtime.resume('f')).outcome()).toMatchObject({ kind: 'waiting' })
  const run = await runtime.rewind('p', { from: child, to: 'f', by: 'ana' })
  expect(await run.outcome()).toMatchObject({ waiting: { kind: 'child', runId: 'f' } })
  expect(await runtime.runs.get('f~2')).toMatchObject({ parentId: 'p', parentKey: 'child:sub' })
  await runtime.send('f', next, 'end')
  await (await runtime.resume('f')).outcome()
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(await runtime.runs.get('p')).toMatchObject({ status: 'completed' })
  expect(await (await runtime.resume('p')).outcome()).toMatchObject({ kind: 'completed', output: 'bc' })
  for (const id of ['p', child, 'f', 'f~2']) expect((await runtime.replay(id)).status, id).toBe('matched')
})

it('a run whose child went on as another is pointed to a fork of that', async () => {
  await using runtime = open()
  await (await runtime.start(top, 'a', { id: 'p' })).outcome()
  await runtime.send(child, next, 'c')
  await (await runtime.resume(child)).outcome()
  const edit = { kind: 'input', input: 'b' } as const
  await (await runtime.fork(`${child}~2`, { at: 1, id: 'f', effects: 'live', edit })).outcome()
  const run = await runtime.rewind('p', { from: `${child}~2`, to: 'f', by: 'ana' })
  expect(await run.outcome()).toMatchObject({ waiting: { kind: 'child', runId: 'f' } })
  expect(await runtime.runs.get(`${child}~2`)).toMatchObject({ status: 'cancelled' })
})
