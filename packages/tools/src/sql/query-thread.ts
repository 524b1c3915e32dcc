// Runs queries, in a thread of a process that exists for nothing else: SQLite cannot be stopped from within.
import { parentPort } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { cut } from '../text/cut.ts'
import { BEGUN, type Cell, type QueryAnswer, type QueryAsk, type QueryFailure, type QueryRows } from './protocol.ts'
import { notAQuery } from './refuse-writes.ts'

const MAX_CELL_CHARS = 2_000
/** How long a writer may hold the file. */
const BUSY_MS = 1_000
const MAX_LISTED = 50

parentPort?.on('message', (ask: QueryAsk) => {
  parentPort?.postMessage(BEGUN)
  parentPort?.postMessage(answer(ask))
})

function answer(ask: QueryAsk): QueryAnswer {
  let db: Database.Database | undefined
  try {
    db = new Database(ask.file, { readonly: true, fileMustExist: true, timeout: BUSY_MS })
    return query(db, ask)
  } catch (error) {
    return { failure: failureOf(error, db) }
  } finally {
    db?.close()
  }
}

function query(db: Database.Database, ask: QueryAsk): QueryAnswer {
  // The connection is read-only already. What sorts and joins need stays in memory, which is watched; functions that
  // the file itself calls, in its views, are held to the harmless ones.
  for (const pragma of ['query_only = on', 'temp_store = memory', 'trusted_schema = off']) db.pragma(pragma)
  const statement = db.prepare(ask.sql)
  if (!statement.readonly || !statement.reader) return { failure: notAQuery('writes or gives no rows') }
  return { rows: take(statement, ask) }
}

function take(statement: Database.Statement, { maxRows, maxChars }: QueryAsk): QueryRows {
  const columns = statement.columns().map(({ name }) => name)
  const rows: Cell[][] = []
  let left = maxChars
  for (const row of statement.safeIntegers().raw().iterate()) {
    // A raw row is a list of what SQLite has.
    const cells = (row as unknown[]).map(toCell)
    left -= JSON.stringify(cells).length
    if (rows.length === maxRows || (left < 0 && rows.length > 0)) {
      const note = `Only the first ${rows.length} rows are given. Use WHERE, LIMIT and OFFSET, or count and sum in SQL.`
      return { columns, rows, note }
    }
    rows.push(cells)
  }
  return { columns, rows }
}

function toCell(value: unknown): Cell {
  if (typeof value === 'string') return cut(value, MAX_CELL_CHARS).toWellFormed()
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  return value instanceof Uint8Array ? `(${value.length} bytes)` : null
}

function failureOf(error: unknown, db: Database.Database | undefined): QueryFailure {
  if (error instanceof Database.SqliteError) return sqliteFailure(error, db)
  const message = error instanceof Error ? error.message : String(error)
  if (message.includes('more than one statement')) return notAQuery('is more than one')
  if (/parameter/.test(message)) return failed('bad_sql', 'The query has parameters. Write the values into it.')
  return failed('query_failed', `The query failed: ${message}`)
}

function sqliteFailure({ code, message }: { code: string; message: string }, db: Database.Database | undefined) {
  if (/^SQLITE_(?:BUSY|LOCKED)/.test(code)) {
    return { code: 'database_busy', message: 'The database is being written. Try again.', retryable: true }
  }
  if (!db || /^SQLITE_(?:CANTOPEN|NOTADB|CORRUPT|IOERR)/.test(code)) {
    return failed('bad_database', `The database cannot be read (${code}: ${message}). Say so instead of trying again.`)
  }
  const tables = message.startsWith('no such table') ? ` There are: ${tablesOf(db)}.` : ''
  return failed('bad_sql', `SQLite says: ${message}.${tables} Mend the query and call again.`)
}

function tablesOf(db: Database.Database): string {
  const names = db.prepare(
    "select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite!_%' escape '!' order by 1",
  )
  const all = names.pluck().all().map(String)
  return all.length > MAX_LISTED ? `${all.slice(0, MAX_LISTED).join(', ')}, …` : all.join(', ') || 'none'
}

function failed(code: string, message: string): QueryFailure {
  return { code, message, retryable: false }
}
