import { describe, expect, it } from 'vitest'
import { judge } from './verdict.ts'

const rule = { sameAtLeast: 0.9, confidence: 0.95, comparedAtLeast: 0.8 }
const none = { worse: 0, better: 0 }

describe('a verdict', () => {
  it('is go where the share that comes out the same is surely enough', () => {
    expect(judge({ of: 40, same: 40, different: 0, ...none }, rule)).toEqual({
      kind: 'go',
      why: ['40 of 40 compared runs came out the same: 100 %, and at least 91.2 % at a confidence of 95 %.'],
      runsNeeded: null,
    })
  })

  it('says how many runs are enough, and that many are', () => {
    const few = judge({ of: 14, same: 14, different: 0, ...none }, rule)
    expect(few).toEqual({
      kind: 'not-enough',
      why: [
        '14 of 14 compared runs came out the same: 100 %, and at least 78.5 % at a confidence of 95 %. If it stays so, 35 runs in all are enough for the 90 % that are asked for.',
      ],
      runsNeeded: 35,
    })
    expect(judge({ of: 35, same: 35, different: 0, ...none }, rule).kind).toBe('go')
    expect(judge({ of: 34, same: 34, different: 0, ...none }, rule).kind).toBe('not-enough')
  })

  it('says that no number of runs is enough where the share is too small, but not surely', () => {
    const { kind, why, runsNeeded } = judge({ of: 20, same: 17, different: 3, ...none }, rule)
    expect([kind, runsNeeded]).toEqual(['not-enough', null])
    expect(why[0]).toContain('At that share no number of runs is enough')
  })

  it('is no-go where the share is surely too small', () => {
    expect(judge({ of: 100, same: 70, different: 30, ...none }, rule)).toMatchObject({
      kind: 'no-go',
      why: [
        '70 of 100 compared runs came out the same: 70 %, and at most 78.1 % at a confidence of 95 %. 90 % are asked for.',
      ],
    })
  })

  it('is no-go where it does wrong beyond chance, however many runs come out the same', () => {
    const worse = judge({ of: 1_000, same: 990, different: 10, worse: 6, better: 0 }, rule)
    expect(worse.kind).toBe('no-go')
    expect(worse.why).toEqual([
      'It did something wrong in 6 runs where the recording did not, and the recording in 0 runs where it did not: chance alone does as much once in 32 times.',
    ])
    const chance = judge({ of: 1_000, same: 990, different: 10, worse: 5, better: 0 }, rule)
    expect(chance.kind).toBe('go')
    expect(chance.why[1]).toContain('that may be chance')
    expect(judge({ of: 1_000, same: 990, different: 10, worse: 0, better: 6 }, rule).kind).toBe('go')
  })

  it('is no go where too few of the runs could be compared', () => {
    const { kind, why } = judge({ of: 100, same: 60, different: 0, ...none }, rule)
    expect([kind, why[0]]).toEqual(['not-enough', 'Only 60 of 100 runs could be compared; 80 % are asked for.'])
  })

  it('is not reached where nothing could be compared', () => {
    expect(judge({ of: 3, same: 0, different: 0, ...none }, rule)).toMatchObject({
      kind: 'not-enough',
      why: ['No run could be compared.'],
    })
  })
})
