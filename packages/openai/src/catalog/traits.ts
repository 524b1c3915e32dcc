/** What a model takes and knows, where models differ. */
export interface Traits {
  /** Whether it thinks before it answers, unless it is told not to. */
  readonly reasons: boolean
  /** Whether it takes `temperature` and `topP`: always, only with reasoning effort `none`, or never. */
  readonly sampling: 'always' | 'effort-none' | 'never'
  /** The reasoning effort that goes out where an agent says nothing. @default the service's own */
  readonly effort?: 'none'
  /** Whether Chat Completions takes tools only with reasoning effort `none`. */
  readonly chatToolsUnreasoned: boolean
  /** Whether it may call several tools in one reply. */
  readonly parallelCalls: boolean
  /** Where its knowledge of the world ends, as `2024-06-01`; absent where that is not known. */
  readonly knowsUntil?: string
}
