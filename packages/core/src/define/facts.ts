import type { Jsonify } from '../values/json.ts'
import type { AnyTool } from './tool.ts'

/** What a tool is given; of one of several tools, what one of them is. */
export type ToolInput<T extends AnyTool> = T extends { readonly '~input'?: infer Input }
  ? Exclude<Input, undefined>
  : never

/** What a tool gives. */
export type ToolOutput<T extends AnyTool> = T extends { readonly '~output'?: infer Output }
  ? Exclude<Output, undefined>
  : never

/** A call that has returned, as the journal has it: with tokens in the place of secrets. Nobody may change it. */
export interface PastCall<Input = unknown, Output = unknown> {
  /** Of the entry that says that it returned: of two calls the one with the lower returned first. */
  readonly seq: number
  readonly input: Jsonify<Input>
  readonly result: Jsonify<Output>
}

/**
 * What a run knows by its journal, up to the call that is judged. What went on in child runs is theirs: an agent that is
 * called as a tool is known by its result alone.
 */
export interface Facts {
  /** The run's context, with tokens in the place of secrets. */
  readonly context: unknown

  /** The calls of a tool that have returned, the oldest first. Looking through all of them is up to whoever asks. */
  returned<T extends AnyTool>(tool: T): readonly PastCall<ToolInput<T>, ToolOutput<T>>[]
}
