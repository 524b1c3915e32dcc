import { randomBytes } from 'node:crypto'
import { messageOf, RepriseError } from '@reprise/core'
import type { BlobStore } from './blob-store.ts'
import type { Database } from './database.ts'
import { eachOf } from './each-of.ts'
import type { FoundBlobs } from './examination.ts'
import { noBlobs } from './outside.ts'

/** How many blobs are looked for: each is got whole, and may be large. */
const SAMPLE = 10

/** Looks whether a store has blobs outside of the database, and for some of them in the place that was given. */
export async function lookAtBlobs(db: Database, place: BlobStore | undefined): Promise<FoundBlobs> {
  const { blobs, dead_blobs: dead } = db.tables
  // Names begin with a hash: from any place on they are as good as drawn.
  const from = randomBytes(4).toString('hex')
  const part = (where: string): string =>
    `(select name from ${blobs} where name is not null and name ${where} $1 order by name limit ${SAMPLE})`
  const drawn = await db.query<{ name: string }>(`${part('>=')} union all ${part('<')} limit ${SAMPLE}`, [from])
  const names = drawn.map(({ name }) => name)
  const areOutside = names.length > 0 || (await db.query(`select 1 from ${dead} limit 1`)).length > 0
  const found = { areOutside, looked: 0, missing: [], fault: null }
  if (!areOutside) return found
  if (!place) return { ...found, fault: faultOf(noBlobs(db.name)) }
  try {
    const absent: string[] = []
    await eachOf(names, async (name) => {
      if ((await place.get(name)) === undefined) absent.push(name)
    })
    // One that was deleted meanwhile is not missed.
    const missing = await db.query<{ name: string }>(
      `select name from ${blobs} where name = any($1::text[]) order by name`,
      [absent],
    )
    return { ...found, looked: names.length, missing: missing.map(({ name }) => name) }
  } catch (thrown) {
    return { ...found, fault: faultOf(thrown) }
  }
}

/** What was thrown, as JSON. */
export function faultOf(thrown: unknown): { readonly code: string; readonly message: string } {
  return { code: RepriseError.is(thrown) ? thrown.code : 'store_failed', message: messageOf(thrown) }
}
