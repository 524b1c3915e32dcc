import type { Schema } from '../contracts/schema.ts'
import { checkOptions } from './argument.ts'
import { checkName } from './names.ts'

/** A named message that a workflow waits for and that somebody sends. */
export interface Signal<Payload extends Schema = Schema> {
  readonly kind: 'signal'
  readonly name: string
  readonly payload: Payload
}

/**
 * Defines a signal.
 *
 * @throws DefinitionError when the name is not 1 to 64 letters, digits, `_` or `-`.
 * @example
 * ```ts
 * import { defineSignal } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const review = defineSignal({ name: 'review', payload: z.object({ approved: z.boolean() }) })
 * ```
 */
export function defineSignal<Payload extends Schema>(options: {
  readonly name: string
  readonly payload: Payload
}): Signal<Payload> {
  checkOptions('defineSignal was given options', options, 'Give it { name, payload }, with a schema as the payload.')
  checkName('A signal', options.name)
  checkOptions(
    `Signal "${options.name}" was given payload`,
    options.payload,
    'Give it a schema, such as z.object({ ... }).',
  )
  return { kind: 'signal', name: options.name, payload: options.payload }
}
