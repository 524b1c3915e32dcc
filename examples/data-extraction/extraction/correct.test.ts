import { expect, it } from 'vitest'
import { Complaint } from '../complaint.ts'
import { correct } from './correct.ts'

const statement = {
  vendor: 'Harbour Supplies Ltd',
  period: { from: '2026-10-01', to: '2026-10-31' },
  currency: 'GBP',
  lines: [
    { date: '2026-10-06', description: 'Rope', amountMinor: 23_800 },
    { date: '2026-10-08', description: 'Fenders', amountMinor: -31_600 },
  ],
  totalMinor: 7_800,
}
const read = { file: 'a.csv', statement }

it('what is given replaces what was read, and the rest stays', () => {
  expect(correct(read, { totalMinor: -7_800 })).toEqual({ ...statement, totalMinor: -7_800 })
})

it('a whole statement is given where none was read', () => {
  const whole = { ...statement, totalMinor: -7_800 }
  expect(correct({ file: 'a.csv', statement: null }, whole)).toEqual(whole)
})

it.each([
  [{}, 'does not add up. The lines come to -78.00 GBP, and the total is 78.00 GBP.'],
  [
    { totalMinor: -7_800, period: { from: '2026-10-07', to: '2026-10-31' } },
    'does not add up. 1 of 2 lines are dated outside of 2026-10-07 to 2026-10-31.',
  ],
  [{ total: -7_800 }, 'is no statement: Unrecognized key: "total".'],
  [{ currency: 'pounds' }, 'is no statement at currency: must be three capital letters, such as EUR.'],
  [{ totalMinor: -78.5 }, 'is no statement at totalMinor: Invalid input: expected int, received number.'],
  [{ lines: [] }, 'is no statement at lines: Too small: expected array to have >=1 items.'],
])('the correction %j is refused', (fields, complaint) => {
  expect(() => correct(read, fields)).toThrow(new Complaint(`The correction of a.csv ${complaint}`))
})
