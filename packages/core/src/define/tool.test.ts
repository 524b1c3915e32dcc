import { expect, test } from 'vitest'
import { z } from 'zod'
import { DefinitionError } from '../values/errors.ts'
import { TOOL_RETRY } from './retry.ts'
import { type AnyTool, defineTool, type Effect } from './tool.ts'

const input = z.object({ orderId: z.string() })

function define(over: { readonly name?: string; readonly effect?: Effect; readonly timeoutMs?: number } = {}): AnyTool {
  const { name = 'find_order', effect = 'read', ...rest } = over
  return defineTool({
    name,
    description: 'Finds an order.',
    input,
    effect: effect as 'read',
    execute: () => 1,
    ...rest,
  })
}

test('a tool is data: its card for the model, its functions for the engine', () => {
  const execute = (): number => 1
  expect(
    defineTool({ name: 'find_order', description: 'Finds an order.', input, effect: 'read', timeoutMs: 500, execute }),
  ).toEqual({
    kind: 'tool',
    name: 'find_order',
    effect: 'read',
    card: {
      name: 'find_order',
      description: 'Finds an order.',
      parameters: {
        type: 'object',
        properties: { orderId: { type: 'string' } },
        required: ['orderId'],
        additionalProperties: false,
      },
    },
    input: {
      json: expect.any(Object) as unknown,
      wrapped: false,
      decode: expect.any(Function) as unknown,
      secrets: undefined,
      restored: expect.any(Function) as unknown,
      decodeHidden: expect.any(Function) as unknown,
    },
    output: undefined,
    approvers: 1,
    confirms: undefined,
    timeoutMs: 500,
    retry: TOOL_RETRY,
    execute,
    reconcile: undefined,
    prepare: undefined,
    approval: false,
    child: undefined,
  })
})

test('what may be repeated is retried as it says, and nothing else is', () => {
  const read = defineTool({
    name: 'a',
    description: '',
    input,
    effect: 'read',
    retry: { attempts: 9 },
    execute: () => 1,
  })
  expect(read.retry).toEqual({ ...TOOL_RETRY, attempts: 9 })
  expect(define({ effect: 'idempotent' }).retry).toEqual(TOOL_RETRY)
  expect(define({ effect: 'once' }).retry.attempts).toBe(1)
  expect(define({ effect: 'transactional' }).retry.attempts).toBe(1)
})

test('only a once tool reconciles, and only a transactional one prepares', () => {
  const both = { reconcile: () => ({ happened: false }) as const, prepare: () => 1 }
  const made = (effect: Effect): AnyTool => {
    const options = { name: 'a', description: '', input, effect: effect as 'once', execute: () => 1, ...both }
    return defineTool(options)
  }
  expect(made('once')).toMatchObject({ reconcile: both.reconcile, prepare: undefined })
  expect(made('transactional')).toMatchObject({ reconcile: undefined, prepare: both.prepare })
  expect(made('read')).toMatchObject({ reconcile: undefined, prepare: undefined })
})

test.each(['', 'find order', 'x'.repeat(65)])('the name %o is refused', (name) => {
  expect(() => define({ name })).toThrow(
    new DefinitionError({
      code: 'bad_name',
      message: `A tool has the name ${JSON.stringify(name)}, which the API refuses. Use 1 to 64 letters, digits, "_" or "-".`,
      details: { name },
    }),
  )
})

test('a missing name is refused', () => {
  expect(() => define({ name: null as unknown as string })).toThrow(
    new DefinitionError({
      code: 'bad_name',
      message: 'A tool has the name null, which the API refuses. Use 1 to 64 letters, digits, "_" or "-".',
      details: { name: 'null' },
    }),
  )
})

const EFFECTS_SAID =
  `Say what it does to the world: 'read' (nothing), 'idempotent' (twice is as once, by its key), ` +
  `'transactional' (in the journal's own database) or 'once' (must not happen twice). ` +
  `Where somebody else is to answer, give it external: true and output instead.`

test('a missing effect is refused, with the four that there are', () => {
  // Whoever writes JavaScript may leave it out.
  const options = { name: 'pay', description: 'Pays.', input, execute: () => 1 } as unknown as Parameters<
    typeof defineTool
  >[0]
  expect(() => defineTool(options)).toThrow(
    new DefinitionError({
      code: 'bad_effect',
      message: `Tool "pay" has no effect. ${EFFECTS_SAID}`,
      details: { effect: 'undefined' },
    }),
  )
})

test('an effect that is none is refused, with the four that there are', () => {
  expect(() => define({ effect: 'write' as Effect })).toThrow(
    new DefinitionError({
      code: 'bad_effect',
      message: `Tool "find_order" has the effect "write". ${EFFECTS_SAID}`,
      details: { effect: 'write' },
    }),
  )
})

test.each([0, -1, 0.5, Number.NaN, Infinity])('a timeout of %d ms is refused', (timeoutMs) => {
  expect(() => define({ timeoutMs })).toThrow(
    new DefinitionError({
      code: 'bad_number',
      message: `Tool "find_order" has timeoutMs ${timeoutMs}. It must be a whole number of 1 or more.`,
      details: { field: 'timeoutMs', value: String(timeoutMs) },
    }),
  )
})

test('an input that is no object is refused', () => {
  expect(() =>
    defineTool({ name: 'find', description: '', input: z.string(), effect: 'read', execute: () => 1 }),
  ).toThrow(
    new DefinitionError({
      code: 'schema_unsupported',
      message:
        'Tool "find": input is not an object, and the arguments of a call are one. Use an object with a property for it.',
    }),
  )
})

test('an input that a strict schema cannot say is refused by its path', () => {
  const dated = z.object({ since: z.date() })
  expect(() => defineTool({ name: 'find', description: '', input: dated, effect: 'read', execute: () => 1 })).toThrow(
    new DefinitionError({
      code: 'schema_unsupported',
      message:
        'Tool "find": input.since is a date, which a strict schema cannot say. ' +
        'Use z.iso.datetime() and convert it in your own code.',
      details: { where: 'Tool "find": input', path: '.since' },
    }),
  )
})

test('retries that cannot be are refused, under the name of the tool', () => {
  expect(() =>
    defineTool({ name: 'find', description: '', input, effect: 'read', retry: { attempts: 0 }, execute: () => 1 }),
  ).toThrow(
    new DefinitionError({
      code: 'bad_number',
      message: 'Tool "find" has retry.attempts 0. It must be a whole number of 1 or more.',
      details: { field: 'retry.attempts', value: '0' },
    }),
  )
})
