import type { Author, By } from '../../contracts/audit.ts'
import type { Entry } from '../../contracts/entry.ts'
import type { RunEvent, RunEventKind } from '../../contracts/event.ts'
import type { Json } from '../../values/json.ts'
import { Feed } from './feed.ts'
import type { EventHub, Listener } from './event-hub.ts'
import { authorIn } from '../setup/author.ts'
import { type Outcome, resultOf } from '../read/outcome.ts'

/** What a handle needs of its runtime. */
export interface HandleHost {
  readonly hub: EventHub
  /** The ids of the runs below a run. */
  readonly below: (runId: string) => Promise<readonly string[]>
  /** The run's entries as they are shown, from one on. */
  readonly entries: (runId: string, from: number) => Promise<readonly Entry[]>
  /** How the run stands when nothing more happens to it. Never rejects. */
  readonly settled: (runId: string) => Promise<Outcome>
  readonly cancel: (runId: string, reason: string, by: Author) => Promise<void>
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

  /**
   * Ends the run for good, also when another process drives it.
   *
   * @param given.by who wants it. @default unknown
   */
  async cancel(reason = 'cancelled', given: { readonly by?: By } = {}): Promise<void> {
    await this.#host.cancel(this.id, reason, authorIn('cancel', given.by))
  }

  /** All events: the run's entries from its first, then what happens live, until it ends or rests. */
  [Symbol.asyncIterator](): AsyncGenerator<RunEvent, void, undefined> {
    return this.events()
  }

  /**
   * All events, as the handle itself gives them.
   *
   * @param options.children whether those of all runs below this one come too, each with its own `runId`: what was written
   * before in the order of its times, then what happens live where this process drives them, and what another process wrote
   * when this run ends or rests. No entry is left out, and none comes twice. @default false
   */
  async *events({ children = false }: { readonly children?: boolean } = {}): AsyncGenerator<RunEvent, void, undefined> {
    const feed = new Feed(this.#host, this.id, children)
    const end = (): void => feed.end()
    this.#detached.signal.addEventListener('abort', end, { once: true })
    try {
      if (!this.#detached.signal.aborted) yield* feed.stored()
      void this.#host.settled(this.id).then(end)
      if (!this.#detached.signal.aborted) yield* feed.live(this.#detached.signal)
      // What another process drove was not heard here.
      if (!this.#detached.signal.aborted) yield* feed.stored()
    } finally {
      feed.close()
      this.#detached.signal.removeEventListener('abort', end)
    }
  }

  /** Stops this handle's listeners and iterations. The run goes on. */
  [Symbol.dispose](): void {
    this.#detached.abort()
  }

  #detachBy(signal: AbortSignal): void {
    const detach = (): void => this.#detached.abort()
    if (signal.aborted) return detach()
    signal.addEventListener('abort', detach, { once: true })
    // A signal may outlive many runs.
    void this.#host.settled(this.id).then(() => signal.removeEventListener('abort', detach))
  }
}
