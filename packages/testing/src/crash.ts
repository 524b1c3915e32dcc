import type { Store } from '@reprise/core'

/** Where a process is to die, among the writes of its store. */
export interface CrashPoint {
  /** The how-manieth `commit` or `transact`, from 1. Infinity never comes: for counting. */
  readonly at: number
  /** Before the write, or once it stands or has failed: its caller does not hear of it. */
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
  /** How many calls of `commit` and `transact` there were: so many crash points there are. */
  readonly commits: number
}

/** What every call of a store fails with once it has crashed. */
export class Crash extends Error {
  constructor({ at, side }: CrashPoint) {
    super(`This process is dead: it crashed ${side} write ${at} of its store.`)
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
    get commits() {
      return mortal.commits
    },
    commit: (writes) => mortal.write(() => store.commit(writes)),
    ...(transact && { transact: (runId, epoch, effect) => mortal.write(() => transact(runId, epoch, effect)) }),
    claim: (runId, owner, epoch) => mortal.live(() => store.claim(runId, owner, epoch)),
    beat: (owner) => mortal.live(() => store.beat(owner)),
    ...(keepAlive && { keepAlive }),
    ...(backup && { backup }),
    owners: () => mortal.live(() => store.owners()),
    ready: (now, gone, limit) => mortal.live(() => store.ready(now, gone, limit)),
    run: (runId) => mortal.live(() => store.run(runId)),
    runs: (filter) => mortal.live(() => store.runs(filter)),
    entries: (runId) => mortal.live(() => store.entries(runId)),
    send: (message, secrets) => mortal.live(() => store.send(message, secrets)),
    inbox: (runId) => mortal.live(() => store.inbox(runId)),
    mail: (owner) => mortal.live(() => store.mail(owner)),
    gc: (before, statuses, limit) => mortal.live(() => store.gc(before, statuses, limit)),
    ...(secretsOf && { secrets: (lineageId, from) => mortal.live(() => secretsOf(lineageId, from)) }),
    erase: (lineageId, by, at) => mortal.write(() => store.erase(lineageId, by, at)),
    close: () => mortal.live(() => store.close()),
  }
}

/** A process as its store sees it. */
class Mortal {
  readonly #point: CrashPoint
  #dead = false
  commits = 0

  constructor(point: CrashPoint) {
    this.#point = point
  }

  async write<T>(call: () => Promise<T>): Promise<T> {
    this.#refuseDead()
    const last = ++this.commits === this.#point.at
    if (last && this.#point.side === 'before') this.#die()
    try {
      return await this.live(call)
    } finally {
      if (last) this.#die() // a write that failed is one too
    }
  }

  async live<T>(call: () => Promise<T>): Promise<T> {
    this.#refuseDead()
    const result = await call()
    this.#refuseDead() // it died in the meantime: nobody hears of the result
    return result
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
