import type { Jsonify } from '../values/json.ts'
import type { AnyTool } from './tool.ts'

/** A tool with the types of what it is given and of what it gives. */
export interface TypedTool<Input, Output> extends AnyTool {
  readonly '~input'?: Input
  readonly '~output'?: Output
}

/** A call that has returned, as the journal has it: with tokens in the place of secrets. Nobody may change it. */
export interface PastCall<Input = unknown, Output = unknown> {
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
  returned<Input, Output>(tool: TypedTool<Input, Output>): readonly PastCall<Input, Output>[]
}
