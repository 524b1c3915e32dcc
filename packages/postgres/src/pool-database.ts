import { RepriseError } from '@reprise/core'
import type { Pool, PoolClient } from 'pg'
import type { Database, Queryable } from './database.ts'
import { isInTheWay, sqlStateOf, toStoreError } from './errors.ts'
import { tablesOf } from './tables.ts'
import type { Tables } from './tables.ts'
import { TYPES } from './types.ts'

/** How long a transaction waits for a lock, and how long the server waits for a process that has stopped in the middle of one. */
const LOCK_TIMEOUT_MS = 10_000
const IDLE_TIMEOUT_MS = 10_000

/** A transaction waits for no process that has stopped: what it holds is let go before a lease is over. */
export const BEGIN = `begin isolation level read committed read write;
  set local lock_timeout = ${LOCK_TIMEOUT_MS}; set local idle_in_transaction_session_timeout = ${IDLE_TIMEOUT_MS}`

/** How often a transaction is done again that others were in the way of. */
const ATTEMPTS = 8

/** In a transaction that has failed, whatever comes after what failed. */
const FAILED_BEFORE = '25P02'

/** A database by a pool of connections to it. */
export class PoolDatabase implements Database {
  readonly name: string
  readonly tables: Tables
  readonly #pool: Pool
  readonly #isOwn: boolean
  readonly #onBreak: () => void

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

  async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.lend((session) => once(session, work))
      } catch (thrown) {
        if (!isInTheWay(thrown) || attempt === ATTEMPTS) throw thrown
      }
    }
  }

  /** Lends a connection for some work. One that has broken, or is left in a transaction, is not used again. */
  async lend<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = new Session(await this.#connect(), this.name)
    try {
      return await work(session)
    } finally {
      if (!(await session.end())) this.#onBreak()
    }
  }

  async close(): Promise<void> {
    this.#pool.off('error', this.#onBreak)
    if (this.#isOwn) await this.#pool.end()
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

/** A connection in the hands of one: what is sent on it is answered in its order. */
export class Session implements Queryable {
  readonly #client: PoolClient
  readonly #name: string
  readonly #sent = new Set<Promise<unknown>>()
  #last: Promise<unknown> = Promise.resolve()
  #isBroken = false

  constructor(client: PoolClient, name: string) {
    this.#client = client
    this.#name = name
    client.on('error', this.#break)
  }

  async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]> {
    const { rows } = await this.#send<Row>(text, values)
    return rows
  }

  /**
   * Ends a transaction for good.
   *
   * @throws Error where it had failed before: the server answers that with a rollback, and no error.
   */
  async commit(): Promise<void> {
    const { command } = await this.#send('commit')
    if (command !== 'COMMIT') throw new RolledBack()
  }

  /** Waits until all that was sent is answered. */
  async settle(): Promise<void> {
    while (this.#sent.size > 0) await Promise.allSettled(this.#sent)
  }

  /** Gives the connection back. @returns whether it is of use still. */
  async end(): Promise<boolean> {
    await this.settle()
    this.#client.off('error', this.#break)
    const isIdle = this.#client.getTransactionStatus() === 'I'
    this.#client.release(this.#isBroken || !isIdle)
    return !this.#isBroken
  }

  readonly #break = (): void => {
    this.#isBroken = true
  }

  #send<Row extends object>(text: string, values?: readonly unknown[]): Promise<Answer<Row>> {
    const ask = async (): Promise<Answer<Row>> => {
      try {
        return await this.#client.query<Row>({ text, ...(values && { values: [...values] }), types: TYPES })
      } catch (thrown) {
        const error = toStoreError(thrown, this.#name)
        if (sqlStateOf(thrown) === undefined || (RepriseError.is(error) && error.code === 'store_unreachable'))
          this.#isBroken = true
        throw error
      }
    }
    // Without a pipeline, the driver would have to be asked one by one.
    const answer = this.#client.pipeline ? ask() : this.#last.then(ask, ask)
    this.#last = answer
    this.#sent.add(answer)
    const done = (): boolean => this.#sent.delete(answer)
    answer.then(done, done)
    return answer
  }
}

interface Answer<Row> {
  readonly rows: readonly Row[]
  readonly command: string
}

/** A commit that the server has made a rollback of. */
class RolledBack extends Error {}

/** Does some work in a transaction. What it sends need not be waited for: it is committed, or fails, as one. */
async function once<T>(session: Session, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const failures: unknown[] = []
  const noticing = <R>(asked: Promise<R>): Promise<R> => {
    asked.catch((thrown: unknown) => failures.push(thrown))
    return asked
  }
  void noticing(session.query(BEGIN))
  try {
    const result = await work({ query: (text, values) => noticing(session.query(text, values)) })
    await session.commit()
    return result
  } catch (thrown) {
    await session.settle()
    await session.query('rollback').catch(() => undefined)
    throw failures.find((failure) => !isLater(failure)) ?? thrown
  }
}

/** Whether something failed only because of what had failed before it. */
function isLater(thrown: unknown): boolean {
  return thrown instanceof RolledBack || (RepriseError.is(thrown) && thrown.details['sqlState'] === FAILED_BEFORE)
}
