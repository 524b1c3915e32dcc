import type { RunRow } from '../contracts/run.ts'
import type { Engine } from '../engine/engine.ts'
import { checkCount } from '../define/names.ts'
import { messageOf } from '../words/errors.ts'
import type { Definitions } from './definitions.ts'
import type { Driver } from './driver.ts'

/** How often a worker looks for runs when it has nothing better to do, in milliseconds. */
const LOOK_MS = 250

/** How many runs a worker looks past for one that it can take. */
const LOOK_PAST = 200

/** The longest that a run is left alone that could not be taken up, in milliseconds. */
const LONGEST_WAIT_MS = 300_000

/** What `work` takes. */
export interface WorkOptions {
  /** Runs that are driven at the same time. 1 or more. @default 10 */
  readonly concurrency?: number
}

/** Takes runs that nobody drives: queued ones, sleepers whose time has come, and those of owners that are gone. */
export class Worker {
  readonly #engine: Engine
  readonly #driver: Driver
  readonly #definitions: Definitions
  readonly #concurrency: number
  readonly #stopped = new AbortController()
  readonly #taken = new Map<string, Promise<unknown>>()
  readonly #refused = new Map<string, { readonly waitMs: number; readonly until: number }>()
  readonly #done: Promise<void>

  constructor(engine: Engine, driver: Driver, definitions: Definitions, { concurrency = 10 }: WorkOptions) {
    checkCount('work', 'concurrency', concurrency)
    this.#engine = engine
    this.#driver = driver
    this.#definitions = definitions
    this.#concurrency = concurrency
    this.#done = this.#work()
  }

  /** Takes no more, lets what is under way end and be written, and gives the rest of the runs back. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#done
    await Promise.all([...this.#taken.keys()].map((runId) => this.#giveBack(runId)))
  }

  async #giveBack(runId: string): Promise<void> {
    try {
      await this.#driver.stop(await this.#driver.newest(runId))
    } catch (error) {
      this.#engine.log.error(`The run "${runId}" could not be given back: ${messageOf(error)}`)
    }
  }

  async #work(): Promise<void> {
    const over = AbortSignal.any([this.#stopped.signal, this.#driver.closed])
    while (!over.aborted) {
      const found = await this.#take().catch((error: unknown) => {
        this.#engine.log.warn(`The worker could not look for runs: ${messageOf(error)}`)
        return 0
      })
      if (found === 0 || this.#taken.size >= this.#concurrency) await this.#pause(over)
    }
  }

  /** Waits a while, or until a run has ended. */
  async #pause(over: AbortSignal): Promise<void> {
    const { clock } = this.#engine
    if (this.#taken.size < this.#concurrency) return clock.sleep(LOOK_MS, over).catch(() => undefined)
    const enough = new AbortController()
    const sleep = clock.sleep(LOOK_MS, AbortSignal.any([over, enough.signal])).catch(() => undefined)
    await Promise.race([sleep, ...this.#taken.values()])
    enough.abort()
  }

  async #take(): Promise<number> {
    const room = this.#concurrency - this.#taken.size
    if (room <= 0) return 0
    const { store, clock } = this.#engine
    const gone = await this.#driver.lease.goneOwners()
    // Runs that other workers know, or that could not be taken up, must not stand in the way of those behind them.
    const rows = await store.ready(clock.now(), gone, room + LOOK_PAST)
    const mine = rows.filter((row) => this.#isMine(row)).slice(0, room)
    await Promise.all(mine.map(({ id }) => this.#open(id)))
    return mine.length
  }

  #isMine(row: RunRow): boolean {
    if (!this.#definitions.has(row) || !this.#driver.lease.isFree(row) || this.#taken.has(row.id)) return false
    const refused = this.#refused.get(row.id)
    return refused === undefined || refused.until <= this.#engine.clock.monotonic()
  }

  /** A run that cannot be taken up, or brought further, is left alone for a time that doubles. */
  #refuse(runId: string): void {
    const waitMs = Math.min((this.#refused.get(runId)?.waitMs ?? LOOK_MS) * 2, LONGEST_WAIT_MS)
    this.#refused.set(runId, { waitMs, until: this.#engine.clock.monotonic() + waitMs })
  }

  async #open(runId: string): Promise<void> {
    try {
      if (!(await this.#driver.exclusively(runId, () => this.#driver.take(runId)))) return
    } catch (error) {
      this.#refuse(runId)
      this.#engine.log.error(`The run "${runId}" could not be taken up: ${messageOf(error)}`)
      return
    }
    this.#taken.set(runId, this.#settle(runId))
  }

  async #settle(runId: string): Promise<void> {
    const outcome = await this.#driver.settled(runId)
    this.#taken.delete(runId)
    if (outcome.kind === 'waiting' && outcome.waiting.kind === 'interrupted') this.#refuse(runId)
    else this.#refused.delete(runId)
  }
}
