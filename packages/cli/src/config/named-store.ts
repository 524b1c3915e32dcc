import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { DefinitionError, type Store } from '@reprise/core'
import type { BlobStore } from '@reprise/postgres'
import { sqlite, type SqliteOptions } from '@reprise/store'
import type { Io } from '../line/io.ts'
import { blobsOf } from './named-blobs.ts'

/** Where a store is that is named on a command line. */
export type NamedStore =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly schema: string | undefined }

/**
 * Reads the name of a store: a file, or the address of a Postgres database, whose `schema` says where in it the runs are.
 *
 * @throws DefinitionError with code `bad_store` for an address that is none.
 */
export function namedStore(io: Io, name: string): NamedStore {
  if (!/^postgres(ql)?:/i.test(name)) return { kind: 'file', path: resolve(io.cwd(), name) }
  const url = URL.parse(name)
  if (!url)
    throw new DefinitionError({
      code: 'bad_store',
      message:
        'The address of the store cannot be read. Give one as postgres://user:password@host:5432/database?schema=reprise, with %XX for what has a meaning in addresses.',
    })
  const schema = url.searchParams.get('schema') ?? undefined
  url.searchParams.delete('schema')
  return { kind: 'postgres', url: url.toString(), schema }
}

/**
 * Opens a store that is named.
 *
 * @param absent what happens where there is none: who only looks makes none.
 * @param keys the address of the database with the keys of one on Postgres. @default that of the environment, or the same
 * @throws DefinitionError with code `no_store` where there is none.
 */
export async function openNamed(
  io: Io,
  name: string,
  absent: 'refuse' | 'make',
  keys = io.env['REPRISE_KEYS'],
): Promise<Store & AsyncDisposable> {
  const named = namedStore(io, name)
  const options = encryptionOf(io)
  if (named.kind === 'file') {
    if (absent === 'refuse' && !existsSync(named.path)) throw noStore(named.path, 'the path')
    return sqlite(named.path, options)
  }
  const { hasStore, postgres } = await import('@reprise/postgres')
  const schema = named.schema === undefined ? {} : { schema: named.schema }
  if (absent === 'refuse' && !(await hasStore(named.url, schema)))
    throw noStore(placeOf(named), 'the address and the schema')
  return postgres(named.url, { ...schema, ...options, ...(await placesOf(io, keys)) })
}

/** Where the keys and the large bodies of a store on Postgres stand, as the environment says it. */
export async function placesOf(
  io: Io,
  keys = io.env['REPRISE_KEYS'],
): Promise<{ readonly keys?: string; readonly blobs?: BlobStore }> {
  const blobs = await blobsOf(io)
  return { ...(keys !== undefined && { keys }), ...(blobs && { blobs }) }
}

/**
 * Gives the path of a store that must be a file.
 *
 * @param otherwise what is said of another.
 * @throws DefinitionError with code `not_a_file` for one on Postgres.
 */
export function fileAt(io: Io, name: string, otherwise: string): string {
  const named = namedStore(io, name)
  if (named.kind === 'file') return named.path
  throw new DefinitionError({ code: 'not_a_file', message: otherwise })
}

/** The key of the environment and, for a rotation, those that were it before. */
export function encryptionOf({ env }: Io, variable = 'REPRISE_KEY'): SqliteOptions {
  const [key, ...oldKeys] = (env[variable] ?? '').split(',').filter((text) => text.trim() !== '')
  return key === undefined ? {} : { encryption: { key, oldKeys } }
}

/** How a store is called where it is told of. */
export function placeOf(named: NamedStore): string {
  if (named.kind === 'file') return named.path
  return `${withoutPassword(named.url)}, schema "${named.schema ?? 'reprise'}"`
}

/** An address as it may be shown: a password may stand before the host, or among what is asked. */
export function withoutPassword(address: string): string {
  const url = new URL(address)
  url.password = ''
  url.searchParams.delete('password')
  return url.toString()
}

function noStore(where: string, what: string): DefinitionError {
  return new DefinitionError({ code: 'no_store', message: `There is no store at ${where}. Check ${what}.` })
}
