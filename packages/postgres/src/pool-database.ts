import { hash } from 'node:crypto'
import type { Pool, PoolClient } from 'pg'
import type { Database, Queryable } from './database.ts'
import { isInTheWay, isOfKeptStatement, toStoreError } from './errors.ts'
import { Session } from './session.ts'
import { tablesOf } from './tables.ts'
import type { Tables } from './tables.ts'
import { Transaction } from './transaction.ts'

/** How long an answer is waited for where nothing else was said. */
const ANSWER_MS = 60_000

/** How often a transaction is done again that others were in the way of. */
const ATTEMPTS = 8

/** A database by a pool of connections to it. */
export class PoolDatabase implements Database {
  readonly name: string
  readonly tables: Tables
  readonly #pool: Pool
  readonly #isOwn: boolean
  readonly #onBreak: () => void
  #keepsPlans = true

  /**
   * @param isOwn whether the pool is ended with it.
   * @param onBreak is called when a connection breaks: what is known of the database may be so no longer.
   */
  constructor(pool: Pool, name: string, schema: string, isOwn: boolean, onBreak: () => void = () => undefined) {
    this.name = name
    this.tables = tablesOf(schema)
    this.#pool = pool
    this.#isOwn = isOwn
    this.#onBreak = onBreak
    pool.on('error', onBreak)
  }

  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]> {
    return this.lend((session) => session.query<Row>(text, values))
  }

  queryAgain<Row extends object>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.#again(text, values, ANSWER_MS)
  }

  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.#transaction(work, ANSWER_MS)
  }

  /** The same database for what must be answered sooner, or else be asked again. */
  answeringIn(answerMs: number): Database {
    return {
      name: this.name,
      tables: this.tables,
      query: (text, values) => this.lend((session) => session.query(text, values), answerMs),
      queryAgain: (text, values) => this.#again(text, values, answerMs),
      transaction: (work) => this.#transaction(work, answerMs),
      close: () => this.close(),
    }
  }

  /**
   * A pooler in transaction mode may give each statement to another of the server's connections, and know nothing of what is
   * kept there: then nothing was done, and nothing is kept any more. A name stands for one text only, whoever uses it, so what
   * is there under it is what is meant.
   */
  async #again<Row extends object>(
    text: string,
    values: readonly unknown[],
    answerMs: number,
  ): Promise<readonly Row[]> {
    const asked = (name?: string) => this.lend((session) => session.query<Row>(text, values, name), answerMs)
    if (!this.#keepsPlans) return asked()
    try {
      return await asked(`reprise_${hash('sha256', text, 'hex').slice(0, 32)}`)
    } catch (thrown) {
      if (!isOfKeptStatement(thrown)) throw thrown
      this.#keepsPlans = false
      return asked()
    }
  }

  async #transaction<T>(work: (tx: Queryable) => Promise<T>, answerMs: number): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.lend((session) => once(session, work), answerMs)
      } catch (thrown) {
        if (!isInTheWay(thrown) || attempt === ATTEMPTS) throw thrown
      }
    }
  }

  /**
   * Lends a connection for some work. One that has broken, or is left in a transaction, is not used again.
   *
   * @param answerMs how long it waits for an answer.
   */
  async lend<T>(work: (session: Session) => Promise<T>, answerMs = ANSWER_MS): Promise<T> {
    const session = new Session(await this.#connect(), this.name, answerMs)
    try {
      return await work(session)
    } finally {
      if (!(await session.end())) this.#onBreak()
    }
  }

  async close(): Promise<void> {
    // Of its own, the last word may be that the server is going down: it has to be heard.
    if (this.#isOwn) await this.#pool.end()
    else this.#pool.off('error', this.#onBreak)
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect()
    } catch (thrown) {
      this.#onBreak()
      throw toStoreError(thrown, this.name)
    }
  }
}

async function once<T>(session: Session, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const tx = new Transaction(session)
  try {
    const result = await work(tx)
    await session.commit()
    return result
  } catch (thrown) {
    throw await tx.undo(thrown)
  }
}
