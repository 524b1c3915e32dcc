import { messageOf, RepriseError } from '@reprise/core'
import type { Database, Queryable } from './database.ts'
import { sqlStateOf, toStoreError } from './errors.ts'
import type { Tables } from './tables.ts'
import type { FoundTransaction } from './tx-runner.ts'

/** The counts that statements answer with, beside the columns of tables. */
const COUNTS = ['count', 'messages', 'n', 'runs', 'secrets', 'here'] as const

/**
 * A transaction of the program's as the rooms of a store use a database. Statements go one after the other, as the drivers
 * want it; none of them begins or ends anything, not even a savepoint, since the program may say something of its own in
 * between. So what it sends for the store must not fail but where the database does.
 */
export class TxDatabase implements Database {
  readonly name: string
  readonly tables: Tables
  readonly #found: FoundTransaction
  readonly #numbers: ReadonlySet<string>
  #last: Promise<unknown> = Promise.resolve()
  #turn: Promise<unknown> = Promise.resolve()

  /** @param numbers the columns of the tables that hold numbers which drivers may give as texts. */
  constructor(found: FoundTransaction, name: string, tables: Tables, numbers: readonly string[]) {
    this.name = name
    this.tables = tables
    this.#found = found
    this.#numbers = new Set([...COUNTS, ...numbers])
  }

  /** Does some work after what was begun before: two that are asked for together do not mix. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const asked = this.#last.then(() => this.#ask(text, values))
    this.#last = asked.catch(() => undefined)
    // What a statement gives is what its text says.
    return asked as Promise<readonly Row[]>
  }

  /** The connection is the program's: nothing is kept on it. */
  queryAgain<Row extends object>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.query(text, values)
  }

  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return work(this)
  }

  async close(): Promise<void> {
    // It is the program's.
  }

  async #ask(text: string, values: readonly unknown[]): Promise<readonly object[]> {
    const { run, isOwnDriver } = this.#found
    try {
      if (isOwnDriver) return await run(text, values)
      return (await run(text, values.map(toParameter))).map((row) => this.#decoded(row))
    } catch (thrown) {
      throw RepriseError.is(thrown) ? thrown : toStoreError(byServer(thrown), this.name)
    }
  }

  #decoded(row: object): object {
    return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, this.#value(name, value)]))
  }

  #value(name: string, value: unknown): unknown {
    if (value instanceof Uint8Array) return Buffer.from(value)
    const isNumber = typeof value === 'bigint' || (typeof value === 'string' && this.#numbers.has(name))
    if (!isNumber) return value
    const number = Number(value)
    if (!Number.isSafeInteger(number))
      throw new RangeError(`The database holds the number ${value}, which is beyond 2^53.`)
    return number
  }
}

/** Drivers differ in arrays, and agree in texts: each value of a statement says its type there. */
function toParameter(value: unknown): unknown {
  if (value === undefined) return null
  return Array.isArray(value) ? toArrayText(value) : value
}

function toArrayText(values: readonly unknown[]): string {
  return `{${values.map(toElement).join(',')}}`
}

function toElement(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  const text =
    value instanceof Uint8Array
      ? `\\x${Buffer.from(value).toString('hex')}`
      : typeof value === 'string'
        ? value
        : JSON.stringify(value)
  return `"${text.replaceAll(/["\\]/g, (sign) => `\\${sign}`)}"`
}

/** What the server has said, where a library has put an error of its own around that. */
function byServer(thrown: unknown): unknown {
  for (let error = thrown; error instanceof Error; error = error.cause)
    if (sqlStateOf(error) !== undefined) return error
  const code = codeIn(thrown)
  if (code === undefined) return thrown
  return Object.assign(new Error(messageOf(thrown)), { code, severity: 'ERROR' })
}

/** Prisma says the code of the server in the middle of its own. */
function codeIn(thrown: unknown): string | undefined {
  const meta: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'meta') : undefined
  const code: unknown = typeof meta === 'object' && meta !== null ? Reflect.get(meta, 'code') : undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}
