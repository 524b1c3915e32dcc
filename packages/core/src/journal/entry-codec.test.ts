import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Draft } from '../contracts/entry.ts'
import { digest } from '../values/digest.ts'
import { RepriseError } from '../values/errors.ts'
import type { Json } from '../values/json.ts'
import { encodeEntry, decodeEntry } from './entry-codec.ts'

function returned(result: unknown): Draft {
  const body = { name: 'find_order', asked: 'digest', result: result as Json }
  return { kind: 'call.returned', key: 'agent:0/turn:1/call:0', attempt: 2, body }
}

test('a draft gets its place, its text and the digest of its text', () => {
  const text = '{"name":"find_order","asked":"digest","result":{"id":"4711"}}'
  const place = {
    kind: 'call.returned',
    seq: 7,
    key: 'agent:0/turn:1/call:0',
    attempt: 2,
    at: 1_000,
    digest: digest(text),
  }
  expect(encodeEntry(returned({ id: '4711' }), 7, 1_000)).toStrictEqual({
    stored: { ...place, text },
    entry: { ...place, body: { name: 'find_order', asked: 'digest', result: { id: '4711' } } },
  })
})

test('what is given is what was stored', () => {
  const when = new Date(0)
  const { entry } = encodeEntry(returned({ when, gone: undefined }), 0, 0)
  expect(entry.body).toStrictEqual({
    name: 'find_order',
    asked: 'digest',
    result: { when: '1970-01-01T00:00:00.000Z' },
  })
})

test('a later change to what was given does not reach the entry', () => {
  const result = { items: [1] }
  const { entry } = encodeEntry(returned(result), 0, 0)
  result.items.push(2)
  expect(entry.body).toMatchObject({ result: { items: [1] } })
})

test('an entry that is read again is the one that was given', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (result) => {
      const { stored, entry } = encodeEntry(returned(result), 3, 5)
      expect(decodeEntry(stored)).toStrictEqual(entry)
    }),
  )
})

test('a text that is no JSON is refused with the place where it stands', () => {
  const { stored } = encodeEntry(returned('x'), 7, 0)
  const text = `{"name":"find_order","result":"${'x'.repeat(100)}`
  const act = (): unknown => decodeEntry({ ...stored, text })
  expect(act).toThrow(RepriseError)
  expect(act).toThrow(
    expect.objectContaining({
      code: 'journal_unreadable',
      message: `The entry 7 (call.returned) is not JSON: ${text.slice(0, 60)}`,
      details: { seq: 7, kind: 'call.returned' },
      cause: expect.any(SyntaxError) as unknown,
    }),
  )
})
