import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { serverUrl } from '../../packages/postgres/src/testing.fixture.ts'
import { encryptedPostgresPlace, postgresPlace } from '../postgres-place.fixture.ts'
import { simulate } from './simulate.ts'

/** A sample: `npm run simulate` plays as many as one likes. */
const SEEDS = process.env['REPRISE_ALL'] ? 1_000 : 40

// It comes first: whatever the machine loads and opens at the first use, it does in here.
describe('the same seed gives the same world, to the last thing that happens, whatever the machine does beside it', () => {
  const worlds = [
    [10, 3],
    [7, 0],
    [33, 0],
    [20, 3],
    [30, 0],
  ] as const
  test.each(process.env['REPRISE_ALL'] ? worlds : worlds.slice(0, 3))(
    '%i beside %i busy threads',
    async (seed, threads) => {
      const busy = Array.from({ length: threads }, () => new Worker('for (;;);', { eval: true }))
      const { trace } = await simulate(seed)
      for (const thread of busy) await thread.terminate()
      expect(trace.length).toBeGreaterThan(20)
      expect((await simulate(seed)).trace).toEqual(trace)
    },
  )
})

test(`whatever goes wrong, ${SEEDS} simulated worlds keep every promise`, { timeout: 600_000 }, async () => {
  const failed: string[] = []
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { complaints } = await simulate(seed)
    if (complaints.length > 0) failed.push(`npm run simulate -- --seed ${seed}: ${complaints.join('; ')}`)
  }
  expect(failed).toEqual([])
})

describe('over Postgres, too,', () => {
  test('a simulated world keeps every promise', async () => {
    expect((await simulate(7, postgresPlace(await serverUrl()))).complaints).toEqual([])
  })

  test('the same seed gives the same world', { tags: 'slow' }, async () => {
    const url = await serverUrl()
    const { trace } = await simulate(7, postgresPlace(url))
    expect((await simulate(7, postgresPlace(url))).trace).toEqual(trace)
  })

  test('one that is encrypted keeps every promise', { tags: 'slow' }, async () => {
    expect((await simulate(2, encryptedPostgresPlace(await serverUrl()))).complaints).toEqual([])
  })
})
