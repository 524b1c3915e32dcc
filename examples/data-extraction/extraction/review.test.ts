import { expect, it } from 'vitest'
import type { Extracted } from './extracted.ts'
import { settle } from './review.ts'

const statement = {
  vendor: 'Harbour Supplies Ltd',
  period: { from: '2026-10-01', to: '2026-10-31' },
  currency: 'GBP',
  lines: [{ date: '2026-10-06', description: 'Rope', amountMinor: 23_800 }],
  totalMinor: 28_300,
}
const waiting: Extracted = { file: 'a.csv', status: 'review', statement, problems: ['It does not add up.'] }
const mended = { ...statement, totalMinor: 23_800 }

it('a person settles a file that waits, and what was wrong with it stays known', () => {
  expect(settle(waiting, { kind: 'accept', file: 'a.csv' })).toEqual({ ...waiting, status: 'accepted' })
  expect(settle(waiting, { kind: 'correct', file: 'a.csv', statement: mended })).toEqual({
    ...waiting,
    status: 'corrected',
    statement: mended,
  })
})

it('a correction that does not add up, a verdict of another file and a second verdict change nothing', () => {
  expect(settle(waiting, { kind: 'correct', file: 'a.csv', statement })).toBe(waiting)
  expect(settle(waiting, { kind: 'accept', file: 'b.csv' })).toBe(waiting)
  const accepted: Extracted = { ...waiting, status: 'accepted' }
  expect(settle(accepted, { kind: 'correct', file: 'a.csv', statement: mended })).toBe(accepted)
})
