// Any JSON that a run may say comes back to the character, plain and encrypted.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PLAIN } from './cipher.ts'
import { decodeBody, encodeBody } from './codec.ts'
import { LineageKey } from '../keys/lineage-key.ts'
import { longMembers } from './members.ts'

/** Every code unit: halves of pairs, quotes, backslashes, line ends and NUL among them. */
const unit = fc.oneof(
  fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  fc.constantFrom('"', '\\', '\n', '\u0000', '\u2028', '{', '}', ',', ':', '~', '😀', '\ud800'),
)
const words = fc.oneof(
  fc.string({ unit, maxLength: 50 }),
  fc.tuple(fc.string({ unit, minLength: 1, maxLength: 20 }), fc.nat(900)).map(([text, times]) => text.repeat(times)),
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    words,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(words, tie('value'), { maxKeys: 4 }),
  ),
}))
const bodies = fc.dictionary(words, value, { maxKeys: 5 }).map((body) => JSON.stringify(body))

test.each([
  ['plain', PLAIN],
  ['encrypted', new LineageKey(Buffer.alloc(32, 7))],
])('a body makes the trip to its row and its blobs and back: %s', (_how, cipher) => {
  fc.assert(
    fc.property(bodies, (text) => {
      const { body, blobs } = encodeBody(text, cipher)
      const kept = new Map(blobs.map(({ address, text }) => [address, cipher.seal(text, 'blob', address)]))
      const row = cipher.seal(body, 'r1', 0)
      const back = decodeBody(cipher.open(row, 'r1', 0), (address) =>
        cipher.open(kept.get(address) ?? 'no such blob', 'blob', address),
      )
      expect(back).toBe(text)
    }),
  )
})

test('the long members of an object are those that parsing it shows', () => {
  fc.assert(
    fc.property(bodies, fc.integer({ min: 1, max: 60 }), (text, least) => {
      const members = Object.values(JSON.parse(text) as object).map((member) => JSON.stringify(member))
      const found = longMembers(text, least).map(([start, end]) => text.slice(start, end))
      expect(found).toEqual(members.filter(({ length }) => length >= least))
    }),
  )
})
