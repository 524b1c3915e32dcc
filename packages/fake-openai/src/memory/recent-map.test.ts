import { expect, test } from 'vitest'
import { RecentMap } from './recent-map.ts'

test('a recent map holds what is used, whatever else comes, and forgets what is not', () => {
  const map = new RecentMap<string, number>(3)
  map.set('used', 1)
  map.set('unused', 2)
  for (let nth = 0; nth < 20; nth += 1) {
    map.set(`other ${nth}`, nth)
    expect(map.get('used')).toBe(1)
  }
  expect([map.get('unused'), map.get('other 18')]).toEqual([undefined, 18])
})

test('a recent map holds as many entries as their weights allow', () => {
  const map = new RecentMap<string, string>(100, (key, value) => key.length + value.length)
  for (let nth = 0; nth < 20; nth += 1) map.set(`key ${nth}`, 'x'.repeat(45))
  expect([19, 18, 15, 14].map((nth) => map.get(`key ${nth}`)?.length)).toEqual([45, 45, undefined, undefined])
})
