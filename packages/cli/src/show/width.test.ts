import { expect, test } from 'vitest'
import { columns } from './columns.ts'
import { bold, good } from './style.ts'
import { cut, widthOf } from './width.ts'

test.each([
  ['plain', 5],
  [good('plain'), 5],
  ['订单', 4],
  ['注文は', 6],
  ['주문', 4],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2],
  ['⚠️', 2],
  ['✓ é ü', 5],
  ['', 0],
])('%j takes %i places', (text, places) => {
  expect(widthOf(text)).toBe(places)
})

test.each([
  ['fits', 4, 'fits'],
  ['is cut', 4, 'is …'],
  ['订单号', 4, '订…'],
  ['订单号', 5, '订单…'],
  [`${bold('heading')} and more`, 5, bold('head…')],
  [`a ${good('green')} end`, 9, `a ${good('green')} …`],
])('%j in %i places is %j', (text, places, expected) => {
  const kept = cut(text, places)
  expect(kept).toBe(expected)
  expect(widthOf(kept)).toBeLessThanOrEqual(places)
})

test('columns stand under each other, however wide their characters are', () => {
  expect(
    columns([
      ['订单', 'one'],
      ['ab', 'two'],
    ]),
  ).toEqual(['订单  one', 'ab    two'])
})
