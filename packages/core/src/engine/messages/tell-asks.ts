// Tells whoever wants to know of it that somebody is asked about a call of a run: at least once, once the ask is committed.
// That it was told stands in the run's row. Until then the row says that the run is to be looked at, so that whoever takes
// it up after a crash tells it again. Nothing waits for it but the run's rest.
import type { AskWait, Waiting } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import { messageOf } from '../../values/errors.ts'
import type { Engine } from '../engine.ts'

/** How long a run stays with this runtime for whoever is told, in milliseconds. */
const LONGEST_MS = 10_000

/** The asks of one run, and which of them were told. */
export class TellAsks {
  readonly #engine: Pick<Engine, 'tellAsk' | 'log' | 'clock'>
  readonly #row: RunRow
  readonly #done: () => void
  readonly #told: Set<string>
  readonly #telling = new Set<string>()

  /** @param done is called whenever one was told. */
  constructor(engine: Pick<Engine, 'tellAsk' | 'log' | 'clock'>, row: RunRow, done: () => void) {
    this.#engine = engine
    this.#row = row
    this.#done = done
    this.#told = new Set(row.waits.flatMap((wait) => (isAsk(wait) && wait.told ? [wait.id] : [])))
  }

  /** Whether somebody is just being told. */
  get isTelling(): boolean {
    return this.#telling.size > 0
  }

  /** Waits, with which of them were told. */
  marked(waits: readonly Waiting[]): readonly Waiting[] {
    return waits.map((wait) => (isAsk(wait) && this.#told.has(wait.id) ? { ...wait, told: true } : wait))
  }

  /** Whether one of these is to be told yet. */
  hasUntold(waits: readonly Waiting[]): boolean {
    return this.#engine.tellAsk !== undefined && waits.some((wait) => isAsk(wait) && !this.#told.has(wait.id))
  }

  /** Begins to tell those that were not. Never throws: what goes wrong is logged. */
  tell(waits: readonly Waiting[]): void {
    for (const wait of waits)
      if (isAsk(wait) && !this.#told.has(wait.id) && !this.#telling.has(wait.id)) void this.#tell(wait)
  }

  async #tell(wait: AskWait): Promise<void> {
    const { tellAsk, log, clock } = this.#engine
    if (!tellAsk) return
    this.#telling.add(wait.id)
    const over = new AbortController()
    const late = clock.sleep(LONGEST_MS, over.signal).then(
      () => log.warn(`${this.#say(wait)} is not done after ${LONGEST_MS} ms. The run does not wait for it any longer.`),
      () => undefined,
    )
    const told = tellAsk(this.#row, wait).catch((error: unknown) =>
      log.error(`${this.#say(wait)} failed: ${messageOf(error)}`),
    )
    await Promise.race([told, late])
    over.abort()
    this.#telling.delete(wait.id)
    this.#told.add(wait.id)
    this.#done()
  }

  #say({ tool, id }: AskWait): string {
    return `onApproval for ${tool} at "${id}" of the run "${this.#row.id}"`
  }
}

function isAsk(wait: Waiting): wait is AskWait {
  return wait.kind === 'approval' || wait.kind === 'answer'
}
