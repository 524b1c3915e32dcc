import { digest, messageOf, RepriseError } from '@reprise/core'
import type { Digest, StoredEntry } from '@reprise/core'
import { BLOBS, chainNext, chainStart, decodeBody, kindOf } from '@reprise/format'
import type { Cipher, Stored } from '@reprise/format'
import type { Outside } from './outside.ts'
import type { Database } from './database.ts'
import { isGoing, problem } from './errors.ts'
import { wasErased } from './lineages.ts'
import type { Lineages } from './lineages.ts'

interface RunHead {
  readonly run: number
  readonly lineage_id: string
  readonly key_id: string | null
  /** The master keys by which the vault wraps. */
  readonly masters: readonly string[]
  readonly erased_at: number | null
  readonly erased_by: string | null
}

interface EntryRecord {
  readonly seq: number
  readonly key: string
  readonly kind: number
  readonly attempt: number
  readonly at: number
  readonly body: string | null
  readonly sealed: Buffer | null
  readonly hash: Buffer
}

/** A run as its entries are read. */
interface Reading {
  readonly runId: string
  readonly cipher: Cipher
  readonly blobs: Parts
}

/** A part that was cut out of bodies: its bytes, where they are there, and its name, where they stand outside. */
interface Part {
  readonly address: Digest
  readonly bytes: Buffer | null
  readonly name: string | null
}

type Parts = ReadonlyMap<Digest, Part>

/** What the mark of a body with holes is followed by: the places and addresses of what was cut out. */
const ADDRESS = /"([\w-]{43})"/g

/** Reads runs' journals and holds each entry against the hash chain (fault 17). */
export class Entries {
  readonly #db: Database
  readonly #lineages: Lineages
  readonly #outside: Outside

  constructor(db: Database, lineages: Lineages, outside: Outside) {
    this.#db = db
    this.#lineages = lineages
    this.#outside = outside
  }

  /** As the store's `entries`. What another process has deleted or erased meanwhile is not damaged. */
  async of(runId: string, from: number): Promise<readonly StoredEntry[]> {
    const head = await this.#headOf(runId)
    await this.#refuseErased(runId, head)
    if (head === undefined) return []
    try {
      return await this.#read(runId, head, from)
    } catch (thrown) {
      const now = await this.#headOf(runId)
      await this.#refuseErased(runId, now)
      if (now === undefined) return []
      if (now.run !== head.run) return this.of(runId, from)
      throw thrown
    }
  }

  async #read(runId: string, head: RunHead, from: number): Promise<readonly StoredEntry[]> {
    const cipher = await this.#lineages.of({ lineageId: head.lineage_id, keyId: head.key_id })
    // The one before is where the chain goes on.
    const records = [
      ...(await this.#db.query<EntryRecord>(
        `select seq, key, kind, attempt, at, body, sealed, hash from ${this.#db.tables.entries}
          where run = $1 and seq >= $2 order by seq`,
        [head.run, Math.max(0, from - 1)],
      )),
    ]
    const before = from > 0 ? records.shift() : undefined
    if (before && before.seq !== from - 1) throw this.#damaged(runId, from - 1, 'it is missing')
    const bodies = records.map((record) => this.#body(runId, cipher, record))
    const reading = { runId, cipher, blobs: await this.#blobsOf(bodies) }
    let hash = before ? toDigest(before.hash) : chainStart(runId)
    return records.map((record, index) => {
      const seq = from + index
      if (record.seq !== seq) throw this.#damaged(runId, seq, 'it is missing')
      const entry = this.#decode(reading, record, bodies[index] ?? '')
      hash = chainNext(cipher, hash, entry)
      if (hash !== toDigest(record.hash)) throw this.#damaged(runId, seq, 'its hash does not hold')
      return entry
    })
  }

  async #headOf(runId: string): Promise<RunHead | undefined> {
    const [head] = await this.#db.query<RunHead>(
      `select run, lineage_id, key_id, erased_at, erased_by, masters
        from ${this.#db.tables.runs} cross join ${this.#db.tables.meta} where id = $1`,
      [runId],
    )
    if (head) this.#lineages.refuseOthers(head.masters)
    return head
  }

  /** A run that is not in this database may have been erased from a newer one. */
  async #refuseErased(runId: string, head: RunHead | undefined): Promise<void> {
    if (head?.erased_at != null) {
      if (head.erased_by === null) throw isGoing(this.#db.name, runId)
      throw wasErased(runId, { at: head.erased_at, by: head.erased_by })
    }
    const erased = head ? undefined : await this.#lineages.erasure(runId)
    if (erased) throw wasErased(runId, erased)
  }

  /** The parts of all bodies, each once, in one statement, and what stands outside of the database. */
  async #blobsOf(bodies: readonly string[]): Promise<Parts> {
    const addresses = new Set(bodies.flatMap((body) => (body.startsWith('~') ? addressesOf(body) : [])))
    if (addresses.size === 0) return new Map()
    const found = await this.#db.query<Part>(
      `select address, bytes, name from ${this.#db.tables.blobs} where address = any($1::text[])`,
      [[...addresses]],
    )
    const outside = await this.#outside.get(found.flatMap(({ name }) => name ?? []))
    return new Map(
      found.map(({ address, bytes, name }) => [
        address,
        { address, name, bytes: bytes ?? outside.get(name ?? '') ?? null },
      ]),
    )
  }

  #body(runId: string, cipher: Cipher, { seq, body, sealed }: EntryRecord): string {
    const stored: Stored = sealed ?? body ?? ''
    try {
      return cipher.open(stored, runId, seq)
    } catch (thrown) {
      throw this.#damaged(runId, seq, `its body cannot be opened (${messageOf(thrown)})`)
    }
  }

  #decode(reading: Reading, { seq, key, kind: code, attempt, at }: EntryRecord, body: string): StoredEntry {
    const kind = kindOf(code)
    if (kind === undefined) throw this.#damaged(reading.runId, seq, `no kind of entry has the number ${code}`)
    const text = this.#text(reading, seq, body)
    return { seq, key, kind, attempt, at, text, digest: digest(text) }
  }

  #text({ runId, cipher, blobs }: Reading, seq: number, body: string): string {
    try {
      return decodeBody(body, (address) => {
        const part = blobs.get(address)
        if (part?.bytes) return cipher.open(part.bytes, BLOBS, address)
        throw part?.name == null ? new Error(`no blob ${address}`) : this.#missing(runId, seq, part.name)
      })
    } catch (thrown) {
      if (RepriseError.is(thrown)) throw thrown
      throw this.#damaged(runId, seq, `its body cannot be put together (${messageOf(thrown)})`)
    }
  }

  #missing(runId: string, seq: number, name: string): Error {
    return problem(
      'store_corrupt',
      this.#db.name,
      `names the blob ${name} in entry ${seq} of run "${runId}", and it is not in the place of blobs`,
      'Give the folder or the bucket that it was put in, or bring the blob back there from a backup, or from an older version that the bucket keeps.',
      { runId, seq, blob: name },
    )
  }

  #damaged(runId: string, seq: number, what: string): Error {
    return problem(
      'store_corrupt',
      this.#db.name,
      `has a damaged journal of run "${runId}": entry ${seq} is not what was written, ${what}`,
      'Restore the store from a backup; its other runs can still be read.',
      { runId, seq },
    )
  }
}

/** What is no address among them finds nothing, and is no harm. */
function addressesOf(body: string): string[] {
  return [...body.slice(0, body.indexOf('\n')).matchAll(ADDRESS)].map(([, address]) => address ?? '')
}

function toDigest(hash: Buffer): Digest {
  return hash.toString('base64url')
}
