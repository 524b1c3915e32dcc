import { expect, test } from 'vitest'
import { simulate } from './simulate.fixture.ts'

const SEEDS = 200

test(`whatever goes wrong, ${SEEDS} simulated worlds keep every promise`, { timeout: 120_000 }, async () => {
  const failed: string[] = []
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { complaints } = await simulate(seed)
    if (complaints.length > 0) failed.push(`npm run simulate -- --seed ${seed}: ${complaints.join('; ')}`)
  }
  expect(failed).toEqual([])
})

test.each([7, 20, 30, 33])('the same seed gives the same world, to the last thing that happens: %i', async (seed) => {
  const { trace } = await simulate(seed)
  expect(trace.length).toBeGreaterThan(20)
  expect((await simulate(seed)).trace).toEqual(trace)
})
