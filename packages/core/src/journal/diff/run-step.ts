import type { JsonObject } from '../../values/json.ts'

/** What a step of a run is. */
export type RunStepKind =
  /** What the run began with. */
  | 'start'
  /** What the model said in words. */
  | 'reply'
  /** A call of a tool, with all that came of it. */
  | 'call'
  | 'handoff'
  /** What was read of a memory. */
  | 'memory'
  /** An answer that was sent back. */
  | 'complaint'
  /** An agent that goes on otherwise than before. */
  | 'definition'
  /** Of a workflow: a step, a child run, a timer, a message that came, a race. */
  | 'step'
  | 'child'
  | 'timer'
  | 'message'
  | 'race'
  | 'end'

/** A step of a run, as two runs are compared: what one or several entries say, without times, ids, tokens and prices. */
export interface RunStep {
  readonly kind: RunStepKind
  /** The tool that was called, the agent that spoke or takes over, the workflow's step, child or signal. */
  readonly name: string
  /** Of the entry by which it began. */
  readonly seq: number
  readonly key: string
  /**
   * What is compared. Of a `call`: its `arguments`, and a `refused`, an `approval`, a `doubt`, a `result` or an `error`
   * where there is one. Of a `reply`: its `text`. Of an `end`: its `outcome`, and its `output`, `error` or `reason`.
   */
  readonly said: JsonObject
}
