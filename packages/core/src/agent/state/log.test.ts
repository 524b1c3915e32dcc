import fc from 'fast-check'
import { expect, test } from 'vitest'
import { append, emptyLog, type Log, view } from './log.ts'

test('a log shows what was appended, in order', () => {
  expect(view(append(append(emptyLog(), ['a']), ['b', 'c']))).toEqual(['a', 'b', 'c'])
})

test('appending to the newest log copies nothing', () => {
  const first = append(emptyLog<string>(), ['a'])
  const second = append(first, ['b'])
  expect(second.items).toBe(first.items)
  expect(view(second)).toBe(second.items)
})

test('an older log still shows what it showed, and may go on another way', () => {
  const first = append(emptyLog<string>(), ['a'])
  const second = append(first, ['b'])
  const other = append(first, ['c'])
  expect([first, second, other].map(view)).toEqual([['a'], ['a', 'b'], ['a', 'c']])
})

test('logs that branch anywhere are as lists that are copied', () => {
  const steps = fc.array(fc.tuple(fc.nat(), fc.array(fc.integer(), { maxLength: 3 })), { maxLength: 40 })
  fc.assert(
    fc.property(steps, (appends) => {
      const grown: { readonly log: Log<number>; readonly list: readonly number[] }[] = [{ log: emptyLog(), list: [] }]
      for (const [from, more] of appends) {
        const parent = grown[from % grown.length]
        if (parent) grown.push({ log: append(parent.log, more), list: [...parent.list, ...more] })
      }
      expect(grown.map(({ log }) => view(log))).toEqual(grown.map(({ list }) => list))
    }),
  )
})
