// Any JSON that a run may say comes back from a whole store to the character, plain and encrypted.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digest } from '@reprise/core'
import type { StoredEntry } from '@reprise/core'
import { beginning, sampleEntry } from '@reprise/testing/store-suite'
import type { SqliteStore } from './sqlite-store.ts'
import { sqlite } from './sqlite.ts'

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
