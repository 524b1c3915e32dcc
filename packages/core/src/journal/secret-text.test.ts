import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Secrets } from './secrets.ts'
import { SecretText } from './secret-text.ts'

const T1 = 'secret_AAAAAAAAAAAAAAAAAAAAAA'
const T2 = 'secret_BBBBBBBBBBBBBBBBBBBBBB'

function redact(text: string, ...values: string[]): string {
  return new SecretText(new Map(values.map((value, at) => [value, [T1, T2][at] ?? '']))).redact(text)
}

test('a secret is found as it is, inside of JSON, inside of JSON in JSON, and in an address', () => {
  const secret = 'p"w\\ \n€x'
  const once = JSON.stringify({ secret })
  for (const text of [secret, once, JSON.stringify({ once }), `https://x/?k=${encodeURIComponent(secret)}&l`])
    expect(redact(`<${text}>`, secret)).toContain(T1)
  expect(redact(JSON.stringify({ once }), secret)).toBe(JSON.stringify({ once: JSON.stringify({ secret: T1 }) }))
})

test.each([
  ['a query', 'k=p%22w%2F+x%27%E2%82%AC&l'],
  ['a strict address', 'p%22w%2F%20x%27%E2%82%AC'],
  ['an address in small letters', 'p%22w%2f%20x%27%e2%82%ac'],
  ['a whole address', "https://x/p%22w/%20x'%E2%82%AC/y"],
  ['an address in an address', encodeURIComponent(encodeURIComponent('p"w/ x\'€'))],
  ['JSON in an address', encodeURIComponent(JSON.stringify('p"w/ x\'€'))],
  ['JSON in a form', new URLSearchParams({ k: JSON.stringify('p"w/ x\'€') }).toString()],
])('a secret is found in %s', (_, text) => {
  expect(redact(text, 'p"w/ x\'€')).toContain(T1)
})

test('blanks around a secret stay where they are, and are part of it where nothing else is there', () => {
  expect(redact('a pass-word b', ' pass-word ')).toBe(`a ${T1} b`)
  expect(redact(' pass-word ', ' pass-word ')).toBe(T1)
  expect(redact(' pass-word ', 'pass-word', ' pass-word ')).toBe(T2)
  expect(redact('=pass-word ', ' pass-word ', 'pass-word')).toBe(`=${T2} `)
})

test('a short secret is found as a word of its own alone, and a longer one anywhere', () => {
  expect(redact('123, 1234 x123 123_ -123 (123)123é', '123')).toBe(`${T1}, 1234 x123 123_ -123 (${T1})123é`)
  expect(redact('a12345678b', '12345678')).toBe(`a${T1}b`)
})

test('of secrets that begin alike the longest is found', () => {
  expect(redact('password-1 password-12', 'password-1', 'password-12')).toBe(`${T1} ${T2}`)
})

test('nothing is found inside of a token, so what is hidden stays as it is', () => {
  expect(redact(`secret ${T1} of ${T2}`, 'secret', 'B'.repeat(22))).toBe(`${T1} ${T1} of ${T2}`)
})

test('what stands for something else in a pattern stands for itself', () => {
  expect(redact('a.c*[x](y)$^|{2}\\d a-c', 'a.c*[x](y)$^|{2}\\d')).toBe(`${T1} a-c`)
})

/** Secrets over few letters, so that they begin alike, repeat and overlap. */
const secret = fc.string({ unit: fc.constantFrom('a', 'b', '"'), minLength: 8, maxLength: 12 })
const text = fc.array(fc.oneof(secret, fc.string({ unit: fc.constantFrom('a', 'b', '"', ' '), maxLength: 9 })), {
  maxLength: 6,
})

test('a text that comes in parts is hidden as it is in one piece, and no part of a secret comes out', async () => {
  const inParts = fc.tuple(fc.uniqueArray(secret, { minLength: 1, maxLength: 3 }), text, fc.array(fc.nat({ max: 7 })))
  await fc.assert(
    fc.asyncProperty(inParts, async ([values, pieces, cuts]) => {
      const whole = [...pieces, values[0], 'a', ...pieces].join('')
      const secrets = new Secrets(async () => ({
        token: (value) => `secret_${value}`.padEnd(29, '_').slice(0, 29),
        secrets: [],
      }))
      await secrets.load()
      secrets.learn(values)
      const stream = secrets.stream()
      let [told, at] = ['', 0]
      for (const cut of cuts) {
        told += stream.push(whole.slice(at, at + cut))
        at += cut
      }
      told += stream.push(whole.slice(at)) + stream.end()

      expect(told).toBe(secrets.redact(whole))
    }),
  )
})

test('what is hidden comes back as it was, whatever JSON it stands in', async () => {
  const plain = fc.string({
    unit: fc.constantFrom('a', 'b', 'X', '0', '1', '_', '-', '.'),
    minLength: 1,
    maxLength: 12,
  })
  // A longer number in which a secret stands comes back as a text.
  const short = (_key: string, part: unknown): unknown => (typeof part === 'number' ? Math.trunc(part % 100) : part)
  const json = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value, short)))
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(plain), json, async (values, value) => {
      const tokens = new Map(values.map((one, at) => [one, `secret_${String(at).padStart(22, '_')}`]))
      const secrets = new Secrets(async () => ({ token: (one) => tokens.get(one) ?? '', secrets: [] }))
      await secrets.load()
      secrets.learn(values)
      const said = { value, values, [values[0] ?? 'none']: values.map((one) => `<${one}>`) }
      const hidden = secrets.redact(said)

      for (const one of values) expect(hidden.values).not.toContain(`<${one}>`)
      expect(secrets.reveal(hidden)).toEqual(said)
    }),
  )
})
