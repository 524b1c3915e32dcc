import { messageOf, type RetentionOptions } from '@reprise/core'
import type { Examination, OpenStore } from '@reprise/postgres'
import { encryptionOf, type NamedStore, placesOf } from '../config/named-store.ts'
import type { Io } from '../line/io.ts'
import { type Finding, told } from './finding.ts'
import { findingsOnPostgres } from './postgres-findings.ts'

/** What was found of a store on Postgres. */
export interface OnPostgres {
  readonly findings: readonly Finding[]
  /** Null where it could not be looked at. */
  readonly found: Examination | null
}

/** Looks at a store on Postgres that is named, by what the environment says of it. */
export async function onPostgres(io: Io, named: NamedStore & { readonly kind: 'postgres' }): Promise<OnPostgres> {
  const { url, schema = 'reprise' } = named
  const { examine } = await import('@reprise/postgres')
  return found(async () => examine(url, { schema, ...encryptionOf(io), ...(await placesOf(io)) }))
}

/** The stores on Postgres that are open here, also those of a config's own copy of the package. */
export async function openOnPostgres(): Promise<readonly OpenStore[]> {
  const { openStores } = await import('@reprise/postgres')
  return openStores()
}

/** Looks at a store on Postgres that a config has open, by what it was given. */
export function onOpen(store: OpenStore, retention: RetentionOptions): Promise<OnPostgres> {
  return found(() => store.examine(), retention)
}

async function found(look: () => Promise<Examination>, retention?: RetentionOptions): Promise<OnPostgres> {
  try {
    const examination = await look()
    return { findings: findingsOnPostgres(examination, retention), found: examination }
  } catch (error) {
    return { findings: [told('store', messageOf(error))], found: null }
  }
}
