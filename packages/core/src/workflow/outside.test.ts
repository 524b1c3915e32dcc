import { promisify } from 'node:util'
import { pbkdf2, randomBytes } from 'node:crypto'
import { gzip } from 'node:zlib'
import { memoryStore } from '@reprise/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { runtimeOf, workflow } from '../../test/flow.fixture.ts'
import type { WorkflowContext } from '../index.ts'

const MB = 1_048_576

/** What code does between two steps, in other threads. */
const WORK: readonly [name: string, work: () => Promise<unknown>][] = [
  ['compresses 5 MB', () => promisify(gzip)(randomBytes(5 * MB))],
  ['hashes 5 MB', () => crypto.subtle.digest('SHA-256', new Uint8Array(5 * MB))],
  ['derives a key', () => promisify(pbkdf2)('password', 'salt', 100_000, 32, 'sha256')],
  [
    'compresses a stream',
    () => {
      const stream = new Blob([new Uint8Array(5 * MB)]).stream().pipeThrough(new CompressionStream('gzip'))
      return new Response(stream).arrayBuffer()
    },
  ],
]

function between(work: () => Promise<unknown>) {
  return workflow(async (ctx: WorkflowContext) => {
    await ctx.step('one', () => 1)
    await work()
    return ctx.step('two', () => 2)
  })
}

describe('code that has work under way elsewhere', () => {
  it.each(WORK)('and %s is waited for, however long that takes', { tags: 'slow' }, async (_, work) => {
    const flow = between(work)
    const store = memoryStore()
    const runtime = runtimeOf([flow], store)
    expect(await (await runtime.start(flow, '', { id: 'r' })).result()).toBe(2)
    expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
  })

  it('beside other branches is waited for as well', { tags: 'slow' }, async () => {
    const [[, compress]] = WORK as [(typeof WORK)[number]]
    const flow = workflow((ctx) =>
      ctx.map([1, 2, 3], async (n, branch) => {
        if (n !== 2) await compress()
        return branch.step('put', () => n)
      }),
    )
    const runtime = runtimeOf([flow])
    expect(await (await runtime.start(flow, '', { id: 'r' })).result()).toEqual([1, 2, 3])
    expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
  })

  const timers: NodeJS.Timeout[] = []
  afterEach(() => {
    for (const timer of timers.splice(0)) clearTimeout(timer)
  })

  it.each([
    ['a promise that nobody keeps', () => new Promise<never>(() => undefined)],
    ['a timer of its own', () => new Promise((resolve) => timers.push(setTimeout(resolve, 60_000)))],
  ])('that waits for %s instead is named at once', async (_, wait) => {
    const store = memoryStore()
    const before = between(async () => undefined)
    const one = runtimeOf([before], store)
    expect(await (await one.start(before, '', { id: 'r' })).result()).toBe(2)
    const replay = await runtimeOf([between(wait)], store).replay('r')
    expect(replay.divergence).toEqual({
      seq: 2,
      key: 'step:two',
      recorded: 'step.returned at step:two',
      today: 'wait for something that is not of ctx',
    })
  })
})
