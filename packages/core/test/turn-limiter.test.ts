import { manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineTool } from '../src/index.ts'
import { runtimeOf, workflow } from './flow.fixture.ts'

it('many runs that all have something to do leave the event loop its turns', async () => {
  let elapsed = 0
  const seen: string[] = []
  const heavy = defineTool({
    name: 'heavy',
    description: 'Keeps the processor busy.',
    input: z.object({}),
    effect: 'read',
    execute: () => {
      seen.push('call')
      elapsed += 20
      return null
    },
  })
  const worker = defineAgent({ name: 'worker', model: 'm', instructions: '', tools: [heavy] })
  await using runtime = createRuntime({
    store: memoryStore(),
    models: scriptedModel(({ items }) => (items.length === 1 ? { calls: [{ name: 'heavy' }] } : { text: 'done' })),
    definitions: [worker],
    clock: { ...manualClock(), monotonic: () => elapsed },
  })
  const handles = await Promise.all(Array.from({ length: 5 }, () => runtime.start(worker, 'go')))
  let over = false
  const look = (): void => {
    if (seen.at(-1) !== 'turn') seen.push('turn')
    if (!over) setImmediate(look)
  }
  look()
  for (const handle of handles) expect(await handle.result()).toBe('done')
  over = true
  expect(seen.filter((_, at) => seen[at] === 'call' && seen[at + 1] === 'call')).toEqual([])
  expect(seen.filter((what) => what === 'call').length).toBe(5)
})

it('four times as many runs look at the clock some four times as often', async () => {
  const looksOf = async (runs: number): Promise<number> => {
    let elapsed = 0
    let looks = 0
    const flow = workflow(async (ctx) => {
      await ctx.step('slow', () => (elapsed += 5))
    })
    const clock = { ...manualClock(), monotonic: () => (looks++, elapsed) }
    await using runtime = runtimeOf([flow], memoryStore(), clock)
    const handles = await Promise.all(Array.from({ length: runs }, () => runtime.start(flow, '')))
    await Promise.all(handles.map((handle) => handle.result()))
    return looks
  }
  const [few, many] = [await looksOf(100), await looksOf(400)]

  // Where all that wait try in each turn, it is twelve times.
  expect(many / few).toBeLessThan(6)
})
