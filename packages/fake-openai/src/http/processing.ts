import type { ServerResponse } from 'node:http'
import type { Clock } from '@reprise/core'

const begun = new WeakMap<ServerResponse, () => number>()

/** Begins to count how long an answer takes on the fake's clock. */
export function beginProcessing(to: ServerResponse, clock: Clock): void {
  const from = clock.monotonic()
  begun.set(to, () => Math.round(clock.monotonic() - from))
}

/** Says in an answer's headers how long it took. */
export function endProcessing(to: ServerResponse): void {
  const passed = begun.get(to)
  if (passed) to.setHeader('openai-processing-ms', String(passed()))
}
