import type { Clock } from '../../contracts/clock.ts'

/** How long a run is left alone that could not be taken up or brought further, in milliseconds: it doubles each time. */
const SHORTEST_MS = 500
const LONGEST_MS = 300_000

interface Aside {
  readonly waitMs: number
  /** On the monotonic clock. */
  readonly until: number
}

/** The runs that one worker leaves alone for a while. */
export class SetAside {
  readonly #clock: Clock
  readonly #runs = new Map<string, Aside>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Leaves a run alone from now on, for twice as long as the last time. */
  add(runId: string): void {
    const before = this.#runs.get(runId)
    const waitMs = before ? Math.min(before.waitMs * 2, LONGEST_MS) : SHORTEST_MS
    this.#runs.delete(runId)
    this.#runs.set(runId, { waitMs, until: this.#clock.monotonic() + waitMs })
  }

  /** A run was brought further: its time begins anew. */
  delete(runId: string): void {
    this.#runs.delete(runId)
  }

  /** The ids of those that are left alone now. */
  now(): readonly string[] {
    const now = this.#clock.monotonic()
    const ids: string[] = []
    for (const [runId, { until }] of this.#runs) {
      if (until > now) ids.push(runId)
      // Somebody else has it by now, or it has ended.
      else if (until + LONGEST_MS < now) this.#runs.delete(runId)
    }
    return ids
  }
}
