import { expect, test } from 'vitest'
import { isName, isRunId, newRunId } from './ids.ts'

test('a fresh run id is a run id, and another one each time', () => {
  const ids = Array.from({ length: 100 }, newRunId)
  expect(ids.every(isRunId)).toBe(true)
  expect(new Set(ids).size).toBe(100)
})

test.each(['ticket-4711', 'a/b:c#1', '~', 'x'.repeat(200)])('%o may be the id of a run', (id) => {
  expect(isRunId(id)).toBe(true)
})

test.each(['', 'two words', 'tab\t', 'line\n', 'é', '\u007F', 'x'.repeat(201)])(
  '%o may not be the id of a run',
  (id) => {
    expect(isRunId(id)).toBe(false)
  },
)

test.each(['a', 'find_order', 'Find-Order-2', '__proto__', 'x'.repeat(64)])('%o may be a name', (name) => {
  expect(isName(name)).toBe(true)
})

test.each(['', 'find order', 'find.order', 'ordér', 'a\n', 'x'.repeat(65)])('%o may not be a name', (name) => {
  expect(isName(name)).toBe(false)
})
