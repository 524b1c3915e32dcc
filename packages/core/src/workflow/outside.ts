// What a workflow's code has under way that is not of ctx: compressing and hashing in other threads, files, sockets. How
// long that takes is a matter of the machine and its load, so that no count of turns can tell whether more is to come.
import { AsyncLocalStorage, createHook } from 'node:async_hooks'
import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'

/** How long something outside may show no sign of life before nobody waits for it any more, in milliseconds. */
const LONGEST_MS = 10_000

/** How long to leave it alone between two looks, in milliseconds: its threads need the time more than this one. */
const LOOK_MS = 2

/** How the code stands outside of ctx: at work there, asleep by a timer of its own, or neither as far as can be seen. */
export type Outside = 'busy' | 'asleep' | 'quiet'

/** Watches one execution of a workflow's code. */
export class Watch {
  readonly #busy = new Set<number>()
  readonly #asleep = new Set<number>()
  /** When anything of it last showed a sign of life: real time, since what it awaits takes that. */
  #heardAt = performance.now()

  /** Begins to run code under this watch; all that it begins is seen until `end`. */
  run<T>(code: () => T): T {
    if (watches.size === 0) hook.enable()
    watches.add(this)
    return current.run(this, code)
  }

  /** Sees nothing any more. */
  end(): void {
    for (const id of [...this.#busy, ...this.#asleep]) owners.delete(id)
    this.#busy.clear()
    this.#asleep.clear()
    if (watches.delete(this) && watches.size === 0) hook.disable()
  }

  /** How the code stands now. */
  get state(): Outside {
    if (this.#busy.size > 0 && performance.now() - this.#heardAt < LONGEST_MS) return 'busy'
    return this.#asleep.size > 0 ? 'asleep' : 'quiet'
  }

  /** Takes note that something was begun. */
  begun(id: number, type: string): void {
    if (!watches.has(this) || ORDINARY.has(type)) return
    owners.set(id, this)
    if (type === 'Timeout') this.#asleep.add(id)
    else this.#busy.add(id)
    this.heard()
  }

  /** Takes note that something has a say, and goes on. */
  heard(): void {
    this.#heardAt = performance.now()
  }

  /** Takes note that something is over. */
  ended(id: number): void {
    owners.delete(id)
    this.#busy.delete(id)
    this.#asleep.delete(id)
    this.heard()
  }
}

/** Lets what is outside have the time that it needs until the next look. */
export function leaveAlone(): Promise<void> {
  return setTimeout(LOOK_MS)
}

/** What comes back by itself in this turn of the event loop. */
const ORDINARY: ReadonlySet<string> = new Set(['PROMISE', 'TickObject', 'Microtask'])

const current = new AsyncLocalStorage<Watch>()
const watches = new Set<Watch>()
/** Whose is what, by Node's number. */
const owners = new Map<number, Watch>()

// Seen by Node itself, since code may use any library. It costs something while it is on, which is while journals are run
// over; promises, of which there are many, are left out where Node can.
const hooks = {
  init: (id: number, type: string) => current.getStore()?.begun(id, type),
  after: (id: number) => owners.get(id)?.heard(),
  destroy: (id: number) => owners.get(id)?.ended(id),
  trackPromises: false,
}
const hook = createHook(hooks)
