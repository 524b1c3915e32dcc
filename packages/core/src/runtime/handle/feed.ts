import type { Entry } from '../../contracts/entry.ts'
import type { RunEvent } from '../../contracts/event.ts'
import type { EventHub } from './event-hub.ts'

/** What a feed needs of the runtime. */
export interface FeedHost {
  readonly hub: EventHub
  readonly entries: (runId: string, from: number) => Promise<readonly Entry[]>
  readonly below: (runId: string) => Promise<readonly string[]>
}

type Told = Entry & { readonly runId: string }

/** The events of one run, or of it and all below it: what is stored and what happens live, each entry once and in its order. */
export class Feed {
  readonly #host: FeedHost
  readonly #runId: string
  readonly #children: boolean
  readonly #live: RunEvent[] = []
  readonly #stops = new Map<string, () => void>()
  /** The seq of the entry that comes next, by run. */
  readonly #next = new Map<string, number>()
  #over = false
  #wake = (): void => undefined

  constructor(host: FeedHost, runId: string, children: boolean) {
    this.#host = host
    this.#runId = runId
    this.#children = children
    this.#listen(runId)
  }

  /** The entries that are stored and were not given yet, in the order of their times. */
  async *stored(): AsyncGenerator<RunEvent, void, undefined> {
    const runIds = [this.#runId, ...(this.#children ? await this.#host.below(this.#runId) : [])]
    // What they write from now on is heard, also where the run between is not driven here.
    for (const runId of runIds) this.#listen(runId)
    const journals = await Promise.all(runIds.map((runId) => this.#newOf(runId)))
    yield* this.#give(inTheirOrder(journals))
  }

  /** What happens, until the end. */
  async *live(until: AbortSignal): AsyncGenerator<RunEvent, void, undefined> {
    while (!until.aborted) {
      for (let event = this.#live.shift(); event; event = this.#live.shift()) {
        if (!('seq' in event)) yield event
        else if (event.seq > this.#nextOf(event.runId)) {
          // Another process wrote what came before.
          const before = await this.#newOf(event.runId)
          yield* this.#give([...before.filter(({ seq }) => seq < event.seq), event])
        } else yield* this.#give([event])
      }
      if (this.#over) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Ends `live` once all that has happened by now is given. */
  end(): void {
    this.#over = true
    this.#wake()
  }

  /** Listens no more. */
  close(): void {
    for (const stop of this.#stops.values()) stop()
  }

  #listen(runId: string): void {
    if (this.#stops.has(runId)) return
    this.#stops.set(
      runId,
      this.#children ? this.#host.hub.tapTree(runId, this.#hear) : this.#host.hub.tap(runId, this.#hear),
    )
  }

  /** What was committed while entries were read stands in both. */
  *#give(events: Iterable<Told>): Generator<RunEvent, void, undefined> {
    for (const event of events) {
      if (event.seq < this.#nextOf(event.runId)) continue
      this.#next.set(event.runId, event.seq + 1)
      yield event
    }
  }

  readonly #hear = (event: RunEvent): void => {
    this.#live.push(event)
    this.#wake()
  }

  #nextOf(runId: string): number {
    return this.#next.get(runId) ?? 0
  }

  async #newOf(runId: string): Promise<readonly Told[]> {
    const entries = await this.#host.entries(runId, this.#nextOf(runId))
    return entries.map((entry) => ({ ...entry, runId }))
  }
}

/** Journals as one, by the times of their entries, each in its own order: a clock may be set back. */
function inTheirOrder(journals: readonly (readonly Told[])[]): Told[] {
  const timed = journals.flatMap((entries) => {
    let latest = -Infinity
    return entries.map((entry) => ({ entry, at: (latest = Math.max(latest, entry.at)) }))
  })
  return timed.toSorted((one, other) => one.at - other.at).map(({ entry }) => entry)
}
