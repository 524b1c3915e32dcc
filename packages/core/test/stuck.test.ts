import { manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { beginning } from '@reprise/testing/store-suite'
import { describe, expect, it } from 'vitest'
import { createRuntime, type RunRow } from '../src/index.ts'
import { runtimeOf, workflow } from './flow.fixture.ts'
import { stands, untilSo } from './queue.fixture.ts'

const HOUR_MS = 3_600_000
const flow = workflow(async () => 'done')

describe('runs that could not be worked', () => {
  it('are told, each with why and what to do, and no others', async () => {
    const [clock, store] = [manualClock({ now: 10 * HOUR_MS }), memoryStore()]
    const error = { code: 'no_key', message: 'There is no key.' }
    const mends = { kind: 'interrupted', key: 'run', error, until: 11 * HOUR_MS, times: 4, mendable: true } as const
    const rests = {
      kind: 'interrupted',
      key: 'run',
      error: { ...error, code: 'runtime_stopped' },
      until: 0,
      times: 0,
      mendable: true,
    } as const
    const doubt = { kind: 'in-doubt', key: 'k', id: 'k~1', tool: 'mail' } as const
    const poison = { kind: 'quarantined', key: 'run', reason: 'Its last 5 owners died with it.' } as const
    const none = { owner: null, kind: 'workflow', name: 'flow', createdAt: clock.now() } as const
    const rows: Record<string, Partial<RunRow>> = {
      poison: { status: 'quarantined', waiting: poison },
      doubt: { status: 'waiting', waiting: doubt },
      mends: { status: 'waiting', waiting: mends },
      rests: { status: 'waiting', waiting: rests },
      asks: { status: 'waiting', waiting: { kind: 'signal', key: 'k', signal: 'go' } },
      late: { status: 'waiting', waiting: { kind: 'signal', key: 'k', signal: 'go' }, deadlineAt: 1 },
      old: { status: 'queued', createdAt: 0 },
      'old, of others': { status: 'running', name: 'other', createdAt: 0 },
      'for later': { status: 'queued', createdAt: 0, wakeAt: 11 * HOUR_MS },
      'in line': { status: 'queued', createdAt: 0, concurrency: { key: 'a', limit: 1 } },
      young: { status: 'queued' },
      left: { status: 'running', owner: 'dead', concurrency: { key: 'a', limit: 1 } },
    }
    await store.commit(
      Object.entries(rows).map(([id, row]) =>
        beginning(id, { ...none, ...row, waits: row.waiting ? [row.waiting] : [] }),
      ),
    )
    const owners = { name: () => 'me', isGone: () => false, isGoneWhole: (owner: string) => owner === 'dead' }
    const models = scriptedModel([])
    await using runtime = createRuntime({ store, models, definitions: [flow], clock, owners })
    const found = []
    for await (const { run, why, reason } of runtime.runs.stuck()) found.push([run.id, why, reason])
    expect(found).toEqual([
      ['poison', 'quarantined', 'Its last 5 owners died with it.'],
      ['doubt', 'in-doubt', 'Nobody knows whether mail at k~1 happened.'],
      ['mends', 'interrupted', 'There is no key. (no_key, 4 times in a row)'],
      [
        'late',
        'late',
        expect.stringMatching(/^It is late, and nobody has ended it. It had not ended by its deadline/) as unknown,
      ],
      [
        'old, of others',
        'unclaimed',
        'Nobody has taken it since 1970-01-01T00:00:00.000Z, and this runtime has no workflow "other".',
      ],
      ['left', 'abandoned', 'Its owner dead is gone, and it has a slot of "a", for which others may wait.'],
      ['old', 'unclaimed', 'Nobody has taken it since 1970-01-01T00:00:00.000Z.'],
    ])
  })

  it('are those that expired, too, as long as is asked for', { tags: 'slow' }, async () => {
    const [clock, store] = [manualClock({ now: HOUR_MS }), memoryStore()]
    await using runtime = runtimeOf([flow], store, clock)
    await runtime.enqueue(flow, '', { id: 'r', expireMs: 0 })
    runtime.work()
    await untilSo(clock, stands(runtime, 'r', 'failed'))
    const found = []
    for await (const { run, why } of runtime.runs.stuck()) found.push([run.id, why])
    expect(found).toEqual([['r', 'expired']])
    await clock.advance(HOUR_MS)
    for await (const stuck of runtime.runs.stuck({ expiredMs: HOUR_MS / 2 })) expect(stuck).toBeUndefined()
    await expect(runtime.runs.stuck({ unclaimedMs: -1 }).next()).rejects.toThrow('has unclaimedMs -1')
  })
})
