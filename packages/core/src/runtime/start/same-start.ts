import type { DefinitionRef, Draft, EntryBodies } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Within } from '../../contracts/within.ts'
import type { StoredEntry } from '../../contracts/write.ts'
import { decodeEntry } from '../../journal/entry-codec.ts'
import type { Secrets } from '../../journal/secrets.ts'
import { cut } from '../../values/cut.ts'
import { DefinitionError, StoreError } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'
import { sortedJson } from '../../values/sorted-json.ts'
import { got, type Steps } from '../../values/steps.ts'
import { checkSameTenant } from '../setup/whose.ts'

/** What is asked of a store, or of one within a transaction. */
type Stored = Pick<Within, 'entries' | 'run'>

/** The most characters of each side that a complaint shows. */
const SHOWN = 80

/**
 * Checks that a run which exists already is of the same tenant and person, and was started with the same definition, input
 * and context. They are the same where the same was given, whatever today's schemas make of it, or where the same came of it.
 *
 * @param wanted the row that it would have.
 * @returns false where it is not there any more.
 * @throws DefinitionError with code `run_exists`; StoreError with code `store_corrupt` where its journal is gone.
 */
export function* checkSameStart(
  store: Stored,
  { id: runId, tenant, user }: Pick<RunRow, 'id' | 'tenant' | 'user'>,
  draft: Draft,
  secrets: Secrets,
): Steps<boolean> {
  const row = yield* got(store.run(runId))
  if (row) checkSameTenant(row, tenant)
  yield* secrets.loading()
  const stored = yield* firstOf(store, runId)
  if (!stored) return false
  if (row && row.user !== user) throw anotherUser(runId)
  const first = decodeEntry(stored)
  if (first.kind !== 'run.started' || draft.kind !== 'run.started') return true
  const [was, is] = [first.body, draft.body]
  if (was.definition.kind !== is.definition.kind || was.definition.name !== is.definition.name)
    throw another(runId, 'definition', nameOf(was), nameOf(is))
  for (const what of ['input', 'context'] as const) {
    const given = was.given?.[what]
    if (was.given && given !== '' && given === is.given?.[what]) continue
    // What was written before a secret was known has it as it is.
    const [recorded, now] = [secrets.redact(was[what]), secrets.redact(is[what])]
    if (sortedJson(recorded) !== sortedJson(now)) throw another(runId, what, recorded, now)
  }
  return true
}

/** Whose a run is to be, and of what. */
interface Wanted extends Partial<Pick<RunRow, 'tenant' | 'user'>> {
  readonly definition: Pick<DefinitionRef, 'kind' | 'name'>
}

/**
 * Checks that a run is of the same tenant and person as one that would be begun, and of the same definition, whatever its
 * input is.
 *
 * @throws DefinitionError with code `run_exists`.
 */
export function checkSameRun(row: RunRow, { definition, tenant = null, user = null }: Wanted): void {
  const { id, kind, name } = row
  checkSameTenant(row, tenant)
  if (row.user !== user) throw anotherUser(id)
  if (kind !== definition.kind || name !== definition.name)
    throw another(id, 'definition', `${kind} ${name}`, `${definition.kind} ${definition.name}`)
}

/** The first entry of a run; undefined where there is no such run. */
function* firstOf(store: Stored, runId: string): Steps<StoredEntry | undefined> {
  const [first] = yield* got(store.entries(runId))
  if (first || !(yield* got(store.run(runId)))) return first
  // It may have been deleted and begun anew meanwhile.
  const [again] = yield* got(store.entries(runId))
  if (again) return again
  throw new StoreError({
    code: 'store_corrupt',
    message: `The store has the run "${runId}", and no entry of its journal, not even the first. Restore the store from a backup, or give another id.`,
    details: { runId },
  })
}

function nameOf({ definition: { kind, name } }: EntryBodies['run.started']): string {
  return `${kind} ${name}`
}

/** Neither person is named. */
function anotherUser(runId: string): DefinitionError {
  return new DefinitionError({
    code: 'run_exists',
    message: `The run "${runId}" exists with another user. Use another id, or the same user.`,
    details: { runId, what: 'user' },
  })
}

function another(runId: string, what: string, recorded: Json, given: Json): DefinitionError {
  const [was, is] = [recorded, given].map((value) => cut(JSON.stringify(value), SHOWN))
  return new DefinitionError({
    code: 'run_exists',
    message: `The run "${runId}" exists with another ${what}: ${was}, and now ${is}. Use another id, or the same ${what}.`,
    details: { runId, what },
  })
}
