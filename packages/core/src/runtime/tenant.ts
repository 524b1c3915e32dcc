import { badArgument } from '../define/argument.ts'
import { DefinitionError } from '../values/errors.ts'
import type { Parts } from './assemble.ts'
import { Messenger } from './mail/messenger.ts'
import { Runs } from './read/runs.ts'
import { tenantStore } from './setup/tenant-store.ts'
import type { Subject } from './subject/subject.ts'
import { checkedWhose, checkWho, type Whose } from './setup/whose.ts'

/**
 * Gives the parts of a runtime of one tenant. All that names or lists runs has that tenant's part of the store; runs are driven
 * by the parts that they came from, which have one owner, one heartbeat and one commit for all tenants.
 *
 * @throws DefinitionError when the tenant is not what it must be, or the parts are another tenant's.
 */
export function partsOfTenant(parts: Parts, tenant: string): Parts {
  checkWho('runtime.forTenant', 'tenant', tenant)
  if (parts.only?.tenant === tenant) return parts
  if (parts.only)
    throw badArgument('A runtime of one tenant was given tenant', tenant, 'Ask the runtime that createRuntime gave.')
  const { store } = parts.engine
  const engine = { ...parts.engine, store: tenantStore(store, tenant) }
  const runs = new Runs(engine, (row) => parts.definitions.has(row))
  const messenger = new Messenger(parts.engine, parts.driver, parts.starter, runs, parts.definitions)
  return { ...parts, engine, runs, messenger, only: { tenant, of: store }, close: async () => undefined }
}

/**
 * Gives whose a run is that begins: a runtime of one tenant begins no other's.
 *
 * @throws DefinitionError when what is given is not what it must be, or is another tenant.
 */
export function whoseIn({ only }: Parts, what: string, given: Whose | undefined): ReturnType<typeof checkedWhose> {
  const whose = checkedWhose(what, given)
  if (!only || whose.tenant === only.tenant) return whose
  if (whose.tenant === null) return { ...whose, tenant: only.tenant }
  throw badArgument(
    `${what} was given tenant`,
    whose.tenant,
    'Leave it out: this is a runtime of one tenant, which begins its runs alone.',
  )
}

/** Gives who is meant: in a runtime of one tenant, its own people. Whoever names another gets nobody. */
export function subjectIn({ only }: Parts, subject: Subject): Subject {
  const isPerson = subject?.user !== undefined && subject.tenant === undefined
  return only && isPerson ? { ...subject, tenant: only.tenant } : subject
}

/**
 * Refuses to a runtime of one tenant what is done to the whole store.
 *
 * @throws DefinitionError with code `one_tenant`.
 */
export function refuseTenant({ only }: Parts, what: string): void {
  if (!only) return
  const message = `${what} is done to the whole store, and this is a runtime of one tenant. Ask the runtime that createRuntime gave.`
  throw new DefinitionError({ code: 'one_tenant', message })
}
