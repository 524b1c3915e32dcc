import type { RunEvent, RunEventKind } from '../contracts/event.ts'
import type { Store } from '../contracts/store.ts'
import { unseal } from '../journal/seal.ts'
import type { Json } from '../words/json.ts'
import type { Hub, Listener } from './hub.ts'
import { type Outcome, resultOf } from './outcome.ts'

/** What a handle needs of its runtime. */
export interface HandleHost {
  readonly hub: Hub
  readonly store: Store
  /** How the run stands when nothing more happens to it. */
  settled(runId: string): Promise<Outcome>
  cancel(runId: string, reason?: string): Promise<void>
}

/** A run as a program holds it. Letting go of it (`using`, or the signal given to `start`) leaves the run alone. */
export class RunHandle<Output = Json> {
  readonly id: string
  readonly #host: HandleHost
  readonly #listeners: (() => void)[] = []

  constructor(host: HandleHost, id: string, signal?: AbortSignal) {
    this.#host = host
    this.id = id
    signal?.addEventListener('abort', () => this[Symbol.dispose](), { once: true })
  }

  /** Listens to one kind of event from now on. A listener that throws is logged, and breaks nothing. */
  on<K extends RunEventKind>(kind: K, listener: Listener<K>): this {
    this.#listeners.push(this.#host.hub.on(this.id, kind, listener))
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
  cancel(reason?: string): Promise<void> {
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
    try {
      const stored = await this.#host.store.entries(this.id)
      for (const sealed of stored) yield { ...unseal(sealed), runId: this.id }
      let settled = false
      void this.#host.settled(this.id).then(() => {
        settled = true
        wake()
      })
      for (;;) {
        // What was committed while the entries were read stands in both.
        for (let event = live.shift(); event; event = live.shift())
          if (!('seq' in event) || event.seq >= stored.length) yield event
        if (settled) return
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    } finally {
      untap()
    }
  }

  /** Stops this handle's listeners. The run goes on. */
  [Symbol.dispose](): void {
    for (const stop of this.#listeners.splice(0)) stop()
  }
}
