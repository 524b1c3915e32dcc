/** What a service allows of one thing within its own span of time, and what is left of it. */
export interface RateLimit {
  readonly limit?: number
  readonly remaining?: number
  /** Until it is whole again. */
  readonly resetMs?: number
}

/** How much more a service would take now, as it said with an answer. What it did not say is absent. */
export interface RateLimits {
  readonly requests?: RateLimit
  readonly tokens?: RateLimit
}
