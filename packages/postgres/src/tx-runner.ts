import { DefinitionError } from '@reprise/core'
import { TYPES } from './types.ts'

/** Sends a statement within a transaction of the program's: `$1` stands for the first value. Gives the rows. */
export type SqlRunner = (text: string, values: readonly unknown[]) => Promise<readonly object[]>

/** A transaction as it sends statements. */
export interface FoundTransaction {
  readonly run: SqlRunner
  /** Whether values come and go as this package's own driver has them; else arrays go as text, and numbers may come so. */
  readonly isOwnDriver: boolean
}

type Method = (...given: unknown[]) => unknown

/**
 * Finds how statements are sent within what a program has of its transaction, by its shape: no library is needed for that.
 *
 * @throws DefinitionError with code `bad_tx`, which lists what is taken.
 */
export function runnerOf(tx: object): FoundTransaction {
  const found =
    ofDrizzle(tx) ?? ofKysely(tx) ?? ofPostgresJs(tx) ?? ofPrisma(tx) ?? ofPg(tx) ?? ofQuery(tx) ?? ofFunction(tx)
  if (found) return found
  throw badTransaction(`is nothing that sends statements in a transaction: it has ${namesOf(tx)}`)
}

/** A client of `pg`, in a transaction. */
function ofPg(tx: object): FoundTransaction | undefined {
  const query = method(tx, 'query')
  if (!query || !method(tx, 'connect')) return undefined
  if ('totalCount' in tx) throw badTransaction('is a pool of pg, which has no transaction of its own')
  const status = method(tx, 'getTransactionStatus')?.()
  if (status === 'I') throw badTransaction('is a client of pg that has no transaction open')
  return {
    run: async (text, values) => rowsOf(await query({ text, values: [...values], types: TYPES })),
    isOwnDriver: true,
  }
}

/** What a transactional tool of this store has, and the transaction of PGlite. */
function ofQuery(tx: object): FoundTransaction | undefined {
  const query = method(tx, 'query')
  if (!query) return undefined
  if (method(tx, 'transaction')) throw badTransaction('is a database, and no transaction of it')
  return { run: async (text, values) => rowsOf(await query(text, [...values])), isOwnDriver: false }
}

/** The transaction of Drizzle stands on a client of pg, or of postgres.js. */
function ofDrizzle(tx: object): FoundTransaction | undefined {
  if (!method(tx, 'execute') || !('_' in tx) || !('dialect' in tx)) return undefined
  if (!method(tx, 'rollback')) throw badTransaction('is a database of Drizzle, and no transaction of it')
  const session = member(tx, 'session')
  const client = session && member(session, 'client')
  const found = client && (ofPostgresJs(client) ?? ofPg(client))
  if (found) return found
  throw badTransaction('is a transaction of Drizzle on a driver that is none of those below')
}

function ofKysely(tx: object): FoundTransaction | undefined {
  const execute = method(tx, 'executeQuery')
  if (!execute || !('isTransaction' in tx)) return undefined
  if (tx.isTransaction !== true) throw badTransaction('is a Kysely, and no transaction of it')
  return {
    run: async (sql, parameters) =>
      rowsOf(await execute({ sql, parameters, query: RAW, queryId: { queryId: 'reprise' } })),
    isOwnDriver: false,
  }
}

/** What Kysely is told of a statement that it has not built: its plugins leave that alone. */
const RAW = Object.freeze({ kind: 'RawNode', sqlFragments: Object.freeze(['']), parameters: Object.freeze([]) })

function ofPostgresJs(tx: object): FoundTransaction | undefined {
  const unsafe = typeof tx === 'function' ? method(tx, 'unsafe') : undefined
  if (!unsafe) return undefined
  if (!method(tx, 'savepoint')) throw badTransaction('is a sql of postgres.js, and no transaction of it')
  return { run: async (text, values) => rowsOf(await unsafe(text, [...values])), isOwnDriver: false }
}

function ofPrisma(tx: object): FoundTransaction | undefined {
  const query = method(tx, '$queryRawUnsafe')
  if (!query) return undefined
  if (method(tx, '$connect')) throw badTransaction('is a client of Prisma, and no interactive transaction of it')
  return { run: async (text, values) => rowsOf(await query(text, ...values)), isOwnDriver: false }
}

/** For all others: a function of the text and the values that gives the rows. */
function ofFunction(tx: object): FoundTransaction | undefined {
  if (typeof tx !== 'function') return undefined
  const run = tx as Method // it is called with a statement, and what it gives is looked at
  return { run: async (text, values) => rowsOf(await run(text, [...values])), isOwnDriver: false }
}

/** Rows, or a result that has them. */
function rowsOf(result: unknown): readonly object[] {
  const rows = Array.isArray(result)
    ? result
    : typeof result === 'object' && result !== null
      ? member(result, 'rows')
      : 0
  if (Array.isArray(rows)) return rows as readonly object[] // what drivers give as rows
  throw badTransaction('gave no rows for a statement')
}

function method(of: object, name: string): Method | undefined {
  const value: unknown = Reflect.get(of, name)
  return typeof value === 'function' ? (...given) => Reflect.apply(value, of, given) as unknown : undefined
}

function member(of: object, name: string): object | undefined {
  const value: unknown = Reflect.get(of, name)
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? value : undefined
}

function namesOf(tx: object): string {
  const names = Object.keys(tx).slice(0, 8)
  return names.length > 0 ? names.join(', ') : 'no members of its own'
}

/** Makes the error about what is no transaction that the store can be part of. */
export function badTransaction(what: string): DefinitionError {
  return new DefinitionError({
    code: 'bad_tx',
    message: `What was given as { tx } ${what}. It takes a client of pg after its "begin"; the transaction that Kysely gives to db.transaction().execute(work), or db.startTransaction(); that of Drizzle, on pg or postgres.js, to db.transaction(work); that of postgres.js to sql.begin(work); that of Prisma to prisma.$transaction(work); that of PGlite; what store.tx(ctx) gives to a transactional tool; or a function (text, values) that gives the rows of a statement in your transaction.`,
  })
}
