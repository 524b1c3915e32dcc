// How long what is under way is waited for: figures alone, which the sessions, the tools and the runtime share.

/** How long a wait must be for a run to be given up meanwhile, where somebody takes it up again, in milliseconds. */
export const LONG_WAIT_MS = 5_000

/** How long what is under way may go on after its signal was aborted, in milliseconds. */
export const CANCEL_GRACE_MS = 5_000

/**
 * How long what is under way may go on when its runtime is closed, in milliseconds, where nothing else is asked for: a paid
 * reply should be written, and ten seconds after it was told to end a container is killed.
 */
export const CLOSE_GRACE_MS = 8_000
