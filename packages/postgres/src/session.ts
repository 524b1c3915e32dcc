import { RepriseError } from '@reprise/core'
import type { PoolClient } from 'pg'
import type { Queryable } from './database.ts'
import { isOfTheProgram, sqlStateOf, toStoreError } from './errors.ts'
import { TYPES } from './types.ts'

/** What a statement answers. */
export interface Answer<Row> {
  readonly rows: readonly Row[]
  /** How many rows it has changed or given. */
  readonly rowCount: number | null
  /** What it was: `INSERT`, `COMMIT`. */
  readonly command: string
}

/** A connection in the hands of one: what is sent on it is answered in its order. */
export class Session implements Queryable {
  readonly #client: PoolClient
  readonly #name: string
  readonly #sent = new Set<Promise<unknown>>()
  #last: Promise<unknown> = Promise.resolve()
  readonly #answerMs: number
  #broken: Error | undefined
  /** Whether the last that was answered had failed. The driver says so before the server has said how the transaction stands. */
  #isFailure = false

  /** @param answerMs how long an answer is waited for: a network may have lost it without a word. */
  constructor(client: PoolClient, name: string, answerMs: number) {
    this.#client = client
    this.#name = name
    this.#answerMs = answerMs
    client.on('error', this.#break)
  }

  /** @param name by which the server keeps the statement and its plan, on this connection. */
  async query<Row extends object>(text: string, values?: readonly unknown[], name?: string): Promise<readonly Row[]> {
    const asked = { text, ...(values && { values: [...values] }), types: TYPES, ...(name !== undefined && { name }) }
    const { rows } = await this.#mapped(this.#sendInTime<Row>(asked))
    return rows
  }

  /** Asks one statement and no more, whatever stands in its text. Throws what the driver throws, and values come as by itself. */
  one<Row extends object>(text: string, values: readonly unknown[]): Promise<Answer<Row>> {
    return this.#send<Row>({ text, values: [...values], queryMode: 'extended' })
  }

  /**
   * Ends a transaction for good.
   *
   * @throws RolledBack where it had failed before: the server answers that with a rollback, and no error.
   */
  async commit(): Promise<void> {
    const { command } = await this.#mapped(this.#sendInTime({ text: 'commit' }))
    if (command !== 'COMMIT') throw new RolledBack()
  }

  /** Takes back what was not committed. */
  async rollback(): Promise<void> {
    await this.settle()
    if (!this.#broken && this.#client.getTransactionStatus() !== 'I')
      await this.#sendInTime({ text: 'rollback' }).catch(() => undefined)
  }

  /** Waits until all that was sent is answered, and it is known how the transaction stands. */
  async settle(): Promise<void> {
    while (this.#sent.size > 0) await Promise.allSettled(this.#sent)
    if (!this.#isFailure || this.#broken) return
    // Whatever it answers comes after that.
    await this.#sendInTime({ text: 'select 1' }).catch(() => undefined)
    this.#isFailure = false
  }

  /** Whether a transaction is open in which nothing has failed; to be asked when all is settled. */
  get isInTransaction(): boolean {
    return !this.#broken && this.#client.getTransactionStatus() === 'T'
  }

  /** Gives the connection back. One that has broken, or is left in a transaction, is not used again. @returns whether it has not broken. */
  async end(): Promise<boolean> {
    await this.settle()
    this.#client.off('error', this.#break)
    const isIdle = this.#client.getTransactionStatus() === 'I'
    this.#client.release(this.#broken !== undefined || !isIdle)
    return this.#broken === undefined
  }

  /** What the connection has broken by, as it is said of the store; undefined where it has not. */
  get broken(): Error | undefined {
    return this.#broken
  }

  /** Whether something is not answered yet. */
  get isBusy(): boolean {
    return this.#sent.size > 0
  }

  /** Breaks the connection: nobody waits any more for what is not answered. */
  abandon(): void {
    this.#client.connection.stream.destroy()
  }

  readonly #break = (thrown: unknown): void => {
    this.#broken ??= this.#error(thrown)
  }

  /**
   * What is not answered in time is given up, and its connection with it: what was sent may be done, or may not. Where the event
   * loop was held up meanwhile, what has come is heard first.
   */
  async #sendInTime<Row extends object>(config: Asked): Promise<Answer<Row>> {
    let late: Error | undefined
    const giveUp = (): void => {
      late = new Error(`No answer came in ${this.#answerMs / 1_000} s`)
      this.#break(late)
      this.abandon()
    }
    let looking: NodeJS.Immediate | undefined
    const timer = setTimeout(() => (looking = setImmediate(giveUp)), this.#answerMs)
    try {
      return await this.#send<Row>(config)
    } catch (thrown) {
      throw late ?? thrown
    } finally {
      clearTimeout(timer)
      clearImmediate(looking)
    }
  }

  #send<Row extends object>(config: Asked): Promise<Answer<Row>> {
    const ask = async (): Promise<Answer<Row>> => {
      try {
        const answer = await this.#client.query<Row>(config)
        this.#isFailure = false
        return answer
      } catch (thrown) {
        this.#isFailure = true
        const isBreak = sqlStateOf(thrown) === undefined ? !isOfTheProgram(thrown) : isUnreachable(this.#error(thrown))
        if (isBreak) this.#break(thrown)
        throw thrown
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

  async #mapped<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (thrown) {
      throw this.#error(thrown)
    }
  }

  #error(thrown: unknown): Error {
    return toStoreError(thrown, this.#name)
  }
}

/** What the driver is asked: `queryMode` is not in its types. @see https://node-postgres.com/apis/client */
interface Asked {
  readonly text: string
  readonly name?: string
  readonly values?: unknown[]
  readonly types?: typeof TYPES
  readonly queryMode?: 'extended'
}

/** A commit that the server has made a rollback of. */
export class RolledBack extends Error {}

function isUnreachable(error: unknown): boolean {
  return RepriseError.is(error) && error.code === 'store_unreachable'
}
