import type { RunRow } from '../../contracts/run.ts'
import type { OwnerHeartbeat, TakeFilter } from '../../contracts/take.ts'
import type { Engine } from '../../engine/engine.ts'
import { checkCount } from '../../define/names.ts'
import { recordError } from '../../engine/record-error.ts'
import { messageOf, RepriseError } from '../../values/errors.ts'
import type { Definitions } from '../setup/definitions.ts'
import type { Driver } from '../drive/driver.ts'
import { Firing, type FiringParts } from './firing.ts'
import { LateRuns } from './late-runs.ts'
import type { Retention } from './retention.ts'
import { SetAside } from './set-aside.ts'
import { type Ask, Trouble } from './trouble.ts'

/** How often a worker looks for runs when it has nothing better to do, in milliseconds. */
const LOOK_MS = 250

/** The longest that it waits to look again at a store that fails, and at one that will hardly mend by itself. */
const LONGEST_PAUSE_MS = 10_000
const LONGEST_PAUSE_FOR_GOOD_MS = 300_000

/** One look of so many, where there is more to take than there is room, begins with the oldest run. */
const OLDEST_FIRST = 4

/** For how long a worker takes no other suspect beside one, in milliseconds. */
const SUSPECT_MS = 60_000

/** What `work` takes. */
export interface WorkOptions {
  /** Runs that are driven at the same time. 1 or more. @default 10 */
  readonly concurrency?: number
}

/** How a worker is. */
export interface WorkerHealth {
  /** One that is stopping takes nothing more, and waits for what is under way. */
  readonly state: 'working' | 'stopping' | 'stopped'
  /** Runs that it drives. */
  readonly runs: number
  /** How long ago it last looked for runs and its store answered, in milliseconds; null where that never was. */
  readonly lookedMsAgo: number | null
  /** For how long the look takes that is under way, in milliseconds; null where none is. */
  readonly looksForMs: number | null
  /** What its last look failed with; null where that did not fail. */
  readonly failed: string | null
}

/** What a worker works with. */
export interface WorkerParts extends FiringParts {
  readonly retention: Retention
}

/**
 * Takes runs that nobody drives: queued ones, sleepers whose time has come, and those of owners that are gone. It fires the
 * schedules whose moment has come.
 */
export class Worker {
  readonly #engine: Engine
  readonly #driver: Driver
  readonly #definitions: Definitions
  readonly #firing: Firing
  readonly #concurrency: number
  readonly #stopped = new AbortController()
  readonly #over: AbortSignal
  /** What it drives, by run, as it was given. */
  readonly #taken = new Map<string, RunRow>()
  readonly #aside: SetAside
  readonly #trouble = new Trouble()
  readonly #late: LateRuns
  /** How many looks in a row have found as much as there was room for. */
  #crowded = 0
  /** The last run that it took which may be what ends its owners, and when, on the monotonic clock. */
  #suspect: { readonly row: RunRow; readonly since: number } | undefined
  /** What the store has failed with, and how often in a row. */
  #failed = { message: '', times: 0 }
  /** When the look began that is under way, and the last one that succeeded ended, on the monotonic clock. */
  #look: { readonly began?: number; readonly succeeded?: number } = {}
  #isStopped = false
  /** Ends the pause that is under way. */
  #wake: (() => void) | undefined
  /** Whether there may be more to take than the look that is under way finds. */
  #isTold = false
  readonly #done: Promise<void>

  constructor(parts: WorkerParts, { concurrency = 10 }: WorkOptions) {
    const { engine, driver, definitions, retention } = parts
    checkCount('work', 'concurrency', concurrency)
    this.#engine = engine
    this.#driver = driver
    this.#definitions = definitions
    this.#concurrency = concurrency
    this.#aside = new SetAside(engine.clock)
    this.#late = new LateRuns(engine, driver)
    this.#over = AbortSignal.any([this.#stopped.signal, driver.closed])
    this.#firing = new Firing(parts, this.#over)
    this.#over.addEventListener('abort', () => this.#wake?.())
    const deafen = driver.hints.wakes(() => this.#hear())
    const endRetention = retention.begin()
    this.#done = this.#work().then(endRetention).finally(deafen)
  }

  /** Takes no more, lets what is under way end and be written, and gives the rest of the runs back. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#done
    await Promise.all([...this.#taken.keys()].map((runId) => this.#giveBack(runId)))
    this.#isStopped = true
  }

  /** How it is just now. */
  get health(): WorkerHealth {
    const now = this.#engine.clock.monotonic()
    const { began, succeeded } = this.#look
    return {
      state: this.#isStopped ? 'stopped' : this.#over.aborted ? 'stopping' : 'working',
      runs: this.#taken.size,
      lookedMsAgo: succeeded === undefined ? null : now - succeeded,
      looksForMs: began === undefined ? null : now - began,
      failed: this.#failed.times > 0 ? this.#failed.message : null,
    }
  }

  async #giveBack(runId: string): Promise<void> {
    try {
      await this.#driver.stop(await this.#driver.newest(runId))
    } catch (error) {
      this.#engine.log.error(`The run "${runId}" could not be given back: ${messageOf(error)}`)
    }
  }

  async #work(): Promise<void> {
    const { clock } = this.#engine
    while (!this.#over.aborted) {
      this.#look = { ...this.#look, began: clock.monotonic() }
      this.#isTold = false
      const pauseMs = await this.#lookAround().then(
        (found) => this.#afterLook(found),
        (error: unknown) => this.#afterFailure(error),
      )
      const { succeeded } = this.#look
      this.#look =
        this.#failed.times === 0 ? { succeeded: clock.monotonic() } : succeeded === undefined ? {} : { succeeded }
      // What it was told while it looked may have come too late for that look.
      if (pauseMs > 0 && !(this.#isTold && this.#failed.times === 0)) await this.#pause(pauseMs)
    }
  }

  #hear(): void {
    this.#isTold = true
    this.#wake?.()
  }

  /** @returns how many runs it was given, or has begun for schedules. */
  async #lookAround(): Promise<number> {
    const found = await this.#take()
    return found + (await this.#firing.look())
  }

  #afterLook(found: number): number {
    if (this.#failed.times > 0) this.#engine.log.info('The worker looks for runs again.')
    this.#failed = { message: '', times: 0 }
    return found === 0 || this.#taken.size >= this.#concurrency ? LOOK_MS : 0
  }

  /** A failure is said once, and not with each look. */
  #afterFailure(error: unknown): number {
    const message = messageOf(error)
    const times = this.#failed.times + 1
    const mends = RepriseError.is(error) && error.retryable
    const longest = mends ? LONGEST_PAUSE_MS : LONGEST_PAUSE_FOR_GOOD_MS
    if (message !== this.#failed.message)
      this.#engine.log.warn(
        `The worker could not look for runs, and tries again in pauses that grow to ${longest / 1000} s: ${message}`,
      )
    this.#failed = { message, times }
    return Math.min(LOOK_MS * 2 ** (times - 1), longest)
  }

  /** Waits a while, or until there is room for another run, where there was none. */
  async #pause(pauseMs: number): Promise<void> {
    if (this.#over.aborted) return
    const enough = new AbortController()
    this.#wake = () => enough.abort('enough')
    await this.#engine.clock.sleep(pauseMs, enough.signal).catch(() => undefined)
    this.#wake = undefined
  }

  /** @returns how many it was given. */
  async #take(): Promise<number> {
    const room = this.#concurrency - this.#taken.size
    if (room <= 0 && !this.#late.isDue) return 0
    // What failed the last time may have given runs all the same.
    if (this.#failed.times > 0) await this.#driver.lease.recheck()
    const gone = await this.#driver.lease.goneOwners()
    if (this.#late.isDue) await this.#late.end(gone)
    if (room <= 0) return 0
    let found = 0
    for (const { limit, ...ask } of this.#asks(room)) {
      const free = Math.min(limit, this.#concurrency - this.#taken.size)
      if (free <= 0) break
      found += await this.#ask({ ...ask, only: 'sound', gone, limit: free })
    }
    this.#crowded = found >= room ? this.#crowded + 1 : 0
    return found + (await this.#takeSuspect(gone))
  }

  /**
   * What to ask for. Where there was more to take than there was room for, one look of so many begins with the oldest run: what
   * is urgent and new comes before it no longer.
   */
  #asks(room: number): readonly Ask[] {
    const asks = this.#trouble.asks(this.#definitions.names, room)
    if (this.#crowded === 0 || this.#crowded % OLDEST_FIRST > 0) return asks
    return [{ definitions: this.#definitions.names, limit: 1, order: 'oldest' }, ...asks]
  }

  /**
   * Takes one of the runs that may be what ends their owners, where no other is under way: the death of this process is
   * then laid to it, and those that merely died beside it go on. One that has lived for long ends nobody, and makes room.
   */
  async #takeSuspect(gone: readonly OwnerHeartbeat[]): Promise<number> {
    if (this.#taken.size >= this.#concurrency) return 0
    const { clock, committer } = this.#engine
    const before = this.#suspect
    const isUnderWay = before !== undefined && this.#taken.get(before.row.id) === before.row
    const since = clock.monotonic()
    if (isUnderWay && since - before.since < SUSPECT_MS) return 0
    const definitions = this.#definitions.names
    return this.#ask({ definitions, only: 'suspects', gone, limit: 1 }, async (row) => {
      this.#suspect = { row, since }
      const { id, epoch } = before?.row ?? row
      // Should that fail, it counts on: nothing is lost.
      if (isUnderWay) await committer.commit({ runId: id, epoch, entries: [], sound: true }).catch(() => undefined)
    })
  }

  /** @param first what is done before a run is driven. */
  async #ask(
    what: Pick<TakeFilter, 'definitions' | 'only' | 'order' | 'gone' | 'limit'>,
    first?: (row: RunRow) => Promise<void>,
  ): Promise<number> {
    const { clock, nextHeartbeat, owner, store } = this.#engine
    const filter = { ...what, now: clock.now(), except: this.#aside.now() }
    const takenAt = clock.monotonic()
    return this.#driver.lease.taking(
      () => store.take({ owner, heartbeat: nextHeartbeat() }, filter),
      (row) => this.#open(row, takenAt, first),
    )
  }

  /** A run that cannot be taken up is left alone for a while: it must not stand in the way of those behind it. */
  async #open(row: RunRow, takenAt: number, first?: (row: RunRow) => Promise<void>): Promise<void> {
    const { id } = row
    try {
      const isDriven = await this.#driver.exclusively(id, async () => {
        await first?.(row)
        return this.#driver.take(row, takenAt)
      })
      if (!isDriven) return
    } catch (error) {
      this.#aside.add(id)
      this.#trouble.note(row, false)
      const { code, message } = recordError(error, 'interrupted')
      this.#driver.complaints.add(row, code, `The run "${id}" could not be taken up: ${message}`)
      return
    }
    this.#taken.set(id, row)
    void this.#settle(row)
  }

  async #settle(row: RunRow): Promise<void> {
    const { id: runId } = row
    const outcome = await this.#driver.rested(runId)
    // It may have rested, and have been given anew.
    if (this.#taken.get(runId) !== row) return
    this.#taken.delete(runId)
    const isInterrupted = outcome.kind === 'waiting' && outcome.waiting.kind === 'interrupted'
    if (isInterrupted) this.#aside.add(runId)
    else this.#aside.delete(runId)
    this.#trouble.note(row, !isInterrupted)
    // Where there was no room, it is looked again at once.
    if (this.#taken.size === this.#concurrency - 1) this.#wake?.()
  }
}
