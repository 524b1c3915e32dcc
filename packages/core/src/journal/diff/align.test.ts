import { describe, expect, test } from 'vitest'
import { align } from './align.ts'

/** Numbers that look drawn, and are the same each time. */
function drawn(seed: number): () => number {
  let state = seed
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31
}

/** How much of two lists is common, by the table of the textbooks. */
function longestOf(a: readonly string[], b: readonly string[]): number {
  const lengths = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0))
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++)
      lengths[i]![j] =
        a[i - 1] === b[j - 1] ? lengths[i - 1]![j - 1]! + 1 : Math.max(lengths[i - 1]![j]!, lengths[i]![j - 1]!)
  return lengths[a.length]![b.length]!
}

describe('two lists are put together', () => {
  test('where they are the same, and rise in both, as long as can be', () => {
    const draw = drawn(7)
    for (let times = 0; times < 200; times++) {
      const list = () => Array.from({ length: Math.floor(draw() * 12) }, () => 'abcd'[Math.floor(draw() * 4)] ?? '')
      const [a, b] = [list(), list()]
      const matches = align(a, b)
      for (const [i, j] of matches) expect(a[i]).toBe(b[j])
      for (const [at, [i, j]] of matches.entries()) {
        const before = matches[at - 1]
        if (before) expect(i > before[0] && j > before[1]).toBe(true)
      }
      expect(matches.length, `${a.join('')} ${b.join('')}`).toBe(longestOf(a, b))
    }
  })

  test('and none where nothing is the same', () => {
    expect(align(['a'], [])).toEqual([])
    expect(align(['a', 'b'], ['c'])).toEqual([])
  })

  test('where they are far too long for a table, by what is the same in order', () => {
    const words = Array.from({ length: 20_000 }, (_, at) => `call ${at % 5_000}`)
    const edited = words.filter((_, at) => at % 100 !== 50).map((word, at) => (at % 70 === 35 ? `other ${at}` : word))
    const matches = align(words, edited)
    const kept = edited.filter((word) => word.startsWith('call')).length
    expect(matches.length).toBeGreaterThan(0.99 * kept)
    for (const [i, j] of matches) expect(words[i]).toBe(edited[j])
  })

  test('also where one word fills both, or each has another order', () => {
    const same = Array.from({ length: 20_000 }, () => 'poll')
    const spoilt = same.map((word, at) => (at % 3 === 0 ? 'else' : word))
    expect(align(same, spoilt).length).toBe(spoilt.filter((word) => word === 'poll').length)
    const draw = drawn(3)
    const one = Array.from({ length: 10_000 }, (_, at) => `call ${at}`)
    const other = one.toSorted(() => draw() - 0.5)
    const matches = align(one, other)
    expect(matches.length).toBeGreaterThan(1)
    for (const [i, j] of matches) expect(one[i]).toBe(other[j])
  })
})
