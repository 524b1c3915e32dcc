import type { InputPart } from '../contracts/item.ts'

const PARTS = Symbol.for('reprise.parts')

/** What a tool returned, with pictures and files for the model. Made by `withParts`. */
export class WithParts<Value> {
  // Two copies of this package know each other's.
  readonly [PARTS] = true
  readonly value: Value
  readonly parts: readonly InputPart[]

  constructor(value: Value, parts: readonly InputPart[]) {
    this.value = value
    this.parts = parts
  }

  /** Tells whether a value is one. */
  static is(value: unknown): value is WithParts<unknown> {
    try {
      return typeof value === 'object' && value !== null && PARTS in value
    } catch {
      // What throws when it is looked at is none.
      return false
    }
  }
}

/** What `execute` may return. */
export type Returned<Output> = Output | WithParts<Output>

/**
 * Returns pictures and files to the model beside what a tool returns. They are recorded as they are given: by an address
 * (`https:` or `data:`), or the id of a file at the service. What the tool returns is the value alone: for its `output`, for
 * rules, and for whoever reads the run.
 *
 * On the Responses API they are parts of the call's result. Chat Completions takes none there: they come in a message of the
 * user's after the results of the turn, each under the id of its call.
 *
 * @param parts in the order in which the model sees them, after the value.
 * @example
 * ```ts
 * import { defineTool, withParts } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const photo = defineTool({
 *   name: 'photo_of',
 *   description: 'Shows what the customer has sent of an order.',
 *   input: z.object({ orderId: z.string() }),
 *   output: z.object({ takenAt: z.string() }),
 *   effect: 'read',
 *   execute: ({ orderId }) =>
 *     withParts({ takenAt: '2026-11-30' }, [{ kind: 'image', url: `https://shop.example/${orderId}.png` }]),
 * })
 * ```
 */
export function withParts<Value>(value: Value, parts: readonly InputPart[]): WithParts<Value> {
  return new WithParts(value, parts)
}
