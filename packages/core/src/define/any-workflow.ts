import type { Schema } from '../contracts/schema.ts'

/** A workflow of any types, as the engine holds it. */
export interface AnyWorkflow {
  readonly kind: 'workflow'
  readonly name: string
  readonly version: number
  readonly input: Schema
  /** Its code; what it is given is known where it is run. */
  readonly run: (ctx: never, input: unknown) => Promise<unknown>
}
