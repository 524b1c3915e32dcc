import { describe, expect, test } from 'vitest'
import type { CrashPoint } from '@reprise/testing'
import { serverUrl } from '../../packages/postgres/src/testing.fixture.ts'
import { encryptedPostgresPlace, postgresPlace } from '../postgres-place.fixture.ts'
import { killed } from './kill.ts'
import { type Case, cases, crashed, undisturbed } from './trial.ts'

/** So many of a case's crash points are tried here, spread over all; `npm run crash` tries each. */
const SAMPLE = 3

describe('a run whose process dies before or after a write or an effect comes to what it comes to undisturbed', () => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const whole = await undisturbed(one)
    expect(whole.points.length).toBeGreaterThan(SAMPLE)
    const step = whole.points.length / SAMPLE
    for (let nth = 0.5; nth < SAMPLE; nth++) {
      const point = whole.points[Math.floor(nth * step)] ?? { at: 1, side: 'before' }
      expect(await crashed(one, [point], whole), JSON.stringify(point)).toEqual([])
    }
  })

  const signals = [
    ['once', { of: 'effect', at: 1, side: 'after' }],
    ['parallel', { of: 'write', at: 3, side: 'before' }],
  ] as const
  test.each(signals.slice(0, process.env['REPRISE_ALL'] ? 2 : 1))('by SIGKILL: %s %o', async (name, point) => {
    const one = caseOf(name)
    expect(await killed(one, point, await undisturbed(one))).toEqual([])
  })
})

describe('over Postgres, too, it comes to what it comes to undisturbed', () => {
  const placed = { plain: postgresPlace, encrypted: encryptedPostgresPlace }
  const at = (points: readonly CrashPoint[], share: number): CrashPoint[] =>
    points.slice(Math.floor(share * points.length)).slice(0, 1)
  test.each([
    ['transactional', 'plain'],
    ['once', 'encrypted'],
    ['child', 'plain'],
  ] as const)('%s, %s', async (name, sort) => {
    const [one, url] = [caseOf(name), await serverUrl()]
    const whole = await undisturbed(one, placed[sort](url))
    const points = [...at(whole.points, 0.3), ...at(whole.points, 0.6), ...at(whole.points, 0.99)]
    for (const point of points)
      expect(await crashed(one, [point], whole, placed[sort](url)), JSON.stringify(point)).toEqual([])
  })

  test('by SIGKILL', { tags: 'slow' }, async () => {
    const [one, url] = [caseOf('transactional'), await serverUrl()]
    const point = { of: 'effect', at: 1, side: 'after' } as const
    expect(await killed(one, point, await undisturbed(one, postgresPlace(url)), url)).toEqual([])
  })
})

function caseOf(name: string): Case {
  return cases.find((other) => other.name === name) as Case
}

test('what does not come to the same is told', async () => {
  const one = cases[0] as Case
  const whole = await undisturbed(one)
  expect(
    await crashed(one, [{ of: 'write', at: 2, side: 'after' }], { ...whole, effects: ['pay a /nowhere'] }),
  ).toEqual(['The effects are [], and should be ["pay a /nowhere"]'])
})
