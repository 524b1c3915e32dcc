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
import { postgres } from './postgres.ts'
import type { PostgresStore } from './postgres-store.ts'
import { freshSchema, serverUrl } from './testing.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-leases-'))
const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A process that drives the run "r" of a store and has begun its tool. */
async function holding(name: string, how: 'block' | 'wait' | 'send') {
  const [url, schema] = [await serverUrl(), freshSchema()]
  const until = join(folder, `${name}.go`)
  const program = join(import.meta.dirname, 'lease-process.fixture.ts')
  const child = spawn(process.execPath, [program, url, schema, how, until], { stdio: ['ignore', 'pipe', 'inherit'] })
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
  return { child, schema, until, lines, hears, letGo: () => writeFileSync(until, '') }
}

/** A store that tells when nothing is asked of it any more, for a few turns of the event loop. */
function watched(store: PostgresStore) {
  let asked = 0
  const seen = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...given: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(value, target, given)
        if (!(answer instanceof Promise)) return answer
        asked++
        return answer.finally(() => asked--)
      }
    },
  })
  const quiet = async (): Promise<void> => {
    for (let still = 0; still < 20; still = asked > 0 ? 0 : still + 1)
      await new Promise((resolve) => setImmediate(resolve))
  }
  return { seen, quiet }
}

/** A runtime of this process that follows the run, on a clock of its own. */
async function follower(schema: string) {
  const clock = manualClock()
  const store = postgres(await serverUrl(), { schema })
  const { seen, quiet } = watched(store)
  const models = scriptedModel([{ text: 'by the second' }])
  const runtime = createRuntime({
    store: seen,
    models,
    definitions: [holder],
    services: () => undefined,
    clock,
  })
  const run = await runtime.resume('r')
  /** Lets a second pass, and all that follows from it be asked and answered. */
  const second = async (): Promise<void> => {
    await clock.advance(1_000)
    await quiet()
  }
  return { second, store, runtime, run }
}

/** Waits, in turns of the event loop, until the beat of the owner is another one. */
async function nextBeat(store: PostgresStore): Promise<void> {
  const beat = async (): Promise<number | undefined> => (await store.owners())[0]?.heartbeat
  const before = await beat()
  for (let now = before; now === before; now = await beat()) await new Promise((resolve) => setImmediate(resolve))
}

describe('an owner of a run', () => {
  it('keeps it while a tool blocks its event loop, since its beat goes on', { tags: 'slow' }, async () => {
    const { schema, lines, hears, letGo } = await holding('blocked', 'block')
    const { second, store, runtime } = await follower(schema)
    for (let seconds = 0; seconds < 30; seconds++) {
      await nextBeat(store)
      await second()
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
      const { child, schema, lines, hears, letGo } = await holding('stopped', 'wait')
      child.kill('SIGSTOP')
      const { second, store, runtime, run } = await follower(schema)
      for (let seconds = 0; seconds < 17; seconds++) await second()
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
      const { child, schema, until, hears, letGo } = await holding('sending', 'send')
      child.kill('SIGSTOP')
      const { second, store, runtime, run } = await follower(schema)
      for (let seconds = 0; seconds < 17; seconds++) await second()
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
