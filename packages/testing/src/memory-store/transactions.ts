// The transactions of a memory store: each a copy of its tables, and what is to be written with them.
import { DefinitionError, messageOf, TX } from '@reprise/core'
import type { Store, Within } from '@reprise/core'
import { OpenTransaction, type Reach } from './open-transaction.ts'
import type { MemoryTables } from './tables.ts'

/** What becomes of a transaction once its work is done. */
interface Ended<R> {
  readonly result: R
  readonly isKept: boolean
}

/** Tables that programs and tools write to, in one transaction at a time. */
export class Transactions {
  readonly #reach: Reach
  readonly #transacts: Store['transacts']
  #tables: MemoryTables = new Map()
  #open: OpenTransaction | undefined
  /** The one that is under way, where they may wait: the next one waits for it. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(reach: Reach, transacts: Store['transacts']) {
    this.#reach = reach
    this.#transacts = transacts
  }

  /** Runs a tool's effect; `end` writes what it gave, and says whether it is kept. */
  ofTool<T, R>(effect: (tables: MemoryTables) => T | Promise<T>, end: (given: T) => Ended<R>): Promise<R> {
    return this.#inTurn(() => this.#run(effect, end, refusedIn))
  }

  /** Runs the work of a program. */
  ofProgram<T>(work: (tables: MemoryTables) => T | Promise<T>): Promise<T> {
    return this.#inTurn(() =>
      this.#run(
        work,
        (result) => ({ result, isKept: true }),
        (error) => error,
      ),
    )
  }

  async #inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (this.#transacts === 'async') {
      const turn = this.#turn.then(run)
      this.#turn = turn.catch(() => undefined)
      return turn
    }
    // Asked for by whoever is at work in another one, it comes after that.
    if (this.#open) await Promise.resolve()
    return run()
  }

  async #run<T, R>(
    work: (tables: MemoryTables) => T | Promise<T>,
    end: (given: T) => Ended<R>,
    refusal: (error: unknown) => unknown,
  ): Promise<R> {
    const isSync = this.#transacts === 'sync'
    const open = new OpenTransaction(new Map(this.#tables), this.#reach, isSync)
    this.#open = open
    let ended: Ended<R>
    try {
      const given = work(open.tables)
      const done = given instanceof Promise ? await (isSync ? refusePromise(given) : given) : given
      if (open.refused) throw refusal(open.refused.error)
      open.check()
      ended = end(done)
    } finally {
      this.#open = undefined
    }
    if (!ended.isKept) return ended.result
    this.#tables = open.tables
    open.commit()
    return ended.result
  }

  /** As the store's `within`. */
  within(tx: object): Within {
    if (this.#open?.tables === tx) return this.#open.within
    const error = new DefinitionError({
      code: 'bad_tx',
      message: `What was given as { tx } is no transaction that is open on this memory store. It takes what store.transaction(work) gives to its work, or store.tx(ctx) to a transactional tool, of the store that the runtime has, while that runs.`,
    })
    // Whoever is at work means that one, and what is asked for would not be part of it.
    this.#open?.within.refuse?.(error)
    throw error
  }

  /** As the store's `tx`. */
  tx(ctx: object): MemoryTables {
    const tables = this.#open?.tables
    if (tables && TX in ctx && ctx[TX] === tables) return tables
    throw new DefinitionError({
      code: 'tx_outside',
      message: `store.tx(ctx) was called where no transaction of this memory store is open. It gives its tables inside the execute of a tool with effect: 'transactional', with that tool's own ctx. Declare the tool so.`,
    })
  }
}

function refusePromise(given: Promise<unknown>): never {
  given.catch(() => undefined)
  throw new DefinitionError({
    code: 'tx_async',
    message: `The work of a transaction returned a promise, and a transaction of this memory store ends when its work returns: nothing of it is kept. Let the work be no async function, await before it, and return what it wrote; what it asks of a runtime with { tx } need not be awaited.`,
  })
}

function refusedIn(error: unknown): DefinitionError {
  return new DefinitionError({
    code: 'tx_refused',
    message: `What a transactional tool asked of a runtime within its transaction failed, so nothing of it was written. ${messageOf(error)}`,
    cause: error,
  })
}
