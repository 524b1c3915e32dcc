import { expect, test } from 'vitest'
import { z } from 'zod'
import { compile } from './compile.ts'
import { explain } from './explain.ts'
import type { Issue } from './issue.ts'

test('a complaint names each place, what is wrong there and what stands there', () => {
  const { decode } = compile(
    z.object({
      items: z.array(z.object({ quantity: z.int() })),
      mode: z.union([z.literal('fast'), z.literal(1)]),
      'odd name': z.string(),
    }),
    'Test',
  )
  const decoded = decode({ items: [{ quantity: 1.5 }, {}], mode: 'slow', 'odd name': 'x'.repeat(100).split('') })
  expect(decoded.ok ? '' : explain(decoded.issues)).toBe(
    [
      'The value breaks its schema in 4 places:',
      '- items[0].quantity: Invalid input: expected int, received number; got 1.5',
      '- items[1].quantity: Invalid input: expected number, received undefined; got nothing',
      '- mode: Invalid input; expected "fast" or 1; got "slow"',
      `- ["odd name"]: Invalid input: expected string, received array; got [${'"x",'.repeat(19)}"x"…`,
    ].join('\n'),
  )
})

test('the value itself may be wrong', () => {
  const { decode } = compile(z.object({}), 'Test')
  const decoded = decode(null)
  expect(decoded.ok ? '' : explain(decoded.issues)).toBe(
    'The value breaks its schema in one place:\n- the value itself: Invalid input: expected object, received null; got null',
  )
})

test('a complaint is bounded', () => {
  const issues = Array.from({ length: 500 }, (_, at): Issue => ({
    path: `[${at}]`,
    message: 'm'.repeat(10_000),
    got: 'g',
  }))
  const complaint = explain(issues)
  expect(complaint.length).toBeLessThan(4_000)
  expect(complaint.split('\n')).toHaveLength(12)
  expect(complaint).toMatch(/^The value breaks its schema in 500 places:\n- \[0\]: m+…; got g\n/)
  expect(complaint).toMatch(/\n- and 490 more\.$/)
})
