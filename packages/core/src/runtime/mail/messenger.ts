import type { Resolution } from '../../agent/state/doubt.ts'
import type { Author } from '../../contracts/audit.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Signal } from '../../define/signal.ts'
import type { Engine } from '../../engine/engine.ts'
import { messageOf } from '../../values/errors.ts'
import { follow } from '../../values/steps.ts'
import type { Driver } from '../drive/driver.ts'
import type { Runs } from '../read/runs.ts'
import type { Definitions } from '../setup/definitions.ts'
import { type Approval, Mail } from './mail.ts'

/** Leaves what is said to a run where it is found, and wakes the run for it. */
export class Messenger {
  readonly #engine: Engine
  readonly #driver: Driver
  readonly #runs: Runs
  readonly #definitions: Definitions
  readonly #mail: Mail

  constructor(engine: Engine, driver: Driver, runs: Runs, definitions: Definitions) {
    this.#engine = engine
    this.#driver = driver
    this.#runs = runs
    this.#definitions = definitions
    this.#mail = new Mail(engine)
  }

  /** Sends a signal to the newest continuation of a run. See `Runtime.send`. */
  async send(runId: string, signal: Signal, payload: unknown, given: string | undefined): Promise<void> {
    const row = await follow(this.#mail.signal(await this.#runs.get(runId), signal, payload, given))
    if (row) await this.#wake(row)
  }

  /** Says of a call in doubt whether it happened. */
  async resolution(runId: string, id: string, resolution: Resolution, by: Author): Promise<void> {
    const [row, entries] = [await this.#runs.get(runId), await this.#runs.entries(runId)]
    await follow(this.#mail.resolution(row, entries, id, resolution, by))
    this.#driver.notify(runId)
  }

  /** Allows a call that waits for it, or does not. */
  async approval(runId: string, said: Approval): Promise<void> {
    const row = await this.#runs.get(runId)
    const entries = await this.#runs.entries(runId)
    await follow(this.#mail.approval(row, entries, said, this.#definitions.planOf(row)))
    this.#driver.notify(runId)
  }

  /** A run that rests goes on by this runtime, where it knows its definition; else by whoever does. */
  async #wake(row: RunRow): Promise<void> {
    if (this.#driver.notify(row.id) || !this.#definitions.has(row) || row.status === 'queued') return
    try {
      await this.#driver.exclusively(row.id, () => this.#driver.open(row.id))
    } catch (error) {
      // The message is there all the same: whoever can take the run up will find it.
      this.#engine.log.error(`The run "${row.id}" has a message, and was not taken up: ${messageOf(error)}`)
    }
  }
}
