import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '@reprise/core'

/** The longest wait that a timer can do: one beyond it fires at once. */
const LONGEST_MS = 2 ** 31 - 1

/** The machine's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => wait(Math.min(ms, LONGEST_MS), undefined, signal && { signal }),
}
