import type { Entry, RunRow, Runtime } from '@reprise/core'

/** How much of the time may go by with reading a row of which nothing new is known. */
const SHARE = 20

const ENDINGS: ReadonlySet<Entry['kind']> = new Set(['run.completed', 'run.failed', 'run.cancelled'])

/** What has come of a run since it was looked at before. */
export interface Look {
  readonly entries: readonly Entry[]
  readonly row: RunRow
  /** Whether that is all that will ever come. */
  readonly ended: boolean
}

/** Reads a run as it grows, whoever drives it: each entry once. */
export class JournalTail {
  readonly #runs: Runtime['runs']
  readonly #runId: string
  #next = 0
  #row: RunRow | undefined
  #rowFrom = 0

  /** @param row where it was read just now. */
  constructor(runs: Runtime['runs'], runId: string, row?: RunRow) {
    this.#runs = runs
    this.#runId = runId
    this.#row = row
  }

  async look(): Promise<Look> {
    // What is written when the run is seen to have ended is all of it.
    const before = await this.#rowAsOf(false)
    const entries = await this.#runs.entries(this.#runId, { from: this.#next })
    this.#next += entries.length
    const row = entries.length > 0 ? await this.#rowAsOf(true) : before
    const last = entries.at(-1)
    return { entries, row, ended: before.endedAt !== null || (last !== undefined && ENDINGS.has(last.kind)) }
  }

  /** A change of the row comes with an entry, but for an interruption and an owner: those are looked for less often where that takes long. */
  async #rowAsOf(isNew: boolean): Promise<RunRow> {
    const begun = performance.now()
    if (this.#row && !isNew && begun < this.#rowFrom) return this.#row
    this.#row = await this.#runs.get(this.#runId)
    this.#rowFrom = performance.now() + SHARE * (performance.now() - begun)
    return this.#row
  }
}
