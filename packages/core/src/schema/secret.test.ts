// Secrets at places that are more than plain text: by reference, beside null, at a root that is no object.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { compile } from './compile.ts'
import { validate } from './decode.ts'

const SAID = 'a secret: where you know it as a token, secret_..., give the token as it stands'
const code = z.string().regex(/^[A-Z]+$/)

describe('a model is told of a secret, and may give its token', () => {
  const Code = code.meta({ id: 'SecretTestCode' })

  test.each<[string, z.ZodType, object]>([
    ['a text of one pattern', code.meta({ secret: true }), { type: 'string', description: SAID }],
    ['a text or null', code.nullable().meta({ secret: true }), { type: ['string', 'null'], description: SAID }],
    ['a schema with a name', Code.meta({ secret: true }), { type: 'string', description: SAID }],
    [
      'a schema with a name that may be left out',
      Code.meta({ secret: true }).optional(),
      { type: ['string', 'null'], description: SAID },
    ],
  ])('%s', (_, schema, said) => {
    const { json, decodeHidden } = compile(z.object({ other: Code, it: schema }), 'Test')
    expect(json.properties?.['it']).toEqual(said)
    const hidden = { other: 'A', it: 'secret_1' }
    expect(decodeHidden(hidden)).toEqual({ ok: true, value: hidden })
  })
})

test.each<[string, z.ZodType, unknown, string]>([
  ['a list', z.array(code.meta({ secret: true })), ['secret_1'], 'value[0]'],
  ['a text', code.meta({ secret: true }), 'secret_1', 'value'],
  [
    'an alternative',
    z.union([z.number(), z.object({ pin: code.meta({ secret: true }) })]),
    { pin: 'secret_1' },
    'value.pin',
  ],
])('a token is let pass in a root that is no object: %s', (_, schema, value, path) => {
  const { decodeHidden, secrets } = compile(schema, 'Test')
  expect(secrets?.at({ value })).toEqual(new Map([[path, 'secret_1']]))
  expect(decodeHidden({ value })).toEqual({ ok: true, value })
})

describe('what an issue says of secrets', () => {
  const secret = z.string().meta({ secret: true })

  test('is whole where one of them is empty', () => {
    const decoded = validate(z.object({ pin: secret.min(1) }), { pin: '' })
    expect(decoded.ok ? [] : decoded.issues.map(({ message }) => message)).toEqual([
      'Too small: expected string to have >=1 characters',
    ])
  })

  test('shows no rest of one that begins like another', () => {
    const telling = secret.refine(() => false, { error: ({ input }) => `${String(input)} is taken` })
    const decoded = validate(z.object({ short: secret, long: telling }), { short: 'abc', long: 'abcdef' })
    expect(decoded.ok ? [] : decoded.issues.map(({ message }) => message)).toEqual(['(a secret) is taken'])
  })
})
