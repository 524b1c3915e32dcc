import { expect, it } from 'vitest'
import { trial, undisturbed } from './kill/trial.ts'

it(
  'a demo that is killed and started again comes to the same end, and no answered question is asked again',
  { timeout: 120_000 },
  async () => {
    const reference = await undisturbed(3)
    // Spread over the demo; npm run kill does it at many random moments.
    const moments = [0.1, 0.35, 0.6, 0.85].map((share) => Math.round(share * reference.tookMs))
    const trials = await Promise.all(moments.map((moment) => trial(reference, moment)))
    expect(trials.flatMap(({ wrong }) => wrong)).toEqual([])
    expect(trials.filter(({ killedAtMs }) => killedAtMs !== undefined).length).toBeGreaterThan(0)
  },
)
