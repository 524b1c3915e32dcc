import { DefinitionError, messageOf } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'
import { isStoreFailure } from './errors.ts'

/** What is no word of a statement. */
const QUOTED_OR_COMMENT = /'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\//g

/** Where a statement that begins or ends a transaction begins. */
const TRANSACTION_CONTROL = /(?:^|;)\s*(?:begin|commit|end|rollback|savepoint|release)\b/i

/** Where a statement begins that gives a pragma a value, and the pragma's name: empty where it was quoted. */
const PRAGMA = /(?:^|;)\s*(pragma\b(?:\s+\w+\s*\.|\s*\.)?\s*(\w*))\s*[=(]/gi

/**
 * The pragmas that may be given a value: they only read, end with the transaction, or bound the file's size. Any other sets
 * how the connection works, or marks the file: the store goes on with that.
 */
const HARMLESS = new Set([
  'defer_foreign_keys',
  'foreign_key_check',
  'foreign_key_list',
  'index_info',
  'index_list',
  'index_xinfo',
  'integrity_check',
  'max_page_count',
  'quick_check',
  'table_info',
  'table_list',
  'table_xinfo',
])

/** What would change the connection that the store works on, or end it: each with what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  close:
    'Leave the transaction to the store; for a part that may fail by itself, use db.transaction(fn), which is a savepoint here.',
  defaultSafeIntegers: 'Use safeIntegers() of the statement.',
  unsafeMode: 'Read all rows first, and write then.',
  loadExtension: 'Open a database of your own in another process.',
  backup: 'Use runtime.backup(path).',
}

/** Who is lent the database: a transactional tool, or the work of a transaction of the program's. */
export type Borrower = 'tool' | 'program'

/** How each is spoken of. */
const SAID: Readonly<Record<Borrower, { readonly who: string; readonly commits: string; readonly until: string }>> = {
  tool: {
    who: 'A transactional tool',
    commits: "the store's transaction, which commits its effect and its journal entry together",
    until:
      'its execute had ended: nothing was written by that. Do all of it before execute returns, and await in prepare.',
  },
  program: {
    who: 'The work of a transaction',
    commits: 'it, which commits what the work writes and what it asks of a runtime together',
    until: 'it had ended: nothing was written by that. Do all of it before the work returns, and await before it.',
  },
}

/**
 * Lends the store's database for as long as a tool's `execute`, or the work of a program, runs: what would end the
 * transaction that its effect shares with what the store writes is refused, and so is all that comes once the transaction is
 * gone or the borrower has ended. `transaction()` works, as a savepoint.
 */
export class Loan {
  /** What the borrower works with. */
  readonly handle: SqliteDatabase
  readonly #db: SqliteDatabase
  readonly borrower: Borrower
  readonly #committed: (() => void)[] = []
  #refused: { readonly error: unknown } | undefined
  readonly #reading = new Set<Iterator<unknown>>()
  #over = false
  #failure: { readonly thrown: unknown } | undefined

  constructor(db: SqliteDatabase, borrower: Borrower) {
    this.#db = db
    this.borrower = borrower
    this.handle = new Proxy(db, {
      get: (target, name) => {
        // What better-sqlite3 does, it does on what it was called on: a statement knows this handle as its database.
        const value: unknown = Reflect.get(target, name, target)
        return isMethod(value) ? this.#method(name, value) : value
      },
    })
  }

  /** What failed in the store while the borrower ran, whatever that made of it. */
  get failure(): { readonly thrown: unknown } | undefined {
    return this.#failure
  }

  /** What the transaction fails with though the borrower could not wait to hear of it. */
  get refused(): { readonly error: unknown } | undefined {
    return this.#refused
  }

  /** Lets the transaction fail with an error, unless it fails with another already. */
  refuse(error: unknown): void {
    this.#refused ??= { error: this.borrower === 'tool' ? refusedIn(error) : error }
  }

  /** Does what the store itself does within the transaction. */
  use<T>(work: () => T): T {
    this.#check()
    return this.#noticing(work)
  }

  /** Keeps a function for the time when the transaction is committed. */
  afterwards(then: () => void): void {
    this.#committed.push(then)
  }

  /** Says that the transaction is committed. */
  committed(): void {
    for (const then of this.#committed) then()
  }

  /** Ends the loan: whatever the borrower keeps of it throws from now on, and what it was reading is closed. */
  end(): void {
    this.#over = true
    for (const reading of this.#reading) reading.return?.()
    this.#reading.clear()
  }

  #method(name: string | symbol, method: Method): unknown {
    return (...given: unknown[]): unknown => {
      this.#check()
      const [first] = given
      const instead = typeof name === 'string' ? REFUSED[name] : undefined
      if (instead !== undefined) throw refusal(this.borrower, `${String(name)}()`, instead)
      if ((name === 'exec' || name === 'prepare') && typeof first === 'string') refuseControl(this.borrower, first)
      if (name === 'pragma' && typeof first === 'string') refuseSetting(this.borrower, `pragma ${first}`)
      const result = this.#noticing(() => Reflect.apply(method, this.handle, given))
      if (name === 'prepare') return this.#statement(result as object)
      // Kept for later, it would begin a transaction of its own.
      return name === 'transaction' && isMethod(result) ? this.#transaction(result) : result
    }
  }

  /** With its variants, as better-sqlite3 makes them. */
  #transaction(transaction: Method & Partial<Record<Variant, Method>>): Method {
    const lend = (method: Method): Method => {
      const checked = (self: unknown, given: readonly unknown[]): unknown => {
        this.#check()
        return this.#noticing(() => Reflect.apply(method, self, given))
      }
      return function (this: unknown, ...given) {
        return checked(this, given)
      }
    }
    const variants = VARIANTS.map((name) => [name, lend(transaction[name] ?? transaction)] as const)
    return Object.assign(lend(transaction), Object.fromEntries(variants), { database: this.handle })
  }

  #statement(statement: object): object {
    const lent: object = new Proxy(statement, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (!isMethod(value)) return value
        return (...given: unknown[]): unknown => {
          this.#check()
          const result: unknown = this.#noticing(() => Reflect.apply(value, target, given))
          if (result === target) return lent
          return name === 'iterate' ? this.#rows(result as IterableIterator<unknown>) : result
        }
      },
    })
    return lent
  }

  /** While rows are read, nothing else can be done on the connection: what the tool leaves open is closed for it. */
  *#rows(rows: IterableIterator<unknown>): Generator {
    this.#reading.add(rows)
    try {
      for (;;) {
        this.#check()
        const next = this.#noticing(() => rows.next())
        if (next.done) return
        yield next.value
      }
    } finally {
      this.#reading.delete(rows)
      rows.return?.()
    }
  }

  #noticing<T>(work: () => T): T {
    try {
      return work()
    } catch (thrown) {
      if (isStoreFailure(thrown)) this.#failure ??= { thrown }
      throw thrown
    }
  }

  #check(): void {
    if (this.#over) throw tooLate(this.borrower)
    if (!this.#db.inTransaction) throw lost(this.borrower)
  }
}

/** How a transaction may begin. */
const VARIANTS = ['default', 'deferred', 'immediate', 'exclusive'] as const
type Variant = (typeof VARIANTS)[number]

type Method = (...given: unknown[]) => unknown

/** What better-sqlite3 offers by a name takes and gives what its types say; here they are passed through. */
function isMethod(value: unknown): value is Method {
  return typeof value === 'function'
}

function refuseControl(borrower: Borrower, source: string): void {
  const found = TRANSACTION_CONTROL.exec(source.replace(QUOTED_OR_COMMENT, ' '))
  if (found) throw refusal(borrower, `"${found[0].replace(/^;?\s*/, '')}"`, REFUSED['close'] ?? '')
  refuseSetting(borrower, source)
}

function refuseSetting(borrower: Borrower, source: string): void {
  const given = [...source.replace(QUOTED_OR_COMMENT, ' ').matchAll(PRAGMA)]
  const found = given.find(([, , name = '']) => !HARMLESS.has(name.toLowerCase()))
  if (found) throw refusal(borrower, `"${(found[1] ?? '').trim()}"`, 'The connection stays as the store has made it.')
}

function refusal(borrower: Borrower, what: string, instead: string): DefinitionError {
  const { who, commits } = SAID[borrower]
  return new DefinitionError({ code: 'tx_control', message: `${who} called ${what} on ${commits}. ${instead}` })
}

function tooLate(borrower: Borrower): DefinitionError {
  const { who, until } = SAID[borrower]
  return new DefinitionError({ code: 'tx_over', message: `${who} used its transaction after ${until}` })
}

/** Makes the error about a borrower whose transaction is gone. */
export function lost(borrower: Borrower): DefinitionError {
  const whose = borrower === 'tool' ? "A transactional tool's transaction" : 'A transaction'
  return new DefinitionError({
    code: 'tx_lost',
    message: `${whose} was rolled back while it ran, so nothing of it was written: a statement with "or rollback" failed, or a trigger raised ROLLBACK. Use "or abort", and let what fails throw.`,
  })
}

/** Makes the error about an effect that was refused when it was to be committed. */
export function unkept(borrower: Borrower): DefinitionError {
  return new DefinitionError({
    code: 'tx_lost',
    message: `${SAID[borrower].who} left a row without the one that it refers to (a deferred foreign key), so all that it wrote was rolled back. Write both, or leave the key undeferred, and the statement itself throws.`,
  })
}

/** Makes the error about a tool of which a runtime has refused something: it could not wait to hear of it. */
function refusedIn(error: unknown): DefinitionError {
  return new DefinitionError({
    code: 'tx_refused',
    message: `What a transactional tool asked of a runtime within its transaction failed, so nothing of it was written. ${messageOf(error)}`,
    cause: error,
  })
}
