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
