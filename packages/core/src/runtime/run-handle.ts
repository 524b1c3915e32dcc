import type { Entry } from '../contracts/entry.ts'
import type { RunEvent, RunEventKind } from '../contracts/event.ts'
import type { Json } from '../words/json.ts'
import type { Hub, Listener } from './hub.ts'
import { type Outcome, resultOf } from './outcome.ts'

/** What a handle needs of its runtime. */
export interface HandleHost {
  readonly hub: Hub
  /** The run's entries as they are shown. */
  readonly entries: (runId: string) => Promise<readonly Entry[]>
  /** How the run stands when nothing more happens to it. Never rejects. */
  readonly settled: (runId: string) => Promise<Outcome>
  readonly cancel: (runId: string, reason: string) => Promise<void>
}

/** A run as a program holds it. Letting go of it (`using`, or the signal given to `start`) leaves the run alone. */
export class RunHandle<Output = Json> {
  readonly id: string
  readonly #host: HandleHost
  readonly #detached = new AbortController()

  constructor(host: HandleHost, id: string, signal?: AbortSignal) {
    this.#host = host
    this.id = id
    if (signal) this.#detachBy(signal)
  }

  /** Listens to one kind of event from now on. A listener that throws or rejects is logged, and breaks nothing. */
  on<K extends RunEventKind>(kind: K, listener: Listener<K>): this {
    if (this.#detached.signal.aborted) return this
    const stop = this.#host.hub.on(this.id, kind, listener)
    this.#detached.signal.addEventListener('abort', stop, { once: true })
    return this
  }

  /** How the run stands when nothing more happens to it here: it has ended, or rests. Never throws. */
  async outcome(): Promise<Outcome<Output>> {
    // The definition's output schema judged what was recorded.
    return (await this.#host.settled(this.id)) as Outcome<Output>
  }

  /**
   * The run's output.
   *
   * @throws OutcomeError when it did not complete; its code is the outcome's kind.
   */
  async result(): Promise<Output> {
    return resultOf(this.id, await this.outcome())
  }

  /** Ends the run for good, also when another process drives it. */
  cancel(reason = 'cancelled'): Promise<void> {
    return this.#host.cancel(this.id, reason)
  }

  /** All events: the run's entries from its first, then what happens live, until it ends or rests. */
  async *[Symbol.asyncIterator](): AsyncGenerator<RunEvent, void, undefined> {
    const live: RunEvent[] = []
    let wake = (): void => undefined
    const untap = this.#host.hub.tap(this.id, (event) => {
      live.push(event)
      wake()
    })
    let over = false
    const end = (): void => {
      over = true
      wake()
    }
    this.#detached.signal.addEventListener('abort', end, { once: true })
    try {
      let next = 0
      for (const event of await this.#stored(next)) {
        next++
        yield event
      }
      void this.#host.settled(this.id).then(end)
      while (!this.#detached.signal.aborted) {
        for (let event = live.shift(); event; event = live.shift()) {
          // What was committed while the entries were read stands in both.
          if ('seq' in event && event.seq < next) continue
          if ('seq' in event) next = event.seq + 1
          yield event
        }
        if (over) break
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      // What another process drove was not heard here.
      if (!this.#detached.signal.aborted) yield* await this.#stored(next)
    } finally {
      untap()
      this.#detached.signal.removeEventListener('abort', end)
    }
  }

  /** Stops this handle's listeners and iterations. The run goes on. */
  [Symbol.dispose](): void {
    this.#detached.abort()
  }

  async #stored(from: number): Promise<RunEvent[]> {
    const entries = await this.#host.entries(this.id)
    return entries.slice(from).map((entry) => ({ ...entry, runId: this.id }))
  }

  #detachBy(signal: AbortSignal): void {
    const detach = (): void => this.#detached.abort()
    if (signal.aborted) return detach()
    signal.addEventListener('abort', detach, { once: true })
    // A signal may outlive many runs.
    void this.#host.settled(this.id).then(() => signal.removeEventListener('abort', detach))
  }
}
