// Runs queries, in a thread of a process that exists for nothing else: SQLite cannot be stopped from within.
import { existsSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { cut } from '../text/cut.ts'
import { BEGUN, type Cell, type QueryAnswer, type QueryAsk, type QueryFailure, type QueryRows } from './protocol.ts'
import { notAQuery } from './refuse-writes.ts'

const MAX_CELL_CHARS = 2_000
/** How long a writer may hold the file. */
const BUSY_MS = 1_000
const MAX_LISTED = 50
/** What is given of a row; a model can name others. */
const MAX_COLUMNS = 200
const MAX_NAME_CHARS = 200
const MAX_MESSAGE_CHARS = 2_000

parentPort?.on('message', (ask: QueryAsk) => {
  parentPort?.postMessage(BEGUN)
  parentPort?.postMessage(answer(ask))
})

function answer(ask: QueryAsk): QueryAnswer {
  let db: Database.Database | undefined
  const hadLog = hasLog(ask.file)
  try {
    db = new Database(ask.file, { readonly: true, fileMustExist: true, timeout: BUSY_MS })
    return query(db, ask)
  } catch (error) {
    return { failure: failureOf(error, db) }
  } finally {
    db?.close()
    if (!hadLog && hasLog(ask.file)) removeLog(ask.file)
  }
}

/** What a database in WAL mode has beside it while it is open. */
function hasLog(file: string): boolean {
  return existsSync(`${file}-wal`) || existsSync(`${file}-shm`)
}

/**
 * A connection that only reads makes a log beside a closed database and cannot take it away. One that may write does,
 * where no other has the database open: SQLite itself sees to that, and the log holds nothing.
 */
function removeLog(file: string): void {
  try {
    const db = new Database(file, { fileMustExist: true, timeout: 0 })
    // Until it reads, SQLite does not know of the log.
    db.pragma('schema_version')
    db.close()
  } catch {
    // Whoever may not write the file leaves an empty log behind.
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
  const names = statement.columns().map(({ name }) => name)
  const columns = fit(names.slice(0, MAX_COLUMNS), MAX_NAME_CHARS, maxChars / 4, nameOf)
  const notes =
    names.length > MAX_COLUMNS ? [`Only ${MAX_COLUMNS} of ${names.length} columns are given. Name others.`] : []
  const rows: Cell[][] = []
  let left = maxChars - JSON.stringify(columns).length
  for (const row of statement.safeIntegers().raw().iterate()) {
    // A raw row is a list of what SQLite has.
    const values = (row as unknown[]).slice(0, MAX_COLUMNS)
    // The first row is given in any case: the more is in it, the shorter its cells are cut.
    const cells = rows.length === 0 ? fit(values, MAX_CELL_CHARS, left, toCell) : values.map((value) => toCell(value))
    left -= JSON.stringify(cells).length
    if (rows.length === maxRows || (left < 0 && rows.length > 0)) {
      notes.push(`Only the first ${rows.length} rows are given. Use WHERE, LIMIT and OFFSET, or count and sum in SQL.`)
      break
    }
    rows.push(cells)
  }
  return { columns, rows, ...(notes.length > 0 && { note: notes.join(' ') }) }
}

/** Cuts each of some values as long as all of them together are too long as JSON. */
function fit<Value, Cut>(
  values: readonly Value[],
  mostChars: number,
  room: number,
  cutOne: (value: Value, maxChars: number) => Cut,
): Cut[] {
  for (let most = mostChars; ; most = Math.floor(most / 2)) {
    const all = values.map((value) => cutOne(value, most))
    if (most === 0 || JSON.stringify(all).length <= room) return all
  }
}

function nameOf(name: string, maxChars = MAX_NAME_CHARS): string {
  return cut(name, maxChars).toWellFormed()
}

function toCell(value: unknown, maxChars = MAX_CELL_CHARS): Cell {
  if (typeof value === 'string') return cut(value, maxChars).toWellFormed()
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
  const all = names
    .pluck()
    .all()
    .map((name) => nameOf(String(name)))
  return all.length > MAX_LISTED ? `${all.slice(0, MAX_LISTED).join(', ')}, …` : all.join(', ') || 'none'
}

/** SQLite repeats names of the file's and words of the query. */
function failed(code: string, message: string): QueryFailure {
  return { code, message: cut(message, MAX_MESSAGE_CHARS).toWellFormed(), retryable: false }
}
