import { createSecretKey, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { openBytes, sealBytes } from './gcm.ts'

test('no two things are encrypted under the same nonce, also past those that are drawn together', () => {
  const key = createSecretKey(randomBytes(32))
  const sealed = Array.from({ length: 1_000 }, (_, nth) => sealBytes(key, `text ${nth}`, 'place'))

  expect(new Set(sealed.map((bytes) => bytes.subarray(0, 12).toString('hex'))).size).toBe(1_000)
  for (const [nth, bytes] of sealed.entries()) expect(openBytes(key, bytes, 'place').toString()).toBe(`text ${nth}`)
})
