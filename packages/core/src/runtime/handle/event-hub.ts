import { EventEmitter } from 'eventemitter3'
import type { Logger } from '../../contracts/clock.ts'
import type { RunEvent, RunEventKind, RunEvents } from '../../contracts/event.ts'
import { messageOf } from '../../values/errors.ts'
import { isThenable } from '../../values/thenable.ts'

/** A listener of one kind of event. */
export type Listener<K extends RunEventKind> = (event: Extract<RunEvent, { kind: K }>) => void

type Tap = (event: RunEvent) => void

/** Brings events to those who listen to a run. A listener that throws is logged and breaks nothing. */
export class EventHub {
  readonly #log: Logger
  readonly #emitters = new Map<string, EventEmitter<RunEvents>>()
  readonly #taps = new Map<string, Set<Tap>>()
  /** Those who listen to a run and to all below it. */
  readonly #treeTaps = new Map<string, Set<Tap>>()
  readonly #parents = new Map<string, string>()

  constructor(log: Logger) {
    this.#log = log
  }

  emit(event: RunEvent): void {
    for (const tap of this.#taps.get(event.runId) ?? []) tap(event)
    if (this.#treeTaps.size > 0) for (const tap of this.#tapsAbove(event.runId)) tap(event)
    // The kind says which event it is; TypeScript cannot follow that through the union.
    const emitter = this.#emitters.get(event.runId) as EventEmitter<Record<string, [RunEvent]>> | undefined
    emitter?.emit(event.kind, event)
  }

  /** Listens to one kind of event of a run; the result stops it. */
  on<K extends RunEventKind>(runId: string, kind: K, listener: Listener<K>): () => void {
    let emitter = this.#emitters.get(runId)
    if (!emitter) this.#emitters.set(runId, (emitter = new EventEmitter()))
    const report = (error: unknown): void =>
      this.#log.error(`A listener of "${kind}" of the run "${runId}" threw: ${messageOf(error)}`, { error })
    const safe = (event: Extract<RunEvent, { kind: K }>): void => {
      try {
        const result: unknown = listener(event)
        if (isThenable(result)) result.then(undefined, report)
      } catch (error) {
        report(error)
      }
    }
    const untyped = emitter as unknown as EventEmitter<Record<string, [Extract<RunEvent, { kind: K }>]>>
    untyped.on(kind, safe)
    return () => {
      untyped.off(kind, safe)
      if (untyped.eventNames().length === 0) this.#emitters.delete(runId)
    }
  }

  /** Lets go of all listeners of a run that has ended. */
  forget(runId: string): void {
    this.#emitters.delete(runId)
  }

  /** Listens to all events of a run; the result stops it. */
  tap(runId: string, tap: Tap): () => void {
    return put(this.#taps, runId, tap)
  }

  /** Listens to all events of a run and of those below it, each once, as far as they are driven here. */
  tapTree(runId: string, tap: Tap): () => void {
    return put(this.#treeTaps, runId, tap)
  }

  /** Tells whose child a run is, while it is driven here. */
  place(runId: string, parentId: string | null): void {
    if (parentId !== null) this.#parents.set(runId, parentId)
  }

  /** A run is driven here no more. */
  unplace(runId: string): void {
    this.#parents.delete(runId)
  }

  #tapsAbove(runId: string): ReadonlySet<Tap> {
    const found = new Set<Tap>()
    for (let id: string | undefined = runId; id !== undefined; id = this.#parents.get(id))
      for (const tap of this.#treeTaps.get(id) ?? []) found.add(tap)
    return found
  }
}

function put(taps: Map<string, Set<Tap>>, runId: string, tap: Tap): () => void {
  const those = taps.get(runId) ?? new Set()
  taps.set(runId, those.add(tap))
  return () => {
    those.delete(tap)
    if (those.size === 0 && taps.get(runId) === those) taps.delete(runId)
  }
}
