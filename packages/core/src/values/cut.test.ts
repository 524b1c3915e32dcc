import { expect, test } from 'vitest'
import { cut } from './cut.ts'

test('a text is cut before an emoji, not through it', () => {
  expect(cut('Party 🎉 tonight', 7)).toBe('Party …')
  expect(cut('Party 🎉 tonight', 8)).toBe('Party 🎉…')
  expect(cut('Party', 5)).toBe('Party')
})
