/** A text of which a model was told a part, and can read on. */
export interface CutResult {
  /** By which the model names it: `r1` is the first of a conversation. */
  readonly id: string
  readonly callId: string
  /** The tool that gave it. */
  readonly name: string
  readonly text: string
  /** How much of it is told at once, in tokens. */
  readonly tokens: number
}
