// How long the code of a workflow is waited for, where it has not asked for what is recorded next.
import { setImmediate } from 'node:timers/promises'
import { leaveAlone, Watch } from './outside.ts'

/**
 * How often the code may come back to the event loop before it must have asked for what is recorded next, where nothing
 * that it has under way elsewhere can be seen.
 */
const TURNS = 200

/** The patience with one execution of a workflow's code. */
export class Patience {
  #watch: Watch | undefined

  /** Runs the code, and sees what it has under way elsewhere until `end`. */
  run<T>(code: () => T): T {
    this.#watch = new Watch()
    return this.#watch.run(code)
  }

  /** Looks after the code no more. */
  end(): void {
    this.#watch?.end()
    this.#watch = undefined
  }

  /**
   * Lets the code go on for a turn of the event loop, or as long as it is at work elsewhere.
   *
   * @param turns how many it was given since it was last told something.
   * @param over whether it has ended.
   * @returns false where nothing more can come of it.
   */
  async goesOn(turns: number, over: boolean): Promise<boolean> {
    const state = this.#watch?.state ?? 'quiet'
    if (state !== 'busy' && (over || state === 'asleep' || turns >= TURNS)) return false
    await (state === 'busy' && turns > TURNS ? leaveAlone() : setImmediate())
    return true
  }
}

/** Resolves when all that promises have to say has been said, in this turn of the event loop. */
export function drained(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve)
  })
}
