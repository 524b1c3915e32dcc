import { join } from 'node:path'
import { createRuntime, type Model } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { manualClock } from '@reprise/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { definitions, deskRuntime, recordRounds, recordServed, recordWaiting, writer } from '../desk.fixture.ts'
import { printed, reprise, tempFolder } from '../reprise.fixture.ts'

let cwd: string
let store: string
const cancel = (...args: readonly string[]): string[] => ['cancel', ...args, '--store', store]

beforeEach(() => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
})

describe('reprise cancel', () => {
  it('ends a run that nobody drives, without its code, and keeps the reason', async () => {
    await recordWaiting(store)
    expect(await printed(cancel('night', 'not tonight'), { cwd })).toBe('night is cancelled.\n')
    const runtime = deskRuntime(store)
    expect((await runtime.runs.entries('night')).at(-1)).toMatchObject({
      kind: 'run.cancelled',
      body: { reason: 'not tonight' },
    })
    await runtime.close()
    // Twice is once.
    expect(JSON.parse(await printed(cancel('night', '--json'), { cwd }))).toEqual({
      runId: 'night',
      status: 'cancelled',
      asked: false,
    })
  })

  it('ends the run that a run goes on as', async () => {
    await recordRounds(store)
    expect(await printed(cancel('r', 'enough'), { cwd })).toBe('r~2 is cancelled.\n')
  })

  it('leaves a run that has ended as it is, and exits with 1', async () => {
    await recordServed(store, 'r')
    expect(await reprise(cancel('r'), { cwd })).toEqual({
      code: 1,
      stderr: '',
      stdout: 'r had ended before: it is completed.\n',
    })
  })

  it('asks the process that drives a run to end it', async () => {
    const endless: Model = {
      // eslint-disable-next-line require-yield
      async *ask(_request, signal) {
        await new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason as Error)))
      },
    }
    const clock = manualClock({ now: Date.now() })
    const runtime = createRuntime({ store: sqlite(store), models: endless, definitions, clock })
    const run = await runtime.start(writer, 'Write', { id: 'r' })
    expect(await printed(cancel('r', 'enough'), { cwd })).toBe('r is asked to end: another process drives it.\n')
    await clock.advance(1_000)
    expect(await run.outcome()).toMatchObject({ kind: 'cancelled', reason: 'enough' })
    await runtime.close()
  })
})
