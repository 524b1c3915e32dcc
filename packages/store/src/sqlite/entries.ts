import { digest, messageOf } from '@reprise/core'
import type { Digest, StoredEntry } from '@reprise/core'
import { BLOBS, chainNext, chainStart, decodeBody, kindOf } from '@reprise/format'
import type { Cipher, Stored } from '@reprise/format'
import type { SqliteDatabase } from './database.ts'
import { isGoing, problem } from './errors.ts'
import { wasErased } from './lineages.ts'
import type { Lineages } from './lineages.ts'

/** To SQLite no limit at all. */
const ALL = -1

interface EntryRecord {
  readonly seq: number
  readonly key: string
  readonly kind: number
  readonly attempt: number
  readonly at: number
  readonly body: Stored
  /** In hexadecimal: to be given a buffer for each row takes longer than all else of reading it. */
  readonly hash: string
}

interface RunHead {
  readonly run: number
  readonly lineage_id: string
  readonly erased_at: number | null
  readonly erased_by: string | null
}

/** A run as its entries are read. */
interface Reading {
  readonly runId: string
  readonly cipher: Cipher
}

/** Reads runs' journals and holds each entry against the hash chain (fault 17). */
export class Entries {
  readonly #path: string
  readonly #lineages: Lineages
  readonly #run
  readonly #select
  readonly #blob

  constructor(db: SqliteDatabase, path: string, lineages: Lineages) {
    this.#path = path
    this.#lineages = lineages
    this.#run = db.prepare<[runId: string], RunHead>(
      'select run, lineage_id, erased_at, erased_by from runs where id = ?',
    )
    this.#select = db.prepare<[run: number, from: number, limit: number], EntryRecord>(
      'select seq, key, kind, attempt, at, body, lower(hex(hash)) as hash from entries where run = cast(? as integer) and seq >= cast(? as integer) order by seq limit cast(? as integer)',
    )
    this.#blob = db.prepare<[address: Digest], Buffer>('select bytes from blobs where address = ?').pluck()
  }

  /**
   * As the store's `entries`. What does not open is read again where another process has changed the keys meanwhile; nothing
   * is wrong with what another process has deleted meanwhile.
   *
   * @param limit how many are read. @default all
   */
  of(runId: string, from: number, limit?: number): readonly StoredEntry[] {
    const { version } = this.#lineages
    try {
      return this.#read(runId, from, limit)
    } catch (thrown) {
      const head = this.#run.get(runId)
      this.#refuseErased(runId, head)
      if (head === undefined) return []
      if (this.#lineages.version === version) throw thrown
      return this.#read(runId, from, limit)
    }
  }

  #read(runId: string, from: number, limit = ALL): readonly StoredEntry[] {
    const head = this.#run.get(runId)
    this.#refuseErased(runId, head)
    if (head === undefined) return []
    const reading = { runId, cipher: this.#lineages.of(head.lineage_id) }
    // The one before is where the chain goes on.
    const records = this.#select.all(head.run, Math.max(0, from - 1), from > 0 && limit !== ALL ? limit + 1 : limit)
    const before = from > 0 ? records.shift() : undefined
    if (before && before.seq !== from - 1) throw this.#damaged(runId, from - 1, 'it is missing')
    let hash = before ? fromHex(before.hash) : chainStart(runId)
    return records.map((record, index) => {
      const seq = from + index
      if (record.seq !== seq) throw this.#damaged(runId, seq, 'it is missing')
      const entry = this.#decode(reading, record)
      hash = chainNext(reading.cipher, hash, entry)
      if (inHex(hash) !== record.hash) throw this.#damaged(runId, seq, 'its hash does not hold')
      return entry
    })
  }

  /** A run that is not in this database may have been erased from a newer one. */
  #refuseErased(runId: string, head: RunHead | undefined): void {
    if (head && head.erased_at !== null) {
      if (head.erased_by === null) throw isGoing(this.#path, runId)
      throw wasErased(runId, { at: head.erased_at, by: head.erased_by })
    }
    const erased = head ? undefined : this.#lineages.erasure(runId)
    if (erased) throw wasErased(runId, erased)
  }

  #decode(reading: Reading, { seq, key, kind: code, attempt, at, body }: EntryRecord): StoredEntry {
    const kind = kindOf(code)
    if (kind === undefined) throw this.#damaged(reading.runId, seq, `no kind of entry has the number ${code}`)
    const text = this.#text(reading, seq, body)
    return { seq, key, kind, attempt, at, text, digest: digest(text) }
  }

  #text({ runId, cipher }: Reading, seq: number, body: Stored): string {
    try {
      return decodeBody(cipher.open(body, runId, seq), (address) => this.#blobText(cipher, address))
    } catch (thrown) {
      throw this.#damaged(runId, seq, `its body cannot be put together (${messageOf(thrown)})`)
    }
  }

  #blobText(cipher: Cipher, address: Digest): string {
    const bytes = this.#blob.get(address)
    if (bytes === undefined) throw new Error(`no blob ${address}`)
    return cipher.open(bytes, BLOBS, address)
  }

  #damaged(runId: string, seq: number, what: string): Error {
    return problem(
      'store_corrupt',
      this.#path,
      `has a damaged journal of run "${runId}": entry ${seq} is not what was written, ${what}`,
      'Restore the store from a backup; its other runs can still be read.',
      { runId, seq },
    )
  }
}

function inHex(hash: Digest): string {
  return Buffer.from(hash, 'base64url').toString('hex')
}

function fromHex(hash: string): Digest {
  // It was a digest when it was written; where it is none by now, the next entry's hash does not hold.
  return Buffer.from(hash, 'hex').toString('base64url')
}
