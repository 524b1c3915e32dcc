// A recorded conversation again, with another model: what is different is found, and nothing is invented or touched.
import { afterEach, describe, expect, it } from 'vitest'
import type { BacktestOptions, BacktestReport, Model } from '../src/index.ts'
import { playing, readOnly, recorded, runtimeOn, world } from './backtest.fixture.ts'

afterEach(() => {
  world.frozen = false
})

/** Backtests what was recorded, with tools that throw when they run, on a store that refuses to be written to. */
async function backtested(models: Model, options: BacktestOptions, filter = {}): Promise<BacktestReport> {
  const store = await recorded()
  world.frozen = true
  await using runtime = runtimeOn(readOnly(store), models)
  return await runtime.backtest(filter, options)
}

function statuses({ runs }: BacktestReport): Record<string, string> {
  return Object.fromEntries(runs.map(({ runId, status, problem }) => [runId, problem?.message ?? status]))
}

describe('a backtest of a model that does the same', () => {
  it('finds all runs the same, whatever happened in them, and touches nothing', async () => {
    const models = playing()
    const report = await backtested(models, { model: 'luna' })
    const others = Object.entries(statuses(report)).filter(([, status]) => status !== 'same')
    expect(others).toEqual([])
    expect(report.runs).toHaveLength(21)
    expect(report.runs.flatMap(({ calls }) => calls.changes)).toEqual([])
    expect(report.runs.every(({ coverage }) => coverage.turns === coverage.of)).toBe(true)
    expect(new Set(models.asked.map(({ card }) => card.model))).toEqual(new Set(['luna']))
  })
})
