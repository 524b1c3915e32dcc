// The world outside of the runs: what their tools and steps do to it, told apart by idempotency keys.
import type { Reconciled } from '@reprise/core'

/** What a tool or a step does to the world. */
export type Deed = 'look' | 'pay' | 'mail' | 'post' | 'book'

/** Who does something: what tools and steps are given alike. */
export interface Doer {
  readonly runId: string
  readonly idempotencyKey: string
  readonly signal: AbortSignal
}

/** What is done outside and outlives the processes that do it. */
export class Ledger {
  readonly #given = new Map<string, string>()
  readonly #append: (line: string) => void
  readonly #all: () => readonly string[]
  readonly #drop: (isOver: (line: string) => boolean) => void

  /** @param append keeps a line, `all` gives those that are kept, and `drop` lets some of them go. */
  constructor(
    append: (line: string) => void,
    all: () => readonly string[],
    drop: (isOver: (line: string) => boolean) => void = () => undefined,
  ) {
    this.#append = append
    this.#all = all
    this.#drop = drop
  }

  /** Forgets what was done for a run and for all below it: its id begins anew. */
  forget(runId: string): void {
    const isItsOwn = (key: string): boolean => key.startsWith(runId) && /^[/~]/.test(key.slice(runId.length))
    this.#drop((line) => isItsOwn(line.split(' ')[2] ?? ''))
    for (const key of this.#given.keys()) if (isItsOwn(key)) this.#given.delete(key)
  }

  /** Writes down what is done. */
  add(deed: Deed, key: string, what: string): void {
    this.#append(`${deed} ${what} ${key}`)
  }

  /** Keeps what was given to a deed; gives what was given to it the first time. */
  given(key: string, what: string): string {
    const first = this.#given.get(key) ?? what
    this.#given.set(key, first)
    return first
  }

  /** Whether something was done by a key. */
  has(key: string): boolean {
    return this.#all().some((line) => line.endsWith(` ${key}`))
  }

  /** All effects as `deed what key`, sorted. What is paid again by the same key is known again, and is one. */
  lines(): readonly string[] {
    const lines = this.#all()
    return lines.filter((line, at) => !line.startsWith('pay ') || lines.indexOf(line) === at).toSorted()
  }
}

/** A ledger in this process. */
export function memoryLedger(): Ledger {
  let lines: string[] = []
  return new Ledger(
    (line) => lines.push(line),
    () => lines,
    (isOver) => {
      lines = lines.filter((line) => !isOver(line))
    },
  )
}

/** What a store does at once, or has done when it is settled. */
export type Done = void | Promise<void>

/** Goes on once something is done, and at once where it is. */
export function upon<T>(done: Done, next: () => T): T | Promise<T> {
  return done ? done.then(next) : next()
}

/** How one process comes to the world. */
export interface Way {
  /** Lets a deed be done. What it throws, the tool throws; when it resolves, the tool hears that the deed is done. */
  readonly reach: (deed: Deed, doer: Doer, what: string, perform: () => void) => Promise<void>
  /** The same for what is done in the store's own transaction, which waits for nothing else. */
  readonly book: (doer: Doer, perform: () => Done) => Done
  /** Hears that what is done again by one key was given something else. */
  readonly differs?: (complaint: string) => void
}

/** The services of the tools and steps of one process. */
export class Outside {
  readonly #ledger: Ledger
  readonly #way: Way
  readonly #book: (ctx: object, line: string) => Done

  /** @param book writes a line into the store's own database. */
  constructor(ledger: Ledger, book: (ctx: object, line: string) => Done, way: Way) {
    this.#ledger = ledger
    this.#book = book
    this.#way = way
  }

  /**
   * Does something, and says so.
   *
   * @param given what it is done with: the same each time that it is done by one key.
   */
  async do(deed: Exclude<Deed, 'book'>, doer: Doer, what: string, given = ''): Promise<string> {
    const first = this.#ledger.given(doer.idempotencyKey, given)
    if (first !== given)
      this.#way.differs?.(`${deed} ${what} at ${doer.idempotencyKey} was given ${first}, then ${given}`)
    await this.#way.reach(deed, doer, what, () => {
      if (deed !== 'look') this.#ledger.add(deed, doer.idempotencyKey, what)
    })
    return `${deed} ${what}`
  }

  /** Does something in the store's own transaction. */
  book(doer: Doer, what: string): string | Promise<string> {
    const done = this.#way.book(doer, () => this.#book(doer, `book ${what} ${doer.idempotencyKey}`))
    return upon(done, () => `book ${what}`)
  }

  /** Says whether something was done. */
  async reconcile<T>(doer: Doer, result: T): Promise<Reconciled<T>> {
    await this.#way.reach('look', doer, 'back', () => undefined)
    return this.#ledger.has(doer.idempotencyKey) ? { happened: true, result } : { happened: false }
  }
}
