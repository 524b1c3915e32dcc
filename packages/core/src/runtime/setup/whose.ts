// Whose a run is: the tenant that it belongs to, and the person whose data it holds.
import type { RunRow } from '../../contracts/run.ts'
import { checkText } from '../../define/names.ts'
import { DefinitionError } from '../../values/errors.ts'

/** The most characters of the name of a tenant or a person. */
const LONGEST = 200

/** Whose a run is, or which runs are meant. */
export interface Whose {
  /** The customer of yours that it belongs to. 1 to 200 characters. */
  readonly tenant?: string
  /** The person whose data it holds. 1 to 200 characters. */
  readonly user?: string
}

/**
 * Checks the names of a tenant and a person, of which either may be left out.
 *
 * @param what was given them, such as `runtime.start`.
 * @returns them, with null for what was left out.
 * @throws DefinitionError with code `bad_text`.
 */
export function checkedWhose(what: string, given: Whose | undefined): Pick<RunRow, 'tenant' | 'user'> {
  const { tenant, user } = given ?? {}
  if (tenant !== undefined) checkWho(what, 'tenant', tenant)
  if (user !== undefined) checkWho(what, 'user', user)
  return { tenant: tenant ?? null, user: user ?? null }
}

/**
 * Checks the name of somebody.
 *
 * @throws DefinitionError with code `bad_text`.
 */
export function checkWho(what: string, field: string, name: unknown): void {
  checkText(what, field, name)
  if (typeof name === 'string' && name.length >= 1 && name.length <= LONGEST) return
  throw new DefinitionError({
    code: 'bad_text',
    message: `${what} was given ${field} of ${String(name).length} characters. It must have 1 to ${LONGEST}.`,
    details: { field },
  })
}

/**
 * Checks that a run which has the id that another was to have is of the same tenant. Of another's nothing is said but that
 * its id is taken.
 *
 * @throws DefinitionError with code `run_exists`.
 */
export function checkSameTenant(row: Pick<RunRow, 'id' | 'tenant'>, tenant: string | null): void {
  if (row.tenant !== tenant) throw takenElsewhere(row.id)
}

/** Makes the error about an id that a run of another tenant has. */
export function takenElsewhere(runId: string): DefinitionError {
  return new DefinitionError({
    code: 'run_exists',
    message: `The id "${runId}" is taken by a run that is not of this tenant. Use another id: tenants share one set of them.`,
    details: { runId },
  })
}
