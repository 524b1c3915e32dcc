import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataIsThere, NO_DATA, readTasks } from './data.ts'
import { complaintsOf, MigrationTrial, type Tried } from './migrate/trial.ts'

/** As many as make a verdict, where all come out the same. */
const SAMPLE = 36

describe.skipIf(!dataIsThere)(`recorded customers, asked again of another model (${NO_DATA})`, () => {
  let trial: MigrationTrial
  const agentOf = ({ report }: Tried) => {
    const [agent, ...others] = report.agents
    if (!agent || others.length > 0) throw new Error(`${report.agents.length} agents`)
    return agent
  }

  beforeAll(async () => {
    trial = await MigrationTrial.record(
      readTasks()
        .slice(0, SAMPLE)
        .map(({ task }) => task),
    )
  })
  afterAll(() => trial.close())

  it('finds nothing where the other model does the same: it may go', { tags: 'slow' }, async () => {
    const same = await trial.migrate('same')
    expect([same.code, complaintsOf(same, [])]).toEqual([0, []])
    expect(agentOf(same)).toMatchObject({
      verdict: {
        kind: 'go',
        why: ['36 of 36 compared runs came out the same: 100 %, and at least 90.4 % at a confidence of 95 %.'],
      },
      share: { estimate: 1 },
      examples: [],
    })
  })

  it('finds each difference that is planted, and no other, what it costs and how long it takes', async () => {
    const planted = await trial.migrate('planted')
    expect(trial.planted).toHaveLength(5)
    expect(complaintsOf(planted, trial.planted)).toEqual([])
    const { verdict, month, latency } = agentOf(planted)
    // Of the five, another order of calls counts as the same.
    expect(verdict.why[0]).toMatch(/^32 of 36 compared runs came out the same/)
    expect([planted.code, verdict.kind]).toEqual([1, 'not-enough'])
    expect(month.basis).toBe('36 runs in the last 30 days, of which 10 have records: scaled up to 30.')
    expect((month.candidate?.estimate ?? NaN) / (month.recorded ?? NaN)).toBeCloseTo(0.25, 1)
    expect(latency.candidate.p95).toBeLessThan(latency.recorded.p50)
    expect(planted.page).toContain('#W9999999')
  })
})
