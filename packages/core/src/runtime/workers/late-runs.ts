import type { OwnerHeartbeat } from '../../contracts/take.ts'
import type { Engine } from '../../engine/engine.ts'
import { recordError } from '../../engine/record-error.ts'
import type { Driver } from '../drive/driver.ts'
import { SetAside } from './set-aside.ts'

/** How often a worker looks for what is late, in milliseconds. */
const LOOK_MS = 1_000

/** How many it ends with one look. */
const BITE = 100

/** Ends the runs that are late and that nobody drives, whatever their definitions are: no code of theirs is needed for it. */
export class LateRuns {
  readonly #engine: Engine
  readonly #driver: Driver
  /** Those that could not be ended: they are not to keep the others. */
  readonly #aside: SetAside
  #lookedAt = -Infinity

  constructor(engine: Engine, driver: Driver) {
    this.#engine = engine
    this.#driver = driver
    this.#aside = new SetAside(engine.clock)
  }

  /** Whether it is time to look again. */
  get isDue(): boolean {
    return this.#engine.clock.monotonic() - this.#lookedAt >= LOOK_MS
  }

  /** Ends some of them. */
  async end(gone: readonly OwnerHeartbeat[]): Promise<void> {
    const { clock, store } = this.#engine
    const filter = { now: clock.now(), gone, except: this.#aside.now(), limit: BITE }
    const late = await store.overdue(filter)
    // There may be more.
    if (late.length < BITE) this.#lookedAt = clock.monotonic()
    for (const row of late) {
      try {
        await this.#driver.endLate(row)
        this.#aside.delete(row.id)
      } catch (error) {
        this.#aside.add(row.id)
        const { code, message } = recordError(error, 'interrupted')
        this.#driver.complaints.add(row, code, `The run "${row.id}" is late, and could not be ended: ${message}`)
      }
    }
  }
}
