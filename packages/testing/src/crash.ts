import type { Store } from '@reprise/core'

/** Where a process is to die. */
export interface CrashPoint {
  /**
   * What is counted: `commit`, each call of `commit` and `transact`; `write`, these and each other call of the store that
   * writes for a run or a schedule, or destroys one (`claim`, `take`, `send`, `sendEarly`, `gc`, `erase`, `keepSchedule`,
   * `deleteSchedule`, `keepFact`, `eraseFacts`), or tells who did what (`note`, `pruneAudit`); `effect`, each call of `effect`.
   *
   * @default 'commit'
   */
  readonly of?: 'commit' | 'write' | 'effect'
  /** Its index among them, from 1. Infinity never comes: for counting. */
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
  /** How many calls of `commit` and `transact` there were: so many crash points there are among them. */
  readonly commits: number
  /** How many writes there were. */
  readonly writes: number
  /** How many effects there were. */
  readonly effects: number
  /**
   * Performs an effect on the world outside of the store as a crash point; not at all once the process is dead. One that gives a
   * promise is done when that is settled.
   */
  effect<T>(perform: () => T): T
}

/**
 * What every call of a store fails with once it has crashed.
 *
 * @example
 * ```ts
 * import { Crash, crashing, memoryStore } from '@reprise/testing'
 *
 * const store = crashing(memoryStore(), { of: 'write', at: 1, side: 'after' })
 * try {
 *   await store.gc(Date.now(), ['completed'], 100)
 * } catch (error) {
 *   if (!(error instanceof Crash)) throw error
 *   console.log(error.message) // This process is dead: it crashed after write 1 of its store.
 * }
 * ```
 */
export class Crash extends Error {
  constructor({ of = 'commit', at, side }: CrashPoint) {
    super(`This process is dead: it crashed ${side} ${of} ${at}${of === 'effect' ? '' : ' of its store'}.`)
    this.name = 'Crash'
  }
}

/**
 * Wraps a store, which it leaves as it is, so that it dies at a crash point.
 *
 * @example
 * ```ts
 * import { createRuntime, defineAgent } from '@reprise/core'
 * import { crashing, memoryStore, scriptedModel } from '@reprise/testing'
 *
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'You help the customers of a shop.' })
 * const [store, models] = [memoryStore(), scriptedModel(() => ({ text: 'Yes.' }))]
 * const first = createRuntime({ store: crashing(store, { at: 2, side: 'before' }), models, definitions: [desk] })
 * const run = await first.start(desk, 'Do you ship to Norway?', { id: 'ticket-4711' })
 * console.log((await run.outcome()).kind) // waiting
 * await first.close()
 * await using second = createRuntime({ store, models, definitions: [desk] })
 * console.log(await (await second.resume('ticket-4711')).result()) // Yes.
 * ```
 */
export function crashing(store: Store, point: CrashPoint): CrashingStore {
  const mortal = new Mortal(point)
  const transact = store.transact?.bind(store)
  const keepAlive = store.keepAlive?.bind(store)
  const hold = store.hold?.bind(store)
  const listen = store.listen?.bind(store)
  const backup = store.backup?.bind(store)
  const secretsOf = store.secrets?.bind(store)
  const within = store.within?.bind(store)
  return {
    get commits() {
      return mortal.count.commit
    },
    get writes() {
      return mortal.count.write
    },
    get effects() {
      return mortal.count.effect
    },
    effect: (perform) => mortal.effect(perform),
    commit: (writes) => mortal.commit(() => store.commit(writes)),
    ...(transact && { transact: (runId, epoch, effect) => mortal.commit(() => transact(runId, epoch, effect)) }),
    transacts: store.transacts,
    ...(store.commitsAtOnce !== undefined && { commitsAtOnce: store.commitsAtOnce }),
    ...(listen && { listen }),
    // What is written within a transaction of the program's is committed by that, and dies with it.
    ...(within && { within }),
    claim: (...given) => mortal.write(() => store.claim(...given)),
    take: (...given) => mortal.write(() => store.take(...given)),
    overdue: (filter) => mortal.live(() => store.overdue(filter)),
    heartbeat: (...given) => mortal.live(() => store.heartbeat(...given)),
    owned: (owner) => mortal.live(() => store.owned(owner)),
    ...(keepAlive && { keepAlive }),
    // A process that dies lets go of everything, too.
    ...(hold && { hold }),
    ...(backup && { backup }),
    owners: () => mortal.live(() => store.owners()),
    queue: (now) => mortal.live(() => store.queue(now)),
    run: (runId) => mortal.live(() => store.run(runId)),
    used: (runIds) => mortal.live(() => store.used(runIds)),
    newest: (root) => mortal.live(() => store.newest(root)),
    runs: (filter) => mortal.live(() => store.runs(filter)),
    entries: (runId, from) => mortal.live(() => store.entries(runId, from)),
    send: (...given) => mortal.write(() => store.send(...given)),
    sendEarly: (...given) => mortal.write(() => store.sendEarly(...given)),
    inbox: (runId) => mortal.live(() => store.inbox(runId)),
    mail: (owner) => mortal.live(() => store.mail(owner)),
    keepSchedule: (change) => mortal.write(() => store.keepSchedule(change)),
    schedules: (filter) => mortal.live(() => store.schedules(filter)),
    dueSchedules: (filter) => mortal.live(() => store.dueSchedules(filter)),
    deleteSchedule: (name, erases) => mortal.write(() => store.deleteSchedule(name, erases)),
    keepFact: (...given) => mortal.write(() => store.keepFact(...given)),
    facts: (filter) => mortal.live(() => store.facts(filter)),
    search: (query) => mortal.live(() => store.search(query)),
    eraseFacts: (...given) => mortal.write(() => store.eraseFacts(...given)),
    gc: (...given) => mortal.write(() => store.gc(...given)),
    ...(secretsOf && { secrets: (lineageId, from) => mortal.live(() => secretsOf(lineageId, from)) }),
    erase: (...given) => mortal.write(() => store.erase(...given)),
    noteErased: (words) => mortal.write(() => store.noteErased(words)),
    audit: (filter) => mortal.live(() => store.audit(filter)),
    note: (notes) => mortal.write(() => store.note(notes)),
    pruneAudit: (...given) => mortal.write(() => store.pruneAudit(...given)),
    close: () => mortal.live(() => store.close()),
  }
}

type Counted = NonNullable<CrashPoint['of']>

/** A process as its store and the world see it. */
class Mortal {
  readonly count = { commit: 0, write: 0, effect: 0 }
  readonly #point: CrashPoint
  #dead = false

  constructor(point: CrashPoint) {
    this.#point = point
  }

  commit<T>(call: () => Promise<T>): Promise<T> {
    return this.#reach(['commit', 'write'], call)
  }

  write<T>(call: () => Promise<T>): Promise<T> {
    return this.#reach(['write'], call)
  }

  effect<T>(perform: () => T): T {
    const last = this.#isLast(['effect'])
    let done: T
    try {
      done = perform()
    } catch (error) {
      if (last) this.#die()
      throw error
    }
    // A promise of the same.
    if (last && done instanceof Promise) return done.finally(() => this.#die()) as T
    if (last) this.#die()
    return done
  }

  async live<T>(call: () => Promise<T>): Promise<T> {
    this.#refuseDead()
    const result = await call()
    this.#refuseDead() // it died in the meantime: nobody hears of the result
    return result
  }

  async #reach<T>(counted: readonly Counted[], call: () => Promise<T>): Promise<T> {
    const last = this.#isLast(counted)
    try {
      return await this.live(call)
    } finally {
      if (last) this.#die() // a write that failed is one too
    }
  }

  /** Counts; dies where the point is before. */
  #isLast(counted: readonly Counted[]): boolean {
    this.#refuseDead()
    const { of = 'commit', at, side } = this.#point
    for (const one of counted) this.count[one]++
    const last = counted.includes(of) && this.count[of] === at
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
