import type { ScheduleFilter } from '../../contracts/schedule.ts'
import { badArgument, checkOptions } from '../../define/argument.ts'
import { checkText } from '../../define/names.ts'
import type { Engine } from '../../engine/engine.ts'
import { DefinitionError } from '../../values/errors.ts'
import type { Definitions } from '../setup/definitions.ts'
import type { Starter } from '../start/starter.ts'
import { keepSchedule, storedSchedule } from './kept.ts'
import type { Moments } from './moments.ts'
import { decodeSchedule, encodeSchedule, isoOf, runIdOf, type Schedule } from './schedule.ts'
import { startOf } from './start-of.ts'

/** The most runs that one backfill begins. */
const MAX_BACKFILL = 10_000

/** How many of them are written at a time. */
const CHUNK = 100

/** What the schedules of a runtime stand on. */
export interface SchedulesParts {
  readonly engine: Engine
  readonly definitions: Definitions
  readonly starter: Starter
  /** Refuses where the runtime is closed. */
  readonly checkOpen: () => void
}

/** The schedules of a store, to look at and to work. They are made by `runtime.schedule`, and fired by workers. */
export class Schedules {
  readonly #parts: SchedulesParts

  constructor(parts: SchedulesParts) {
    this.#parts = parts
  }

  /**
   * The schedules that fit, in the order of their names, a page at a time.
   *
   * @throws DefinitionError when `limit` is no whole number of 1 to 1,000.
   */
  async list(filter: ScheduleFilter = {}): Promise<readonly Schedule[]> {
    checkOptions('schedules.list was given filter', filter, 'Give it { name, tenant, user, after, limit }, or nothing.')
    for (const part of ['name', 'tenant', 'user', 'after'] as const)
      if (filter[part] !== undefined) checkText('schedules.list', part, filter[part])
    const { limit = 100 } = filter
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > 1_000)
      throw badArgument('schedules.list was given limit', limit, 'Give it a whole number of 1 to 1,000.')
    return (await this.#parts.engine.store.schedules(filter)).map(decodeSchedule)
  }

  /**
   * A schedule as it stands.
   *
   * @throws DefinitionError with code `unknown_schedule`.
   */
  async get(name: string): Promise<Schedule> {
    return decodeSchedule(await this.#stored(name))
  }

  /**
   * Lets a schedule begin nothing until it is resumed, whatever is declared meanwhile. What it has begun goes on. One that is
   * paused already stays so.
   *
   * @throws DefinitionError with code `unknown_schedule`.
   */
  async pause(name: string): Promise<void> {
    await this.#change(name, (schedule) => (schedule.paused ? undefined : { ...schedule, paused: true }))
  }

  /**
   * Lets a schedule that is paused go on with the next moment that comes: those that have come meanwhile are not made up for.
   *
   * @throws DefinitionError with code `unknown_schedule`.
   */
  async resume(name: string): Promise<void> {
    const now = this.#parts.engine.clock.now()
    const { momentsOf } = await import('./moments.ts')
    await this.#change(name, (schedule) => {
      if (!schedule.paused) return undefined
      const moments = momentsOf(`The schedule "${name}"`, schedule.cron, schedule.timeZone)
      return { ...schedule, paused: false, nextAt: moments.next(Math.max(now, schedule.last?.at ?? now)) }
    })
  }

  /**
   * Begins a run of a schedule now, whatever else of it runs, also where it is paused. Its moment is now; the next one stays.
   *
   * @returns the id of the run, which is queued for a worker.
   * @throws DefinitionError with code `unknown_schedule`, or `unregistered` when its definition is not this runtime's.
   */
  async runNow(name: string): Promise<{ readonly id: string }> {
    const { definitions, engine, starter, checkOpen } = this.#parts
    checkOpen()
    for (;;) {
      const stored = await this.#stored(name)
      const schedule = decodeSchedule(stored)
      const at = engine.clock.now()
      const id = runIdOf(name, at)
      const moved = encodeSchedule({ ...schedule, last: { at, runId: id, begunAt: at } })
      const start = startOf(schedule, definitions.newest({ ...schedule.definition, version: 0 }), at)
      const result = await starter.fire({ ...start, fires: { schedule: moved, before: stored.etag } })
      if (result !== 'stale') return { id }
    }
  }

  /**
   * Begins a run for each moment of a schedule from `from` on and before `to`, where there is none of that moment: what was
   * missed, or came before the schedule was declared. The runs are queued all at once; `overlap` is not asked.
   *
   * @param from a `Date`, or milliseconds since 1970.
   * @param to the same; now at the latest.
   * @returns the ids of the runs that were begun, in the order of their moments.
   * @throws DefinitionError with code `unknown_schedule`, `unregistered`, or `bad_argument` where these are no moments, `to`
   * lies ahead, or there are more than 10,000 moments between.
   */
  async backfill(name: string, from: Date | number, to: Date | number): Promise<readonly string[]> {
    const { definitions, engine, starter, checkOpen } = this.#parts
    checkOpen()
    const schedule = await this.get(name)
    const definition = definitions.newest({ ...schedule.definition, version: 0 })
    const { momentsOf } = await import('./moments.ts')
    const moments = momentsOf(`The schedule "${name}"`, schedule.cron, schedule.timeZone)
    const all = momentsBetween(moments, momentOf('from', from), momentOf('to', to), engine.clock.now())
    const begun: string[] = []
    for (let done = 0; done < all.length; done += CHUNK) {
      const chunk = all.slice(done, done + CHUNK)
      const results = await Promise.all(chunk.map((at) => starter.fire(startOf(schedule, definition, at))))
      begun.push(...chunk.flatMap((at, index) => (results[index] === 'written' ? runIdOf(name, at) : [])))
    }
    return begun
  }

  /**
   * Deletes a schedule; its runs stay, and go on. Whoever declares it again makes it anew: take that out of the code first.
   *
   * @throws DefinitionError with code `unknown_schedule`.
   */
  async remove(name: string): Promise<void> {
    checkText('schedules', 'name', name)
    if (!(await this.#parts.engine.store.deleteSchedule(name))) throw unknownSchedule(name)
  }

  async #stored(name: string) {
    checkText('schedules', 'name', name)
    const stored = await storedSchedule(this.#parts.engine.store, name)
    if (!stored) throw unknownSchedule(name)
    return stored
  }

  async #change(name: string, change: (schedule: Schedule) => Schedule | undefined): Promise<void> {
    for (;;) {
      const stored = await this.#stored(name)
      const schedule = change(decodeSchedule(stored))
      if (!schedule || (await keepSchedule(this.#parts.engine, schedule, stored.etag))) return
    }
  }
}

function momentsBetween(moments: Moments, from: number, to: number, now: number): readonly number[] {
  if (to > now)
    throw badArgument('schedules.backfill was given to', isoOf(to), 'It lies ahead. Give it now, or a moment before.')
  const all: number[] = []
  for (let at = moments.next(from - 1); at !== null && at < to; at = moments.next(at)) {
    if (all.length === MAX_BACKFILL)
      throw badArgument(
        'schedules.backfill was given from and to',
        `${isoOf(from)} to ${isoOf(to)}`,
        `There are more than ${MAX_BACKFILL} moments between them. Do it in parts.`,
      )
    all.push(at)
  }
  return all
}

function momentOf(what: string, given: Date | number): number {
  const at = given instanceof Date ? given.getTime() : given
  if (typeof at === 'number' && Number.isFinite(at) && !Number.isNaN(new Date(at).getTime())) return at
  throw badArgument(`schedules.backfill was given ${what}`, given, 'Give it a Date, or milliseconds since 1970.')
}

function unknownSchedule(name: string): DefinitionError {
  return new DefinitionError({
    code: 'unknown_schedule',
    message: `There is no schedule "${name}" in this store. runtime.schedules.list() gives those there are.`,
    details: { schedule: name },
  })
}
