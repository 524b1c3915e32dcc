// What each side of w15 does in a process of its own: it holds many runs, so many at a time, and says what that took.
import { percentile } from '../measure.ts'
import { World } from '../world.ts'

/** What a side is asked for. */
export interface Ask {
  /** Runs at a time. */
  readonly lanes: number
  /** Runs altogether. */
  readonly runs: number
}

/** What it took. */
export interface Took {
  /** A turn, in microseconds: of all runs together, by the clock. */
  readonly turnUs: number
  /** The same of this process's time on a processor. */
  readonly cpuUs: number
  /** The 99th percentile of the time from one model call of a run to its next, in milliseconds. */
  readonly p99Ms: number
}

/** What holds the runs of a side. */
export interface Holder {
  run(runId: string): Promise<string>
  close(): Promise<void>
}

/** A world whose model answers at once, and that knows how long each turn took. */
export class TimedWorld extends World {
  readonly tookMs: number[] = []
  readonly #askedAt = new Map<string, number>()

  override model(last: string | null, runId: string): ReturnType<World['model']> {
    const now = performance.now()
    const before = this.#askedAt.get(runId)
    if (before !== undefined) this.tookMs.push(now - before)
    this.#askedAt.set(runId, now)
    return super.model(last, runId)
  }

  /** Forgets what was measured. */
  override reset(): void {
    super.reset()
    this.tookMs.length = 0
    this.#askedAt.clear()
  }
}

/** Answers what the process that started this one asks, until it asks no more. */
export async function answer(world: TimedWorld, make: (world: TimedWorld) => Promise<Holder>): Promise<void> {
  const holder = await make(world)
  let started = 0
  process.on('message', (ask: Ask | 'end') => {
    if (ask === 'end') void holder.close().then(() => process.exit(0))
    else void hold(ask).then((took) => process.send?.(took))
  })
  process.send?.('ready')

  async function hold({ lanes, runs }: Ask): Promise<Took> {
    world.reset()
    const last = started + runs
    const answers: string[] = []
    const before = process.cpuUsage()
    const start = performance.now()
    const lane = async (): Promise<void> => {
      while (started < last) answers.push(await holder.run(`${process.pid}-${++started}`))
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    const us = (performance.now() - start) * 1e3
    const { user, system } = process.cpuUsage(before)
    world.verify(answers)
    const turns = runs * (world.n + 1)
    return { turnUs: us / turns, cpuUs: (user + system) / turns, p99Ms: percentile(world.tookMs, 0.99) }
  }
}
