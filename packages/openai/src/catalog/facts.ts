/** How much a model reads and writes, and when it ends. What is absent is not known. */
export interface ModelFacts {
  /** The most tokens of one request and its reply together. */
  readonly contextTokens?: number
  /** The most tokens that a request may have, where its service limits those alone. */
  readonly inputTokens?: number
  /** The most tokens of one reply. */
  readonly outputTokens?: number
  /** The first day on which it answers no more, as `2027-01-14`, in UTC. */
  readonly retires?: string
  /** The model that its service names in its place. */
  readonly replacement?: string
}
