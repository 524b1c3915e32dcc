// A schedule of a simulated world, which each process declares as it begins, as a program does.
import { createRuntime, type Runtime, type Store } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import { shift } from '../stories/workflows.ts'
import type { Dice } from './dice.ts'
import { EPOCH, never } from './process.ts'

const NAME = 'timetable'
const EVERY_MS = 2_000

/** The one schedule of a world. */
export class Timetable {
  readonly #catchUp
  readonly #overlap

  constructor(dice: Dice) {
    this.#catchUp = dice.pick(['none', 'last', 'all'] as const)
    this.#overlap = dice.pick(['skip', 'queue', 'cancel'] as const)
  }

  /** Declares it in a store where nothing goes wrong: from then on it is there. */
  async begin(store: Store): Promise<void> {
    const clock = { now: () => EPOCH, monotonic: () => 0, sleep: () => never<void>() }
    await this.declare(
      createRuntime({ store, models: scriptedModel([]), definitions: [shift], clock, random: () => 0 }),
    )
  }

  async declare(runtime: Runtime): Promise<void> {
    await runtime.schedule(NAME, {
      cron: '*/2 * * * * *',
      definition: shift,
      input: {},
      momentAs: 'at',
      catchUp: this.#catchUp,
      overlap: this.#overlap,
    })
  }

  /** Pauses it in a store where nothing goes wrong, so that the world comes to an end. */
  async end(store: Store): Promise<void> {
    for (let isPaused = false; !isPaused;) {
      const [schedule] = await store.schedules({ name: NAME })
      if (!schedule) throw new Error('The timetable is gone')
      const paused = { ...schedule, paused: true, etag: 'the end' }
      isPaused = await store.keepSchedule({ schedule: paused, before: schedule.etag })
    }
  }

  /** Says what must not be of the moments that were fired, in their order. */
  complaints(fired: readonly number[]): readonly string[] {
    if (this.#catchUp !== 'all' || this.#overlap !== 'queue') return []
    const missed = fired.filter((at, index) => index > 0 && at !== (fired[index - 1] ?? 0) + EVERY_MS)
    return missed.map((at) => `The timetable left out what comes before ${new Date(at).toISOString()}`)
  }
}
