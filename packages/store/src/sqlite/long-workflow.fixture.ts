// A process that takes up a workflow of two thousand steps, and says what that took.
import { createRuntime, defineSignal, defineWorkflow } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import { z } from 'zod'
import { sqlite } from '../index.ts'

export const STEPS = 2_000
export const go = defineSignal({ name: 'go', payload: z.null() })
let done = 0

const long = defineWorkflow({
  name: 'long',
  input: z.null(),
  async run(ctx) {
    let sum = 0
    for (let n = 0; n < STEPS; n++) sum += await ctx.step('add', () => (done++, n))
    await ctx.receive(go)
    return sum
  },
})

/** Opens the store of the run. */
export function openLong(path: string) {
  const runtime = createRuntime({
    store: sqlite(path, { durability: 'process' }),
    models: scriptedModel([]),
    definitions: [long],
  })
  return { runtime, start: () => runtime.start(long, null, { id: 'long' }) }
}

/** What the process says. */
export interface Resumed {
  /** Of its processor, until its program was loaded. */
  readonly loadedMs: number
  /** Of its processor after that, until the run stood where it stood. */
  readonly tookMs: number
  /** Steps that were done again. */
  readonly again: number
}

if (import.meta.main) {
  const loaded = process.cpuUsage()
  const { runtime } = openLong(process.argv[2] ?? '')
  // SQLite is loaded, and the file opened, whatever is asked of it first.
  await runtime.runs.get('long')
  const before = process.cpuUsage()
  const run = await runtime.resume('long')
  const took = process.cpuUsage(before)
  await run.outcome()
  console.log(JSON.stringify({ loadedMs: sum(loaded), tookMs: sum(took), again: done } satisfies Resumed))
  await runtime.close()
}

function sum({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000
}
