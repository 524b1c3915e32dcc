import { messageOf } from '@reprise/core'
import type { Examination } from '@reprise/postgres'
import { encryptionOf, type NamedStore, placesOf, withoutPassword } from '../config/named-store.ts'
import type { Io } from '../line/io.ts'
import { type Finding, told, well } from './finding.ts'
import { findingsOnPostgres } from './postgres-findings.ts'

/** What was found of a store on Postgres. */
interface Diagnosis {
  readonly findings: readonly Finding[]
  /** Null where it could not be looked at. */
  readonly found: Examination | null
}

/** Looks at a store on Postgres: at its server, whether it opens by what was given, and how its runs stand. */
export async function onPostgres(io: Io, named: NamedStore & { readonly kind: 'postgres' }): Promise<Diagnosis> {
  const { url, schema = 'reprise' } = named
  try {
    const { examine } = await import('@reprise/postgres')
    const found = await examine(url, { schema, ...encryptionOf(io), ...(await placesOf(io)) })
    const place = well('store', `${withoutPassword(url)}, schema "${schema}"`)
    return { findings: [place, ...findingsOnPostgres(found, schema)], found }
  } catch (error) {
    return { findings: [told('store', messageOf(error))], found: null }
  }
}
