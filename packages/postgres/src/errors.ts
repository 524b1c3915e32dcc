import { messageOf, RepriseError, StoreError } from '@reprise/core'
import type { JsonObject } from '@reprise/core'
import type { Client } from 'pg'

/** What can be wrong with a database, by the code that programs compare. */
export type StoreProblem =
  | 'run_going'
  | 'store_bad_text'
  | 'store_busy'
  | 'store_closed'
  | 'store_corrupt'
  | 'store_encrypted'
  | 'store_failed'
  | 'store_foreign'
  | 'store_full'
  | 'store_io'
  | 'store_newer'
  | 'store_no_blobs'
  | 'store_no_database'
  | 'store_no_keys'
  | 'store_no_run'
  | 'store_not_encrypted'
  | 'store_readonly'
  | 'store_refused'
  | 'store_unreachable'
  | 'store_wrong_key'

type Saying = readonly [code: StoreProblem, what: string, remedy: string]

/** What may be otherwise a moment later. */
const RETRYABLE: ReadonlySet<StoreProblem> = new Set(['run_going', 'store_busy', 'store_full', 'store_unreachable'])

/** What errors call a store: nothing of a password. */
export function nameOf({ host, port, database }: Pick<Client, 'host' | 'port' | 'database'>, schema: string): string {
  return `postgres://${host}:${port}/${database ?? ''}, schema "${schema}",`
}

/** Makes an error about a database: `what` follows its name, `remedy` is a sentence of its own. */
export function problem(
  code: StoreProblem,
  name: string,
  what: string,
  remedy: string,
  details?: JsonObject,
): StoreError {
  return new StoreError({
    code,
    message: `The store at ${name} ${what}. ${remedy}`,
    details: { store: name, ...details },
    retryable: RETRYABLE.has(code),
  })
}

/** Makes the error about a run that the database does not have. */
export function unknownRun(name: string, runId: string): StoreError {
  return problem('store_no_run', name, `has no run "${runId}"`, 'Give the id of a run that was started.', { runId })
}

/** Makes the error about a run that is being deleted: what is left of it is no journal. */
export function isGoing(name: string, runId: string): StoreError {
  const remedy = 'Use another id, or try again when runtime.gc is through: run it once more where it was cut short.'
  return problem('run_going', name, `is just deleting the run "${runId}", which had ended`, remedy, { runId })
}

const UNREACHABLE: Saying = [
  'store_unreachable',
  'cannot be reached',
  'It is tried again; look at the server, and at the network on the way to it.',
]
const BUSY: Saying = [
  'store_busy',
  'is held by another program: nothing was written',
  'Try again, or end that program.',
]
const READONLY: Saying = [
  'store_readonly',
  'cannot be written',
  'Give the address of the primary, or let this user write.',
]
const REFUSED: Saying = [
  'store_refused',
  'did not let this user in, or is not the one that is trusted',
  'Look at the user, the password, and the certificate and its authority (sslrootcert) that were given.',
]
const DAMAGED: Saying = [
  'store_corrupt',
  'has a damaged page',
  'Restore it from a backup; keep the damaged one for a rescue.',
]
const FULL: Saying = ['store_full', 'has no room left: nothing was written', 'Free space on its disk, or memory.']

/** What Postgres's codes mean for a store, by the whole code or its class. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SAYINGS: Readonly<Record<string, Saying>> = {
  '08': UNREACHABLE,
  '57P': UNREACHABLE,
  '53300': UNREACHABLE,
  '25P03': UNREACHABLE,
  '25P04': UNREACHABLE,
  '40001': BUSY,
  '40P01': BUSY,
  '55P03': BUSY,
  '57014': BUSY,
  '53100': FULL,
  '53200': FULL,
  '25006': READONLY,
  '42501': READONLY,
  '28': REFUSED,
  '3D000': ['store_no_database', 'is not there', 'Create the database, or give the name of one that is there.'],
  '22021': [
    'store_bad_text',
    'was given a text with U+0000, which Postgres does not keep',
    'Leave it out of ids, keys, names, tags and marks.',
  ],
  '58': ['store_io', 'met an error of its disk', 'Look at the disk of the server and its mount.'],
  // After it was tried again and again.
  '23503': BUSY,
  '23505': BUSY,
  XX001: DAMAGED,
  XX002: DAMAGED,
}

/** Says of a thrown value what it means for the store: nothing of the driver is passed on but a code. */
export function toStoreError(thrown: unknown, name: string): Error {
  if (RepriseError.is(thrown)) return thrown
  const sqlState = sqlStateOf(thrown)
  const failed: Saying = ['store_failed', `failed: ${messageOf(thrown)}`, 'Nothing was written. Please report this.']
  const [code, what, remedy] =
    sqlState === undefined
      ? isOfTheProgram(thrown)
        ? failed
        : isOfTheCertificate(thrown)
          ? REFUSED
          : UNREACHABLE
      : (SAYINGS[sqlState] ?? SAYINGS[sqlState.slice(0, 3)] ?? SAYINGS[sqlState.slice(0, 2)] ?? failed)
  const said = code === 'store_unreachable' || code === 'store_refused' ? `${what}: ${messageOf(thrown)}` : what
  return problem(code, name, said, remedy, sqlState === undefined ? {} : { sqlState })
}

/** The SQLSTATE that a server answered with; undefined for what no server has said. */
export function sqlStateOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return undefined
  return /^[0-9A-Z]{5}$/.test(thrown.code) && 'severity' in thrown ? thrown.code : undefined
}

/** Whether a constraint has refused something. */
export function isConstraint(thrown: unknown): boolean {
  const sqlState = RepriseError.is(thrown) ? thrown.details['sqlState'] : undefined
  return typeof sqlState === 'string' && sqlState.startsWith('23')
}

/** What another transaction brings about: it is otherwise when this one comes again. */
const IN_THE_WAY: ReadonlySet<unknown> = new Set(['40001', '40P01', '23505', '23503'])

/** Whether something failed because of another transaction, and goes when it is done again. */
export function isInTheWay(thrown: unknown): boolean {
  return RepriseError.is(thrown) && IN_THE_WAY.has(thrown.details['sqlState'])
}

/** A statement that is not there under its name, is there already, or gives other columns than when it was kept. */
const OF_KEPT_STATEMENTS: ReadonlySet<unknown> = new Set(['26000', '42P05', '0A000'])

/** Whether something failed only since the server was to keep a statement: nothing was done then. */
export function isOfKeptStatement(thrown: unknown): boolean {
  return RepriseError.is(thrown) && OF_KEPT_STATEMENTS.has(thrown.details['sqlState'])
}

/** Whether the server's certificate is not trusted, or not for its name. @see https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function isOfTheCertificate(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return false
  return /CERT|CRL|SIGNATURE|ISSUER|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH/.test(thrown.code)
}

/** Whether something was thrown by a mistake, in a value or a statement, and not by a connection. */
export function isOfTheProgram(thrown: unknown): boolean {
  return thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof SyntaxError
}
