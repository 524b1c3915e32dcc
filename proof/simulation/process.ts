// A process of the simulation: it lives, is stopped and goes on, dies; its clock may jump.
import type { Clock, Owners } from '@reprise/core'
import type { Dice } from './dice.ts'
import type { World } from './world.ts'

/** When the simulated time begins, in milliseconds since 1970. */
export const EPOCH = 1_764_000_000_000

/** How long such a tick is, in milliseconds. */
const TICK_MS = 50

/** All that a process of the simulation has of the world: time, chance, and whether it is alive. */
export class Process {
  readonly name: string
  readonly world: World
  readonly dice: Dice
  /** How far its clock is ahead, in milliseconds. */
  skewMs = 0
  #state: 'awake' | 'stopped' | 'dead' = 'awake'
  #forsaken = false
  /** What came while it was stopped. */
  #held: (() => void)[] = []

  /** @param name as `machine/number`. */
  constructor(name: string, world: World) {
    this.name = name
    this.world = world
    this.dice = world.dice.fork()
  }

  get awake(): boolean {
    return this.#state === 'awake'
  }

  get dead(): boolean {
    return this.#state === 'dead'
  }

  /** Whether it does nothing any more, dead or not. */
  get over(): boolean {
    return this.dead || (this.#forsaken && this.#state === 'stopped')
  }

  get machine(): string {
    return this.name.split('/')[0] ?? ''
  }

  /** Ends it, wherever it is: nothing that it waits for ever comes. */
  kill(): void {
    this.world.note(`${this.name} is killed`)
    this.#state = 'dead'
    this.#held = []
  }

  /** Stops it for a while, as SIGSTOP does: time goes on without it, mostly for longer than a lease. */
  stop(): void {
    if (this.dead) return
    this.world.note(`${this.name} is stopped`)
    this.#state = 'stopped'
    this.world.after(this.dice.pick([2_000, 15_000, 25_000, 25_000]) * this.dice.between(0.5, 1.5), () => this.goOn())
  }

  /** Nothing lets it go on any more, once it is stopped. */
  forsake(): void {
    this.#forsaken = true
  }

  /** Lets it go on: all that it missed comes at once, in any order. */
  goOn(): void {
    if (this.#state !== 'stopped' || this.#forsaken) return
    this.world.note(`${this.name} goes on`)
    this.#state = 'awake'
    const held = this.#held
    this.#held = []
    for (const run of held) this.after(this.dice.between(0, 20), run)
  }

  /** Lets something happen to it after a time, if it lives and is awake, or once it is awake. */
  after(ms: number, run: () => void): void {
    this.world.after(ms, () => this.#do(run))
  }

  /** Waits; for ever, where it dies. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  readonly clock: Clock = {
    now: () => EPOCH + Math.floor(this.world.now) + this.skewMs,
    monotonic: () => this.world.now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted()
      if (ms <= 0) return
      await new Promise<void>((resolve, reject) => {
        const end = (): void => {
          signal?.removeEventListener('abort', abort)
          resolve()
        }
        const cancel = this.world.at(endOf(this.world.now, ms), () => this.#do(end))
        const abort = (): void => {
          cancel()
          // The reason is whatever the one who aborted gave.
          reject(signal?.reason as Error)
        }
        signal?.addEventListener('abort', abort, { once: true })
      })
    },
  }

  #do(run: () => void): void {
    if (this.#state === 'dead') return
    this.world.sound()
    if (this.#state === 'stopped') this.#held.push(run)
    else run()
  }
}

/** What a process can know of who owns runs: of its own machine, who is dead and who is not. */
export function ownersSeenBy(self: Process, processes: ReadonlyMap<string, Process>): Owners {
  let own: ReadonlySet<string> = new Set()
  const neighbour = (owner: string): Process | undefined => {
    const process = processes.get(owner)
    return process?.machine === self.machine ? process : undefined
  }
  const isDead = (owner: string): boolean => neighbour(owner)?.dead === true
  return {
    name(driving) {
      own = driving
      return self.name
    },
    isGone: (owner, runId) => (owner === self.name ? !own.has(runId) : isDead(owner)),
    livesElsewhere: (owner) => owner !== self.name && neighbour(owner)?.dead === false,
    isGoneWhole: (owner) => (owner === self.name ? own.size === 0 : isDead(owner)),
  }
}

/** Long waits end at ticks, as the timers of a machine do that saves power: what comes at the same time is one step. */
function endOf(now: number, ms: number): number {
  return ms < TICK_MS ? now + ms : Math.ceil((now + ms) / TICK_MS) * TICK_MS
}

/** What never comes. */
export function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}
