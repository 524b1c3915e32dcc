import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digest } from '@reprise/core'
import { PLAIN } from './cipher.ts'
import { decodeBody, encodeBody, MAX_INLINE_CHARS } from './codec.ts'

const decoded = (text: string): string => {
  const { body, blobs } = encodeBody(text, PLAIN)
  return decodeBody(body, (address) => blobs.find((blob) => blob.address === address)?.text ?? 'no such blob')
}

test('a body of up to 4,096 characters stands as it is', () => {
  const text = JSON.stringify({ result: 'x'.repeat(4083) })

  expect(text).toHaveLength(4096)
  expect(encodeBody(text, PLAIN)).toEqual({ body: text, blobs: [] })
})

test('the long members of a longer body are cut out, each under its digest, and their places are noted', () => {
  const card = JSON.stringify({ tools: 'x'.repeat(4000) })
  const instructions = JSON.stringify('y'.repeat(2000))
  const { body, blobs } = encodeBody(`{"card":${card},"input":"hi","instructions":${instructions}}`, PLAIN)

  expect(body).toBe(`~[[8,"${digest(card)}"],[37,"${digest(instructions)}"]]\n{"card":,"input":"hi","instructions":}`)
  expect(blobs).toEqual([
    { address: digest(card), text: card },
    { address: digest(instructions), text: instructions },
  ])
})

test('a body that stays long without its long members is cut out whole', () => {
  const text = JSON.stringify({
    a: 'x'.repeat(2000),
    ...Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`m${i}`, i])),
  })

  expect(encodeBody(text, PLAIN)).toEqual({
    body: `~[[0,"${digest(text)}"]]\n`,
    blobs: [{ address: digest(text), text }],
  })
})

test('any text comes back to the character, and a row keeps no more than 4,096 characters and the addresses', () => {
  const value = fc.oneof(
    fc.string({ maxLength: 9000, size: 'max' }),
    fc.jsonValue(),
    fc.array(fc.nat(), { maxLength: 3000, size: 'max' }),
  )
  const body = fc.oneof(
    fc.dictionary(fc.string(), value, { maxKeys: 8 }).map((object) => JSON.stringify(object)),
    fc.string({ maxLength: 9000, size: 'max' }),
    fc.string().map((text) => `~${text}`),
  )
  fc.assert(
    fc.property(body, (text) => {
      expect(decoded(text)).toBe(text)
      const { body, blobs } = encodeBody(text, PLAIN)
      expect(body.length).toBeLessThanOrEqual(MAX_INLINE_CHARS + 60 * blobs.length + 4)
    }),
  )
})
