// Any JSON that a run may say comes back to the character, from the codec and from a whole store, plain and encrypted.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digest } from '@reprise/core'
import type { StoredEntry } from '@reprise/core'
import { beginning, sampleEntry } from '@reprise/testing/store-suite'
import { PLAIN } from './cipher.ts'
import { decodeBody, encodeBody } from './codec.ts'
import { LineageKey } from '../keys/lineage-key.ts'
import { longMembers } from './members.ts'
import type { SqliteStore } from '../sqlite/file-store.ts'
import { sqlite } from '../sqlite/sqlite.ts'

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

describe.each([
  ['plain', undefined],
  ['encrypted', { key: Buffer.alloc(32, 7) }],
])('a store, %s', (_how, encryption) => {
  let store: SqliteStore
  let runs = 0
  beforeAll(() => {
    store = sqlite(':memory:', encryption && { encryption })
  })
  afterAll(() => store.close())

  test('gives back what any run says, to the character', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bodies, { minLength: 1, maxLength: 4 }), async (texts) => {
        const runId = `r${runs++}`
        const entries = texts.map((text, seq): StoredEntry => ({ ...sampleEntry(seq), text, digest: digest(text) }))
        await store.commit([{ ...beginning(runId), entries }])
        expect(await store.entries(runId)).toEqual(entries)
      }),
      { numRuns: 50 },
    )
  })
})
