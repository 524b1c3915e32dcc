/** Whether a model thinks before it answers: where it is told to, unless it is told not to, always or never. */
export type Reasons = 'never' | 'if-told' | 'unless-told' | 'always'

/** The names of a model. */
export interface NamedModel {
  readonly id: string
  /** The name without a date: what it costs and what its limits are go by it. */
  readonly family: string
  /** What a reply calls it: the snapshot that the name stands for. */
  readonly snapshot: string
}

/** A model that the fake serves, and that speaks. */
export interface FakeModel extends NamedModel {
  /** Tokens that a request may have. */
  readonly context: number
  /** Tokens that a reply may have, those that were only thought among them. */
  readonly maxOutput: number
  readonly shutdownDate: string | null
  /** While it reasons it refuses `temperature` and `top_p`. */
  readonly reasons: Reasons
  /** The reasoning efforts that it takes; null where it takes none, or where they are not known. */
  readonly efforts: readonly string[] | null
  /** Whether it uses the prompt cache in batches, too. */
  readonly cachesBatches: boolean
  /** Whether it counts writes to the prompt cache. */
  readonly writesCache: boolean
  /** What it takes on Chat Completions: all, functions only while it does not reason, or nothing. */
  readonly chat: 'all' | 'tools-unreasoned' | 'none'
}

/** Whether a model reasons at an effort; null where none is asked for. */
export function isReasoning({ reasons }: FakeModel, effort: string | null): boolean {
  if (reasons === 'always' || reasons === 'never') return reasons === 'always'
  return effort === null ? reasons === 'unless-told' : effort !== 'none'
}
