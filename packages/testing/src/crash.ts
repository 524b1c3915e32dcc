import type { Store } from '@reprise/core'

/** Where a process is to die. */
export interface CrashPoint {
  /**
   * What is counted: `write`, each call of the store that writes for a run or destroys one (`commit`, `transact`,
   * `claim`, `send`, `gc`, `erase`); `effect`, each call of `effect`.
   *
   * @default 'write'
   */
  readonly of?: 'write' | 'effect'
  /** The how-manieth of them, from 1. Infinity never comes: for counting. */
  readonly at: number
  /** Before it, or once it is done or has failed: its caller does not hear of it. */
  readonly side: 'before' | 'after'
  /**
   * `throw`: this call and all others fail from then on, as if the process were gone; the store itself goes on.
   * `kill`: the process kills itself by SIGKILL.
   *
   * @default 'throw'
   */
  readonly how?: 'throw' | 'kill'
}

/** A store that dies at a crash point. */
export interface CrashingStore extends Store {
  /** How many writes there were: so many crash points there are among them. */
  readonly writes: number
  /** How many effects there were. */
  readonly effects: number
  /** Performs an effect on the world outside of the store as a crash point; not at all once the process is dead. */
  effect<T>(perform: () => T): T
}

/** What every call of a store fails with once it has crashed. */
export class Crash extends Error {
  constructor({ of = 'write', at, side }: CrashPoint) {
    super(`This process is dead: it crashed ${side} ${of} ${at}${of === 'write' ? ' of its store' : ''}.`)
    this.name = 'Crash'
  }
}

/** Wraps a store, which it leaves as it is, so that it dies at a crash point. */
export function crashing(store: Store, point: CrashPoint): CrashingStore {
  const mortal = new Mortal(point)
  const transact = store.transact?.bind(store)
  const keepAlive = store.keepAlive?.bind(store)
  const backup = store.backup?.bind(store)
  const secretsOf = store.secrets?.bind(store)
  return {
    get writes() {
      return mortal.count.write
    },
    get effects() {
      return mortal.count.effect
    },
    effect: (perform) => mortal.effect(perform),
    commit: (writes) => mortal.write(() => store.commit(writes)),
    ...(transact && { transact: (runId, epoch, effect) => mortal.write(() => transact(runId, epoch, effect)) }),
    claim: (runId, owner, epoch) => mortal.write(() => store.claim(runId, owner, epoch)),
    beat: (owner) => mortal.live(() => store.beat(owner)),
    ...(keepAlive && { keepAlive }),
    ...(backup && { backup }),
    owners: () => mortal.live(() => store.owners()),
    ready: (now, gone, limit) => mortal.live(() => store.ready(now, gone, limit)),
    run: (runId) => mortal.live(() => store.run(runId)),
    runs: (filter) => mortal.live(() => store.runs(filter)),
    entries: (runId) => mortal.live(() => store.entries(runId)),
    send: (message, secrets) => mortal.write(() => store.send(message, secrets)),
    inbox: (runId) => mortal.live(() => store.inbox(runId)),
    mail: (owner) => mortal.live(() => store.mail(owner)),
    gc: (before, statuses, limit) => mortal.write(() => store.gc(before, statuses, limit)),
    ...(secretsOf && { secrets: (lineageId, from) => mortal.live(() => secretsOf(lineageId, from)) }),
    erase: (lineageId, by, at) => mortal.write(() => store.erase(lineageId, by, at)),
    close: () => mortal.live(() => store.close()),
  }
}

/** A process as its store and the world see it. */
class Mortal {
  readonly count = { write: 0, effect: 0 }
  readonly #point: CrashPoint
  #dead = false

  constructor(point: CrashPoint) {
    this.#point = point
  }

  async write<T>(call: () => Promise<T>): Promise<T> {
    const last = this.#isLast('write')
    try {
      return await this.live(call)
    } finally {
      if (last) this.#die() // a write that failed is one too
    }
  }

  effect<T>(perform: () => T): T {
    const last = this.#isLast('effect')
    try {
      return perform()
    } finally {
      if (last) this.#die()
    }
  }

  async live<T>(call: () => Promise<T>): Promise<T> {
    this.#refuseDead()
    const result = await call()
    this.#refuseDead() // it died in the meantime: nobody hears of the result
    return result
  }

  /** Counts; dies where the point is before. */
  #isLast(of: 'write' | 'effect'): boolean {
    this.#refuseDead()
    const { of: counted = 'write', at, side } = this.#point
    const last = ++this.count[of] === at && of === counted
    if (last && side === 'before') this.#die()
    return last
  }

  #die(): void {
    if (this.#point.how === 'kill') process.kill(process.pid, 'SIGKILL')
    this.#dead = true
    this.#refuseDead()
  }

  #refuseDead(): void {
    if (this.#dead) throw new Crash(this.#point)
  }
}
