import { expect, it } from 'vitest'
import { calculate } from './calculate.ts'

it.each([
  ['2 + 2', 4],
  ['2 + 3 * 4 - 10 / 4', 11.5],
  [' (2 + 3) * -(4 - .5)', -17.5],
  ['3131.1 + 4777.75', 7908.85],
  ['10 / 3', 3.33],
  ['1. * 2', 2],
])('%s is %d', (expression, value) => {
  expect(calculate(expression)).toBe(value)
})

it.each(['', '2 +', '2 2', '(2', '2)', '1 / 0', '2 ** 3', 'x', '1e3', 'process.exit()'])(
  '%j is no expression',
  (expression) => {
    expect(() => calculate(expression)).toThrow('Error: invalid expression')
  },
)
