import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { digest, digestNext } from './digest.ts'

test('a digest is SHA-256 in base64url', () => {
  // The vector "abc" of FIPS 180-4.
  expect(digest('abc')).toBe(
    Buffer.from('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'hex').toString('base64url'),
  )
  expect(digest('')).toHaveLength(43)
})

test('a digest is of the text as UTF-8', () => {
  const text = 'Größe: 5 € 📦'
  expect(digest(text)).toBe(createHash('sha256').update(Buffer.from(text, 'utf8')).digest('base64url'))
})

test('a running digest depends on each part and on their order', () => {
  const [a, b] = [digest('a'), digest('b')]
  expect(digestNext(a, b)).toBe(digest(a + b))
  expect(digestNext(a, b)).not.toBe(digestNext(b, a))
  expect(digestNext('', a)).not.toBe(a)
})
