import { DefinitionError, TX } from '@reprise/core'
import type { Within } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'
import { EffectThrew } from './effect.ts'
import { type Borrower, Loan, lost } from './handle.ts'
import type { Opened } from './opened.ts'
import { withinLoan } from './within.ts'

/** Lends a store's database, to one at a time, within the transaction that is open then. */
export class Lending {
  readonly #path: string
  readonly #isEncrypted: boolean
  /** What is lent to whoever is at work now. */
  #lent: { readonly loan: Loan; readonly within: Within } | undefined

  constructor(path: string, isEncrypted: boolean) {
    this.#path = path
    this.#isEncrypted = isEncrypted
  }

  /** Writes in a transaction that is lent, by `lend`, and tells those who wait for its commit. */
  async committing<T>(write: (note: (loan: Loan) => void) => Promise<T>): Promise<T> {
    let lent: Loan | undefined
    const result = await write((loan) => (lent = loan))
    lent?.committed()
    return result
  }

  /** Runs an effect on the database that is lent to it. */
  lend<T>(opened: Opened, borrower: Borrower, note: (loan: Loan) => void, effect: (handle: SqliteDatabase) => T): T {
    const loan = new Loan(opened.db, borrower)
    note(loan)
    this.#lent = { loan, within: withinLoan(opened, loan, this.#isEncrypted) }
    try {
      const given = effect(loan.handle)
      if (loan.refused) throw loan.refused.error
      // A borrower may have caught the failure that rolled everything back.
      if (!opened.db.inTransaction) throw lost(borrower)
      return given
    } catch (thrown) {
      // Where the store failed, the borrower could not help it, whatever it threw then.
      throw loan.failure?.thrown ?? new EffectThrew(thrown)
    } finally {
      this.#lent = undefined
      loan.end()
    }
  }

  /** As the store's `within`. */
  within(tx: object): Within {
    if (tx === this.#lent?.loan.handle) return this.#lent.within
    const error = noTransaction(this.#path)
    // Whoever is at work means that one, and what is asked for would not be part of it.
    this.#lent?.loan.refuse(error)
    throw error
  }

  /** As the store's `tx`. */
  tx(ctx: object): SqliteDatabase {
    const lent = this.#lent?.loan.handle
    if (lent && TX in ctx && ctx[TX] === lent) return lent
    throw new DefinitionError({
      code: 'tx_outside',
      message: `store.tx(ctx) was called where no transaction of the store at ${this.#path} is open. It gives a handle inside the execute of a tool with effect: 'transactional', with that tool's own ctx, on a runtime with this store. Declare the tool so, or, for what is no such tool's work, use store.transaction(work): a second connection to this file is not for this process.`,
    })
  }
}

/** Makes the error about what is no transaction that is lent just now. */
function noTransaction(path: string): DefinitionError {
  return new DefinitionError({
    code: 'bad_tx',
    message: `What was given as { tx } is no transaction that is open on the store at ${path}. It takes what store.transaction(work) gives to its work, or store.tx(ctx) to a transactional tool, of the store that the runtime has, while that runs.`,
  })
}
