// Tells when everybody waits for time to go on: no timer and no clock of the machine takes part.
import { setImmediate } from 'node:timers/promises'
import type { Store } from '@reprise/core'

/** How many turns of the event loop in a row must pass without a sound before everybody is taken to wait. */
const QUIET_TURNS = 3

/** Hears what goes on, and waits until nothing does. */
export class Stillness {
  #sounds = 0
  /** How much of the machine's own work is not done yet. */
  #held = 0
  #onLetGo: () => void = () => undefined

  /** Tells that somebody did something, and may do more before time goes on. */
  sound(): void {
    this.#sounds++
  }

  /** Lets nobody be taken to wait until something is done. */
  async hold<T>(work: Promise<T>): Promise<T> {
    this.#held++
    try {
      return await work
    } finally {
      this.#sounds++
      if (--this.#held === 0) this.#onLetGo()
    }
  }

  /** The same store: nobody is taken to wait while it works. */
  holding(store: Store): Store {
    return eachCall(store, (call) => {
      const result = call()
      return result instanceof Promise ? this.hold(result) : result
    })
  }

  /** Waits until everybody waits. */
  async come(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      const before = this.#sounds
      if (this.#held > 0) await new Promise<void>((resolve) => (this.#onLetGo = resolve))
      await setImmediate()
      if (this.#sounds !== before) quiet = -1
    }
  }
}

/** The same store: each call of it is made by another hand. */
export function eachCall(store: Store, make: (call: () => unknown, name: string) => unknown): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...given: unknown[]): unknown => make((): unknown => Reflect.apply(member, target, given), String(name))
    },
  })
}
