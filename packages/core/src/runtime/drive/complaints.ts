import type { DefinitionRef } from '../../contracts/entry.ts'
import type { Engine } from '../../engine/engine.ts'

/** How long nothing more is said of one kind of failure, in milliseconds: it doubles each time. */
const FIRST_PAUSE_MS = 10_000
const LONGEST_PAUSE_MS = 3_600_000

interface Complaint {
  readonly pauseMs: number
  /** Nothing is said before, on the monotonic clock. */
  readonly until: number
  /** How many were not said since. */
  readonly unsaid: number
}

/**
 * What is logged of runs that could not be brought further. After a deploy that goes another way it is the same of
 * thousands of them: it is said of the first of a definition and a code of error, and then, at times, how many more there
 * were.
 */
export class Complaints {
  readonly #engine: Pick<Engine, 'clock' | 'log'>
  readonly #complaints = new Map<string, Complaint>()

  constructor(engine: Pick<Engine, 'clock' | 'log'>) {
    this.#engine = engine
  }

  /**
   * @param code of the error.
   * @param line what is said of the run, if anything is.
   */
  add({ kind, name }: Pick<DefinitionRef, 'kind' | 'name'>, code: string, line: string): void {
    const { clock, log } = this.#engine
    const key = `${kind} ${name} ${code}`
    const before = this.#complaints.get(key)
    const now = clock.monotonic()
    if (before && now < before.until) {
      this.#complaints.set(key, { ...before, unsaid: before.unsaid + 1 })
      return
    }
    // What has been quiet for long is said as if it were new.
    const isOld = before && now < before.until + LONGEST_PAUSE_MS
    const pauseMs = isOld ? Math.min(before.pauseMs * 2, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS
    this.#complaints.set(key, { pauseMs, until: now + pauseMs, unsaid: 0 })
    log.error(before && before.unsaid > 0 ? `${line} ${more(before.unsaid, kind, name)}` : line)
  }
}

function more(count: number, kind: string, name: string): string {
  const times = count === 1 ? 'time' : 'times'
  return `So it was ${count} more ${times} for runs of the ${kind} "${name}" since that was last said: their rows say why.`
}
