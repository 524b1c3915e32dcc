// Runs that have ended are deleted once they are old enough, while a worker is up. Every process does so by itself, at
// moments of its own: what one has deleted another does not find, so nobody needs to be the one who may.
import type { EndedStatus } from '../../contracts/run.ts'
import { badArgument, checkOptions } from '../../define/argument.ts'
import type { Engine } from '../../engine/engine.ts'
import { parseDuration } from '../../values/duration.ts'
import { messageOf } from '../../values/errors.ts'

/** How long runs are kept once they have ended, by how they ended, as `30d`, `12h` or `2w`. What is left out is kept for good. */
export type RetentionOptions = { readonly [Status in EndedStatus]?: string }

/** How long is waited between two looks on average, in milliseconds: from half of it to one and a half. */
const LOOK_MS = 3_600_000

/** How many runs are deleted in one call of the store, and what is waited before the next one, in milliseconds. */
const BITE_RUNS = 1_000
const BITE_PAUSE_MS = 1_000

const EXPECTED =
  "Give it { completed, failed, cancelled }, each a time to keep such runs for: a whole number and s, m, h, d or w, such as '30d'."

/** How a run may have ended, and for how many milliseconds such a run is kept. */
export type Ages = readonly (readonly [status: EndedStatus, ms: number])[]

/**
 * Reads for how long runs are kept.
 *
 * @throws DefinitionError with code `bad_argument`.
 */
export function retentionAges(retention: RetentionOptions = {}): Ages {
  checkOptions('createRuntime was given retention', retention, EXPECTED)
  return Object.entries(retention).flatMap(([status, text]: [string, unknown]) => {
    if (!isEnded(status)) throw badArgument('createRuntime was given retention of', status, EXPECTED)
    if (text === undefined) return []
    const ms = typeof text === 'string' ? parseDuration(text) : undefined
    if (ms === undefined) throw badArgument(`createRuntime was given retention.${status}`, text, EXPECTED)
    return [[status, ms] as const]
  })
}

function isEnded(status: string): status is EndedStatus {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

/** Deletes what is old enough, from time to time, a little at once. */
export class Retention {
  readonly #engine: Pick<Engine, 'clock' | 'log' | 'random' | 'store'>
  readonly #ages: Ages
  #users = 0
  #over = new AbortController()
  #done: Promise<void> = Promise.resolve()
  /** What the store has failed with last. */
  #failed = ''

  constructor(engine: Pick<Engine, 'clock' | 'log' | 'random' | 'store'>, ages: Ages) {
    this.#engine = engine
    this.#ages = ages
  }

  /**
   * Begins, where nobody of this runtime has begun yet.
   *
   * @returns what is called when one's worker ends: after the last one nothing more is deleted. It resolves once that is so.
   */
  begin(): () => Promise<void> {
    if (this.#users++ === 0 && this.#ages.length > 0) {
      const over = new AbortController()
      this.#over = over
      this.#done = this.#done.then(() => this.#work(over.signal))
    }
    return async () => {
      if (--this.#users > 0) return
      await this.close()
    }
  }

  /** Deletes nothing more, and resolves once what is under way is done. */
  close(): Promise<void> {
    this.#over.abort('over')
    return this.#done
  }

  async #work(over: AbortSignal): Promise<void> {
    const { clock, random } = this.#engine
    // Processes that are started together, as by a deploy, do not look together.
    for (let pauseMs = random() * LOOK_MS; !over.aborted; pauseMs = (0.5 + random()) * LOOK_MS) {
      await clock.sleep(pauseMs, over).catch(() => undefined)
      if (!over.aborted) await this.#look(over)
    }
  }

  /** A failure is said once, and not with each look. */
  async #look(over: AbortSignal): Promise<void> {
    const { log } = this.#engine
    try {
      for (const [status, ms] of this.#ages) await this.#delete(status, ms, over)
      this.#failed = ''
    } catch (error) {
      const message = messageOf(error)
      if (message !== this.#failed) log.warn(`Runs that retention keeps no longer could not be deleted yet: ${message}`)
      this.#failed = message
    }
  }

  async #delete(status: EndedStatus, ms: number, over: AbortSignal): Promise<void> {
    const { clock, log, store } = this.#engine
    let deleted = 0
    for (let some = BITE_RUNS; some >= BITE_RUNS && !over.aborted; deleted += some) {
      if (deleted > 0) await clock.sleep(BITE_PAUSE_MS, over).catch(() => undefined)
      some = over.aborted ? 0 : (await store.gc(Math.floor(clock.now() - ms), [status], BITE_RUNS)).length
    }
    if (deleted > 0) log.info(`Retention deleted runs that were ${status} longer ago than they are kept: ${deleted}.`)
  }
}
