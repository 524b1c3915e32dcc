import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createRuntime } from '@reprise/core'
import { manualClock, scriptedModel } from '@reprise/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { holder, sentBefore } from './lease-process.fixture.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-leases-'))
const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A process that drives the run "r" of a store and has begun its tool. */
async function holding(name: string, how: 'block' | 'wait' | 'send') {
  const path = join(folder, `${name}.db`)
  const until = join(folder, `${name}.go`)
  const program = join(import.meta.dirname, 'lease-process.fixture.ts')
  const child = spawn(process.execPath, [program, path, how, until], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const lines: string[] = []
  const heard = new Map<string, () => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    heard.get(line.split(' ')[0] ?? '')?.()
  })
  const hears = (word: string): Promise<void> =>
    lines.some((line) => line.startsWith(word)) ? Promise.resolve() : new Promise((resolve) => heard.set(word, resolve))
  await hears('held')
  return { child, path, until, lines, hears, letGo: () => writeFileSync(until, '') }
}

/** A runtime of this process that follows the run, on a clock of its own. */
async function follower(path: string) {
  const clock = manualClock()
  const store = sqlite(path)
  const models = scriptedModel([{ text: 'by the second' }])
  const runtime = createRuntime({
    store,
    models,
    definitions: [holder],
    services: () => undefined,
    clock,
  })
  return { clock, store, runtime, run: await runtime.resume('r') }
}

/** Waits, in turns of the event loop, until the beat of the owner is another one. */
async function nextBeat(store: ReturnType<typeof sqlite>): Promise<void> {
  const beat = async (): Promise<number | undefined> => (await store.owners())[0]?.heartbeat
  const before = await beat()
  for (let now = before; now === before; now = await beat()) await new Promise((resolve) => setImmediate(resolve))
}

describe('an owner of a run', () => {
  it('keeps it while a tool blocks its event loop, since its beat goes on', async () => {
    const { path, lines, hears, letGo } = await holding('blocked', 'block')
    const { clock, store, runtime } = await follower(path)
    for (let seconds = 0; seconds < 30; seconds++) {
      await nextBeat(store)
      await clock.advance(1_000)
    }
    expect(await store.run('r')).toMatchObject({ epoch: 1 })
    letGo()
    await hears('outcome')
    expect(lines).toEqual(['held', 'let go', expect.stringContaining('"output":"by the first"')])
    await runtime.close()
  })

  it(
    'that was stopped for longer than its lease loses it: its signals abort and its writes are refused',
    { tags: 'slow' },
    async () => {
      const { child, path, lines, hears, letGo } = await holding('stopped', 'wait')
      child.kill('SIGSTOP')
      const { clock, store, runtime, run } = await follower(path)
      for (let seconds = 0; seconds < 17; seconds++) await clock.advance(1_000)
      const taken = await store.run('r')
      expect(taken).toMatchObject({ epoch: 2 })
      child.kill('SIGCONT')
      await hears('aborted')
      letGo()
      await hears('outcome')
      expect(lines.find((line) => line.startsWith('outcome'))).toContain('"code":"run_lost"')
      expect(await run.result()).toBe('by the second')
      const kinds = (await store.entries('r')).map(({ kind }) => kind)
      expect(kinds).toEqual([
        'run.started',
        'model.replied',
        'call.judged',
        'call.returned',
        'model.replied',
        'run.completed',
      ])
      await runtime.close()
    },
  )

  it(
    'that was stopped within a call that may not happen twice goes on with it, and nobody begins it again',
    { tags: 'slow' },
    async () => {
      const { child, path, until, hears, letGo } = await holding('sending', 'send')
      child.kill('SIGSTOP')
      const { clock, store, runtime, run } = await follower(path)
      for (let seconds = 0; seconds < 17; seconds++) await clock.advance(1_000)
      const outcome = await run.outcome()
      // Its tool is not asked: it would say that nothing was sent, while the first may still send it.
      expect(outcome).toMatchObject({ kind: 'waiting', waiting: { kind: 'in-doubt', tool: 'send' } })
      expect(await store.run('r')).toMatchObject({ epoch: 2 })
      child.kill('SIGCONT')
      letGo()
      await hears('outcome')
      if (child.exitCode === null) await once(child, 'exit')
      // Now that it is over, the tool is asked.
      expect(await (await runtime.resume('r')).result()).toBe('by the second')
      expect(sentBefore(until)).toEqual(['r/agent:0/turn:0/call:0'])
      await runtime.close()
    },
  )
})
