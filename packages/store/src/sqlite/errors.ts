import { messageOf, RepriseError, StoreError } from '@reprise/core'
import type { JsonObject } from '@reprise/core'

/** What can be wrong with a database, by the code that programs compare. */
export type StoreProblem =
  | 'run_going'
  | 'store_busy'
  | 'store_closed'
  | 'store_corrupt'
  | 'store_encrypted'
  | 'store_exists'
  | 'store_failed'
  | 'store_folder'
  | 'store_foreign'
  | 'store_full'
  | 'store_in_use'
  | 'store_io'
  | 'store_moved'
  | 'store_newer'
  | 'store_no_backup'
  | 'store_no_folder'
  | 'store_no_keys'
  | 'store_not_a_database'
  | 'store_no_run'
  | 'store_not_encrypted'
  | 'store_opened_twice'
  | 'store_readonly'
  | 'store_replaced'
  | 'store_wrong_key'

/** What to do where something else than a store stands at the path. */
export const OTHER_PATH = 'Give the path of a store, or of a file that does not exist yet.'

/** What to do where the file or its folder cannot be written. */
export const LET_WRITE = 'Let this user write the file and its folder, or choose another path.'

type Saying = readonly [code: StoreProblem, what: string, remedy: string]

const BUSY: Saying = [
  'store_busy',
  'is held by another program: nothing was written',
  'Try again, or end that program.',
]
const READONLY: Saying = ['store_readonly', 'cannot be opened for writing', LET_WRITE]
const DAMAGED: Saying = [
  'store_corrupt',
  'has a damaged page',
  'Restore it from a backup; keep the damaged file, and the -wal file beside it, for a rescue.',
]

/** What SQLite's primary result codes mean for a store. @see https://www.sqlite.org/rescode.html */
const SAYINGS: Readonly<Record<string, Saying>> = {
  FULL: ['store_full', 'has no room left: nothing was written', 'Free space on its disk.'],
  BUSY,
  LOCKED: BUSY,
  CORRUPT: DAMAGED,
  NOTADB: ['store_not_a_database', 'is not a SQLite database', OTHER_PATH],
  READONLY,
  CANTOPEN: READONLY,
  PERM: READONLY,
  IOERR: ['store_io', 'met an error of its disk', 'Look at the disk and its mount, then start again.'],
}

/** Makes an error about a database: `what` follows its path, `remedy` is a sentence of its own. */
export function problem(
  code: StoreProblem,
  path: string,
  what: string,
  remedy: string,
  details?: JsonObject,
): StoreError {
  return new StoreError({
    code,
    message: `The store at ${path} ${what}. ${remedy}`,
    details: { path, ...details },
    retryable: code === 'store_busy' || code === 'store_full' || code === 'run_going',
  })
}

/** Makes the error about a run that the database does not have. */
export function unknownRun(path: string, runId: string): StoreError {
  return problem('store_no_run', path, `has no run "${runId}"`, 'Give the id of a run that was started.', { runId })
}

/** Makes the error about a run that is being deleted: what is left of it is no journal. */
export function isGoing(path: string, runId: string): StoreError {
  const remedy = 'Use another id, or try again when runtime.gc is through: run it once more where it was cut short.'
  return problem('run_going', path, `is just deleting the run "${runId}", which had ended`, remedy, { runId })
}

/** Makes the error about a file that is no database. */
export function noDatabase(path: string): StoreError {
  return problem('store_not_a_database', path, 'is not a SQLite database, and was left as it is', OTHER_PATH)
}

/** Makes the error about a database with a damaged page. */
export function damaged(path: string, details: JsonObject): StoreError {
  const [code, what, remedy] = DAMAGED
  return problem(code, path, what, remedy, details)
}

/** What the triggers of a store that is moved begin their refusal with. */
export const MOVED = 'reprise: this store is moved to '

function movedTo(message: string): string | undefined {
  return message.startsWith(MOVED) ? message.slice(MOVED.length) : undefined
}

/** Makes the error about a store that is moved to another, or was: nothing is written to it any more. */
function moved(path: string, to: string): StoreError {
  return problem(
    'store_moved',
    path,
    `takes nothing any more: it is moved to ${to}`,
    'Give that store in your config. Where the move was cut short, go on with it (reprise move), or give it up (reprise move --give-up).',
    { to },
  )
}

/** Says of a thrown value what it means for the store: nothing of better-sqlite3 is passed on but a code. */
export function toStoreError(thrown: unknown, path: string): Error {
  if (RepriseError.is(thrown)) return thrown
  const sqlite = sqliteCode(thrown)
  const to = sqlite === 'SQLITE_CONSTRAINT_TRIGGER' ? movedTo(messageOf(thrown)) : undefined
  if (to !== undefined) return moved(path, to)
  const failed: Saying = ['store_failed', `failed: ${messageOf(thrown)}`, 'Nothing was written. Please report this.']
  const [code, what, remedy] = SAYINGS[sqlite?.split('_')[1] ?? ''] ?? failed
  return problem(code, path, what, remedy, sqlite === undefined ? {} : { sqlite })
}

/** What SQLite says where the file, its disk or another program failed, and not the statement. */
const FAILURES: ReadonlySet<string> = new Set(['FULL', 'BUSY', 'IOERR', 'CORRUPT', 'NOMEM'])

/** Tells whether a thrown value says that the store failed, and not whoever used it. */
export function isStoreFailure(thrown: unknown): boolean {
  return FAILURES.has(sqliteCode(thrown)?.split('_')[1] ?? '')
}

/** Tells whether SQLite threw something. */
export function isOfSqlite(thrown: unknown): boolean {
  return sqliteCode(thrown) !== undefined
}

function sqliteCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return undefined
  return thrown.code.startsWith('SQLITE_') ? thrown.code : undefined
}
