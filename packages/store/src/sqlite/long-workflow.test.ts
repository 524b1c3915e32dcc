import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createRuntime, defineWorkflow } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { sqlite } from '../index.ts'
import { go, openLong, type Resumed, STEPS } from './long-workflow.fixture.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reprise-long-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('a workflow of 2,000 steps', { tags: 'slow' }, () => {
  it(
    'is taken up by a new process in less than 100 ms of its processor, and none of them is done again',
    { timeout: 240_000 },
    async () => {
      const path = join(folder, 'long.db')
      const { runtime, start } = openLong(path)
      const run = await start()
      expect(await run.outcome()).toMatchObject({ kind: 'waiting' })
      const { loadedMs, tookMs, again } = await resumed(path)
      expect(again).toBe(0)
      // Some 60 ms of the processor; where others crowd it, all takes longer: then less than loading the program took.
      expect(tookMs).toBeLessThan(Math.max(100, loadedMs))
      await runtime.send('long', go, null)
      expect(await run.result()).toBe((STEPS * (STEPS - 1)) / 2)
      await runtime.close()
    },
  )
})

describe('a workflow that goes on for ever', () => {
  it('takes the same on the disk for every round', { tags: 'slow' }, async () => {
    const path = join(folder, 'endless.db')
    const pages: number[] = []
    const endless = defineWorkflow({
      name: 'endless',
      input: z.object({ round: z.number() }),
      async run(ctx, { round }) {
        await ctx.step('work', () => String(round).padEnd(3_000, '.'))
        if (round % 100 === 0) await ctx.step('measure', () => void pages.push(pagesOf(path)))
        return round === 400 ? 'done' : ctx.continueAs({ round: round + 1 })
      },
    })
    const runtime = createRuntime({
      store: sqlite(path, { durability: 'process' }),
      models: scriptedModel([]),
      definitions: [endless],
    })
    expect(await (await runtime.start(endless, { round: 1 }, { id: 'e' })).result()).toBe('done')
    await runtime.close()
    const [first = 0, second = 0, third = 0, fourth = 0] = pages
    const early = second - first
    expect(early).toBeGreaterThan(0)
    // A few pages are where tables and indexes happen to be split.
    expect(Math.abs(third - second - early)).toBeLessThanOrEqual(4)
    expect(Math.abs(fourth - third - early)).toBeLessThanOrEqual(4)
  })
})

/** Takes the run up in a process of its own. */
async function resumed(path: string): Promise<Resumed> {
  const program = join(import.meta.dirname, 'long-workflow.fixture.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [program, path])
  return JSON.parse(stdout) as Resumed
}

/** The pages of a database, those of its log among them. */
function pagesOf(path: string): number {
  const db = new Database(path, { readonly: true })
  try {
    return Number(db.pragma('page_count', { simple: true }))
  } finally {
    db.close()
  }
}
