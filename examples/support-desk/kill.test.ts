import { expect, it } from 'vitest'
import { demoHere } from '../demo-here.fixture.ts'
import { demo } from './demo.ts'
import { type Moment, trial, undisturbed } from './kill/trial.ts'

it(
  'a demo that is killed twice comes to the same end, and no answered question is asked again',
  { tags: 'slow' },
  async () => {
    const reference = await undisturbed(3, (args, env) => demoHere(demo, args, env))
    // Of about a hundred questions; npm run kill kills at many random moments.
    const moments = [8, 45].map(
      (nth): Moment =>
        (logged) =>
          logged.question(nth),
    )
    expect(await trial(reference, ...moments)).toEqual({ kills: 2, wrong: [] })
  },
)
