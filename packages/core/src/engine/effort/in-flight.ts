// The efforts of one run that are under way: model requests, calls, steps, timers, children. session.ts and
// workflow-efforts.ts begin them here and take what came back, all of it together, so that it shares a commit
// (invariant 9). Nothing is written and nothing is decided here; whoever begins an effort has committed what led to it
// (invariant 2).
import type { Clock } from '../../contracts/clock.ts'
import type { Few } from '../few.ts'
import { sleepUntil } from './sleep-until.ts'

interface Landed<Landing> {
  /** Undefined for what is reported while its effort goes on. */
  readonly key: string | undefined
  readonly landing?: Landing | undefined
  readonly isVoid?: (() => boolean) | undefined
  readonly thrown?: { readonly error: unknown }
}

/**
 * The efforts of one run that are in the air, by key. A key stays until what came of its effort was taken, so that
 * nothing is begun twice.
 */
export class InFlight<Landing> {
  readonly #clock: Clock
  readonly #keys = new Set<string>()
  /** The moments that were waited for, by key, until what was to begin then has begun. */
  readonly #waited = new Map<string, number>()
  /** The keys under which only a moment is waited for. */
  readonly #waiting = new Set<string>()
  readonly #abort = new AbortController()
  readonly #halt = new AbortController()
  readonly #over = new AbortController()
  #landed: Landed<Landing>[] = []
  #nudged = false
  #wake: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many are in the air, those that have landed and were not taken among them. */
  get size(): number {
    return this.#keys.size
  }

  /** How many of them do more than to wait. */
  get busy(): number {
    return this.#keys.size - this.#waiting.size
  }

  /** Whether anything has landed and was not taken. */
  get hasLanded(): boolean {
    return this.#landed.length > 0
  }

  /** Whether an effort of a key is in the air. */
  has(key: string): boolean {
    return this.#keys.has(key)
  }

  /** Whether an effort of a key is in the air that does more than to wait. */
  isBusy(key: string): boolean {
    return this.has(key) && !this.#waiting.has(key)
  }

  /**
   * Begins an effort, unless one of its key is in the air. One that is aborted lands with nothing.
   *
   * @param isVoid whether what came of it is nobody's by now: asked when it is taken.
   */
  begin(key: string, effort: (signal: AbortSignal) => Promise<Landing | undefined>, isVoid?: () => boolean): void {
    if (this.has(key)) return
    this.#keys.add(key)
    this.#waited.delete(key)
    void effort(this.#abort.signal).then(
      (landing) => this.#land({ key, landing, isVoid }),
      (error: unknown) =>
        this.#land(
          this.#abort.signal.aborted || this.#halt.signal.aborted ? { key } : { key, thrown: { error }, isVoid },
        ),
    )
  }

  /** Waits under a key until a moment in milliseconds since 1970, and lands with nothing. */
  waitUntil(key: string, at: number): void {
    if (this.has(key)) return
    this.#waiting.add(key)
    this.begin(key, async () => {
      try {
        await sleepUntil(this.#clock, at, this.#halt.signal)
        this.waited(key, at)
        return undefined
      } finally {
        this.#waiting.delete(key)
      }
    })
  }

  /** Takes note that a moment has been waited for. */
  waited(key: string, at: number): void {
    this.#waited.set(key, at)
  }

  /** Whether the time has come: a clock that was set back makes nobody wait for it again. */
  isDue(key: string, at: number | null): boolean {
    return at === null || at <= this.#clock.now() || this.#waited.get(key) === at
  }

  /** Whether what begins now is aborted as it begins. */
  get isAborted(): boolean {
    return this.#abort.signal.aborted
  }

  /** Aborts the waits that `end` ends at once. */
  get halted(): AbortSignal {
    return this.#halt.signal
  }

  /**
   * What has landed, once anything has, nothing is in the air, or somebody nudges.
   *
   * @throws what an effort threw that was not aborted.
   */
  landings(): Promise<Landing[]> {
    return this.#keys.size > 0 ? this.landingsOrNudge() : Promise.resolve([])
  }

  /**
   * What has landed, once anything has or somebody nudges.
   *
   * @throws what an effort threw that was not aborted.
   */
  async landingsOrNudge(): Promise<Landing[]> {
    if (this.#landed.length === 0 && !this.#nudged) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#nudged = false
    const landed = this.#landed
    this.#landed = []
    const landings: Landing[] = []
    let failed: Landed<Landing>['thrown']
    for (const { key, landing, thrown, isVoid } of landed) {
      if (key !== undefined) this.#keys.delete(key)
      if (isVoid?.()) continue
      if (landing !== undefined) landings.push(landing)
      failed ??= thrown
    }
    if (failed) throw failed.error
    return landings
  }

  /** Lands something of an effort that goes on. */
  report(landing: Landing): void {
    this.#land({ key: undefined, landing })
  }

  /** Lets whoever waits for landings look around. */
  nudge(): void {
    this.#nudged = true
    this.#rouse()
  }

  /**
   * Ends the waits at once, and leaves what is in the air its time. Whatever takes longer is aborted and left behind.
   *
   * @param reason only made where it is needed: an error has a stack, and many runs are ended together.
   * @param few many runs' time is over at once: others have their turns between what is aborted.
   */
  async end(graceMs: number, reason: () => Error, few: Few): Promise<void> {
    this.halt()
    this.nudge()
    try {
      await this.#clock.sleep(graceMs, this.#over.signal)
    } catch {
      return
    }
    await few.turn()
    if (this.#over.signal.aborted) return
    this.abort(reason())
    this.#keys.clear()
    this.#waiting.clear()
    this.nudge()
  }

  /** Aborts what is in the air; it lands in its own time. */
  abort(reason: unknown): void {
    this.halt()
    this.#abort.abort(reason)
  }

  /** Ends the waits at once. Whatever does more than to wait is left alone: its signal was good to the end. */
  halt(): void {
    // A reason of Node's own would be an error with a stack, which nobody reads.
    this.#halt.abort('halted')
  }

  /** Says that nobody takes landings any more. */
  close(): void {
    this.#over.abort('closed')
  }

  #land(landed: Landed<Landing>): void {
    this.#landed.push(landed)
    this.#rouse()
  }

  #rouse(): void {
    const wake = this.#wake
    // To resolve a promise once more costs Node a report that nobody reads.
    this.#wake = undefined
    wake?.()
  }
}
