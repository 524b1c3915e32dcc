// A thousand runs at once, five tool calls each, with a model that takes 50 ms; on disk, power-safe. The floor shares a
// commit among all runs of an event-loop turn, too.
import { argv } from 'node:process'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Contender } from '../contenders/contender.ts'
import { inTemporaryFolder } from '../in-temporary-folder.ts'
import { bytesWritten, percentile, type Side, sides, timed } from '../measure.ts'
import { World } from '../world.ts'

const RUNS = 1_000

/** How a thousand runs went. */
export interface ThousandRuns {
  readonly wallMs: number
  /** The 99th percentile of the time from one model call of a run to its next. */
  readonly turnMs: number
  /** The 99th percentile of how late the event loop's timers were. */
  readonly lagMs: number
  readonly writtenPerRun: number
}

/** A side that does a thousand runs again and again, on one store. */
export class Fleet {
  readonly #world: World
  readonly #contender: Contender
  #started = 0

  private constructor(world: World, contender: Contender) {
    this.#world = world
    this.#contender = contender
  }

  static async make(side: Side, dir: string): Promise<Fleet> {
    const world = new World({ n: 5, latencyMs: 50 })
    return new Fleet(world, await sides[side]({ world, dir, durable: true, variant: 'full-group' }))
  }

  async run(): Promise<ThousandRuns> {
    this.#world.reset()
    const lag = monitorEventLoopDelay({ resolution: 1 })
    const before = bytesWritten()
    lag.enable()
    let answers: readonly string[] = []
    const { wall } = await timed(1e3, async () => {
      const ids = Array.from({ length: RUNS }, () => `r${++this.#started}`)
      answers = await Promise.all(ids.map((id) => this.#contender.run(id)))
    })
    lag.disable()
    this.#world.verify(answers)
    return {
      wallMs: wall,
      turnMs: percentile(this.#world.turnMs, 0.99),
      lagMs: lag.percentile(99) / 1e6,
      writtenPerRun: (bytesWritten() - before) / RUNS,
    }
  }

  close(): Promise<void> {
    return this.#contender.close()
  }
}

// As a program: Reprise alone, and what it takes of memory, in MB.
if (argv[1] === import.meta.filename) {
  await inTemporaryFolder(async (dir) => {
    const fleet = await Fleet.make('reprise', dir)
    await fleet.run()
    await fleet.close()
    console.log((process.resourceUsage().maxRSS * 1024) / 1e6)
  })
}
