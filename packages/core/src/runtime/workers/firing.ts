// A worker's look at the schedules of its store: those whose moment has come begin their runs, each moment once, whoever
// looks. The run and the schedule as it then stands are one write, which is refused where the schedule stands otherwise by
// then: a process that was stopped for an hour fires nothing again, nor does one whose clock was set back.
import type { StoredSchedule } from '../../contracts/schedule.ts'
import type { Engine } from '../../engine/engine.ts'
import { recordError } from '../../engine/record-error.ts'
import { RepriseError } from '../../values/errors.ts'
import type { Driver } from '../drive/driver.ts'
import { newestContinuation } from '../read/stored.ts'
import { keepSchedule } from '../schedules/kept.ts'
import { decodeSchedule, encodeSchedule, isoOf, runIdOf, type Schedule } from '../schedules/schedule.ts'
import { startOf } from '../schedules/start-of.ts'
import { nextStep, type Step } from '../schedules/step.ts'
import type { Definitions } from '../setup/definitions.ts'
import type { Starter } from '../start/starter.ts'
import { SetAside } from './set-aside.ts'

/** How often schedules are looked at, in milliseconds: no pattern is finer than a second. */
const LOOK_MS = 1_000

/** How many schedules are read at a time, and how many steps of one are taken before the others. */
const PAGE = 100
const MOST_STEPS = 20

/** What schedules are fired by. */
export interface FiringParts {
  readonly engine: Engine
  readonly driver: Driver
  readonly definitions: Definitions
  readonly starter: Starter
}

/** Fires the schedules of a store for one worker. */
export class Firing {
  readonly #parts: FiringParts
  /** Aborts when its worker is stopped: then nothing more is begun. */
  readonly #over: AbortSignal
  readonly #aside: SetAside
  /** When it looks again, on the monotonic clock. */
  #againAt = -Infinity

  constructor(parts: FiringParts, over: AbortSignal) {
    this.#parts = parts
    this.#over = over
    this.#aside = new SetAside(parts.engine.clock)
  }

  /**
   * Fires what is due, at most once a second.
   *
   * @returns how many runs it has begun.
   * @throws StoreError when the store fails.
   */
  async look(): Promise<number> {
    const { definitions, engine } = this.#parts
    const { clock, store } = engine
    if (clock.monotonic() < this.#againAt) return 0
    this.#againAt = clock.monotonic() + LOOK_MS
    const seen: string[] = []
    let begun = 0
    let page: readonly StoredSchedule[]
    do {
      const except = [...seen, ...this.#aside.now()]
      page = await store.dueSchedules({ now: clock.now(), definitions: definitions.names, except, limit: PAGE })
      for (const stored of page) {
        if (this.#over.aborted) return begun
        seen.push(stored.name)
        begun += await this.#fire(stored)
      }
    } while (page.length === PAGE)
    return begun
  }

  /** One that this worker cannot begin a run of is left alone for a while: another may, or this one after a deploy. */
  async #fire(stored: StoredSchedule): Promise<number> {
    let begun = 0
    try {
      let next: StoredSchedule | undefined = stored
      for (let steps = 0; next && steps < MOST_STEPS && !this.#over.aborted; steps++) {
        const { fired, after } = await this.#step(next)
        if (fired) begun++
        next = after
      }
      // There is more of it: it goes on once runs had their turn.
      if (next) this.#againAt = -Infinity
      this.#aside.delete(stored.name)
    } catch (error) {
      if (RepriseError.is(error) && error.name === 'StoreError') throw error
      this.#aside.add(stored.name)
      const { code, message } = recordError(error, 'interrupted')
      const line = `The schedule "${stored.name}" could not begin its run: ${message}`
      this.#parts.driver.complaints.add(stored.definition, code, line)
    }
    return begun
  }

  /** @returns whether a run was begun, and the schedule where there may be more to do. */
  async #step(
    stored: StoredSchedule,
  ): Promise<{ readonly fired: boolean; readonly after?: StoredSchedule | undefined }> {
    const { engine } = this.#parts
    const before = decodeSchedule(stored)
    const { momentsOf } = await import('../schedules/moments.ts')
    const moments = momentsOf(`The schedule "${before.name}"`, before.cron, before.timeZone)
    // Whoever cancelled it may have died just when it went on as another, which then has no word of it.
    if (before.last?.instead !== undefined) await this.#parts.driver.cancel(before.last.instead, reasonOf(before))
    const busy = await this.#busy(before)
    const step = nextStep(before, moments, engine.clock.now(), busy)
    if (!step) return { fired: false }
    if (step.fire !== undefined) return this.#begin(stored, step, step.fire, busy)
    const after = await keepSchedule(engine, step.schedule, stored.etag)
    if (after) this.#tell(before, step.schedule)
    return { fired: false, after }
  }

  async #begin(stored: StoredSchedule, { schedule, cancels }: Step, at: number, busy: string | undefined) {
    const { definitions, driver, engine, starter } = this.#parts
    const { name } = schedule
    const ending = cancels ? busy : undefined
    const last = { at, runId: runIdOf(name, at), begunAt: engine.clock.now() }
    const moved = { ...schedule, last: { ...last, ...(ending !== undefined && { instead: ending }) } }
    const start = startOf(moved, definitions.newest({ ...moved.definition, version: 0 }), at)
    const after = encodeSchedule(moved)
    const reason = reasonOf(schedule)
    const cancel = (runId: string) =>
      ({ runId, dedupe: 'cancel', kind: 'cancel', body: reason, at: engine.clock.now() }) as const
    const messages = ending === undefined ? {} : { messages: [cancel(ending)] }
    const result = await starter.fire({ ...start, ...messages, fires: { schedule: after, before: stored.etag } })
    if (result === 'stale') return { fired: false }
    // Somebody has begun the run of this moment: the schedule moves on all the same.
    if (result === 'exists') return { fired: false, after: await keepSchedule(engine, moved, stored.etag) }
    this.#tell(decodeSchedule(stored), schedule)
    // It has the message: this only brings it there at once.
    if (ending !== undefined) await driver.cancel(ending, reason)
    return { fired: true, after }
  }

  /** The last run that a schedule began, as it goes on by now, where it has not ended. */
  async #busy({ last }: Schedule): Promise<string | undefined> {
    if (!last) return undefined
    const { store } = this.#parts.engine
    const row = await store.run(await newestContinuation(store, last.runId))
    return row && row.endedAt === null ? row.id : undefined
  }

  #tell(before: Schedule, after: Schedule): void {
    const skipped = after.skipped.at(-1)
    if (after.skipped === before.skipped || !skipped) return
    const { at, until, why, runId } = skipped
    const when = at === until ? isoOf(at) : `${isoOf(at)} to ${isoOf(until)}`
    const because = why === 'missed' ? 'nobody was up' : `the run "${runId}" had not ended`
    this.#parts.engine.log.info(`The schedule "${after.name}" began nothing for ${when}: ${because}.`)
  }
}

/** Why the run before the last is cancelled. */
function reasonOf({ name }: Pick<Schedule, 'name'>): string {
  return `The schedule "${name}" has begun the next run.`
}
