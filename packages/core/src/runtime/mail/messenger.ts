import type { Resolution } from '../../agent/state/doubt.ts'
import type { Author } from '../../contracts/audit.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Signal } from '../../define/signal.ts'
import type { Engine } from '../../engine/engine.ts'
import { messageOf } from '../../values/errors.ts'
import { newRunId } from '../../values/ids.ts'
import { follow } from '../../values/steps.ts'
import type { Driver } from '../drive/driver.ts'
import type { Runs } from '../read/runs.ts'
import type { Definitions } from '../setup/definitions.ts'
import { checkSameRun } from '../start/same-start.ts'
import type { Start, Starter } from '../start/starter.ts'
import { type Answer, type Approval, Mail } from './mail.ts'

/** What is done with a signal for a run that is not there: the run begins with it, or it waits for it. */
export type Absent = { readonly kind: 'create'; readonly start: Start } | { readonly kind: 'early' }

/** Leaves what is said to a run where it is found, and wakes the run for it. */
export class Messenger {
  readonly #engine: Engine
  readonly #driver: Driver
  readonly #starter: Starter
  readonly #runs: Runs
  readonly #definitions: Definitions
  readonly #mail: Mail

  constructor(engine: Engine, driver: Driver, starter: Starter, runs: Runs, definitions: Definitions) {
    this.#starter = starter
    this.#engine = engine
    this.#driver = driver
    this.#runs = runs
    this.#definitions = definitions
    this.#mail = new Mail(engine)
  }

  /**
   * Sends a signal to the newest continuation of a run. See `Runtime.send`.
   *
   * @param absent what is done where there is no such run.
   */
  async send(runId: string, signal: Signal, payload: unknown, given?: string, absent?: Absent): Promise<void> {
    if (absent) return this.#sendOrLeave(runId, signal, payload, given ?? newRunId(), absent)
    const row = await follow(this.#mail.signal(await this.#runs.get(runId), signal, payload, given))
    if (row) await this.#wake(row)
  }

  async #sendOrLeave(runId: string, signal: Signal, payload: unknown, id: string, absent: Absent): Promise<void> {
    const { store } = this.#engine
    let there = await store.run(runId)
    if (!there) {
      if (await this.#sendAbsent(runId, signal, payload, id, absent)) return
      there = await store.run(runId)
    }
    if (there && absent.kind === 'create') checkSameRun(there, absent.start)
    let row = await follow(this.#mail.signal(await this.#runs.get(runId), signal, payload, id))
    // One that has ended meanwhile has heard it, or its sender is told.
    if (row) row = await follow(this.#mail.signal(await this.#runs.get(row.id), signal, payload, id))
    if (row) await this.#wake(row)
  }

  /** @returns false where there is such a run by now. */
  async #sendAbsent(runId: string, signal: Signal, payload: unknown, id: string, absent: Absent): Promise<boolean> {
    if (absent.kind === 'early') return this.#mail.early(this.#engine.store, runId, signal, payload, id)
    return this.#starter.enqueueWith(absent.start, async () => follow(this.#mail.first(runId, signal, payload, id)))
  }

  /** Says of a call in doubt whether it happened. */
  async resolution(runId: string, id: string, resolution: Resolution, by: Author): Promise<void> {
    const [row, entries] = [await this.#runs.get(runId), await this.#runs.entries(runId)]
    await follow(this.#mail.resolution(row, entries, id, { resolution, by }, this.#definitions.planOf(row)))
    this.#driver.notify(runId)
  }

  /** Allows a call that waits for it, or does not. */
  async approval(runId: string, said: Approval): Promise<void> {
    const row = await this.#runs.get(runId)
    const entries = await this.#runs.entries(runId)
    await follow(this.#mail.approval(row, entries, said, this.#definitions.planOf(row)))
    this.#driver.notify(runId)
  }

  /** Answers a call that somebody is to answer. */
  async answer(runId: string, said: Answer): Promise<void> {
    const row = await this.#runs.get(runId)
    const entries = await this.#runs.entries(runId)
    await follow(this.#mail.answer(row, entries, said, this.#definitions.planOf(row)))
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
