import { expect, test, vi } from 'vitest'
import * as errors from './errors.ts'

const { DefinitionError, messageOf, ModelError, RepriseError } = errors

async function otherCopy(): Promise<typeof errors> {
  vi.resetModules()
  return import('./errors.ts')
}

test('an error of another copy of the package is known by its brand', async () => {
  const copy = await otherCopy()
  const error = new copy.DefinitionError({ code: 'bad_name', message: 'No.' })
  expect(error).not.toBeInstanceOf(RepriseError)
  expect(RepriseError.is(error)).toBe(true)
  expect(copy.RepriseError.is(new DefinitionError({ code: 'bad_name', message: 'No.' }))).toBe(true)
})

test.each<[string, unknown]>([
  ['an error of somebody else', Object.assign(new Error('No.'), { code: 'bad_name', retryable: false, details: {} })],
  ['text', 'bad_name'],
  ['null', null],
  ['undefined', undefined],
])('%s is no error of Reprise', (_, value) => {
  expect(RepriseError.is(value)).toBe(false)
})

test('an error has its code, its facts and its cause', () => {
  const cause = new Error('disk full')
  const error = new RepriseError({
    code: 'disk_full',
    message: 'No room.',
    details: { path: '/a' },
    retryable: true,
    cause,
  })
  expect(error).toMatchObject({ code: 'disk_full', details: { path: '/a' }, retryable: true })
  expect(error.message).toBe('No room.')
  expect(error.cause).toBe(cause)
})

test('an error that says nothing more is final, without facts and without a cause', () => {
  const error = new RepriseError({ code: 'x', message: 'No.' })
  expect({ retryable: error.retryable, details: error.details }).toEqual({ retryable: false, details: {} })
  expect('cause' in error).toBe(false)
})

test.each([
  ['RepriseError', RepriseError],
  ['DefinitionError', DefinitionError],
  ['ModelError', ModelError],
  ['ToolError', errors.ToolError],
  ['StoreError', errors.StoreError],
  ['DivergenceError', errors.DivergenceError],
  ['OutcomeError', errors.OutcomeError],
  ['CancelledError', errors.CancelledError],
  ['TimedOutError', errors.TimedOutError],
])('%s bears its name, and is a RepriseError', (name, Kind) => {
  const error = new Kind({ code: 'x', message: 'No.' })
  expect(String(error)).toBe(`${name}: No.`)
  expect(error).toBeInstanceOf(RepriseError)
  expect(RepriseError.is(error)).toBe(true)
})

test('a model error says how long the service asked to wait', () => {
  expect(new ModelError({ code: 'rate_limited', message: 'Wait.', retryAfterMs: 1_500 }).retryAfterMs).toBe(1_500)
  expect(new ModelError({ code: 'rate_limited', message: 'Wait.' }).retryAfterMs).toBeUndefined()
})

test('anything thrown reads as text', () => {
  expect(messageOf(new TypeError('x is no function'))).toBe('x is no function')
  expect(messageOf('just text')).toBe('just text')
  expect(messageOf(undefined)).toBe('undefined')
})

const broken = (): never => {
  throw new Error('no text')
}
const hostile = new Proxy({}, { get: broken, has: broken, getPrototypeOf: broken, ownKeys: broken })
const revoked = Proxy.revocable({}, {})
revoked.revoke()

test.each<[string, unknown, string]>([
  ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), '{"a":1}'],
  ['an object whose text throws', { toString: broken, code: 7 }, '{"code":7}'],
  ['an object', { status: 404 }, '{"status":404}'],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
  ['a promise', Promise.resolve(), '[object Promise]'],
  ['a proxy that throws', hostile, '"[unreadable]"'],
  ['a revoked proxy', revoked.proxy, '"[unreadable]"'],
  ['an error whose message is an object', Object.assign(new Error('x'), { message: { a: 1n } }), '{"a":"1"}'],
  ['an error whose message is a number', Object.assign(new Error('x'), { message: 42 }), '42'],
  [
    'an error whose message throws',
    Object.defineProperty(new Error('x'), 'message', { get: broken }),
    '"[unreadable]"',
  ],
])('%s reads as text when it is thrown', (_, thrown, text) => {
  expect(messageOf(thrown)).toBe(text)
})

test.each<[string, unknown]>([
  ['whose code is a number', { code: 404 }],
  ['without facts', { details: undefined }],
  ['that does not say whether it is of use to try again', { retryable: 'maybe' }],
])('an error with the brand and %s is no error of Reprise', (_, odd) => {
  expect(RepriseError.is(Object.assign(new DefinitionError({ code: 'x', message: 'No.' }), odd))).toBe(false)
})

test('what throws when it is looked at is no error of Reprise', () => {
  expect(RepriseError.is(hostile)).toBe(false)
  expect(RepriseError.is(revoked.proxy)).toBe(false)
})
