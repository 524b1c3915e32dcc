import { digest, messageOf } from '@reprise/core'
import type { Digest, SealedEntry } from '@reprise/core'
import { chainNext, chainStart } from '../chain.ts'
import { decodeBody } from '../codec.ts'
import { kindOf } from '../kinds.ts'
import type { SqliteDatabase } from './database.ts'
import { problem } from './errors.ts'

interface EntryRecord {
  readonly seq: number
  readonly key: string
  readonly kind: number
  readonly attempt: number
  readonly at: number
  readonly body: string
  readonly hash: Buffer
}

/** Reads runs' journals and holds each entry against the hash chain (fault 17). */
export class Entries {
  readonly #path: string
  readonly #select
  readonly #blob

  constructor(db: SqliteDatabase, path: string) {
    this.#path = path
    this.#select = db.prepare<[runId: string], EntryRecord>(
      `select seq, key, entries.kind, attempt, at, body, hash from entries join runs using (run)
        where runs.id = ? order by seq`,
    )
    this.#blob = db.prepare<[address: Digest], Buffer>('select bytes from blobs where address = ?').pluck()
  }

  /** As the store's `entries`. */
  of(runId: string): readonly SealedEntry[] {
    let hash = chainStart(runId)
    return this.#select.all(runId).map((record, seq) => {
      if (record.seq !== seq) throw this.#damaged(runId, seq, 'it is missing')
      const entry = this.#decode(runId, record)
      hash = chainNext(hash, entry)
      if (hash !== record.hash.toString('base64url')) throw this.#damaged(runId, seq, 'its hash does not hold')
      return entry
    })
  }

  #decode(runId: string, { seq, key, kind: code, attempt, at, body }: EntryRecord): SealedEntry {
    const kind = kindOf(code)
    if (kind === undefined) throw this.#damaged(runId, seq, `no kind of entry has the number ${code}`)
    const text = this.#text(runId, seq, body)
    return { seq, key, kind, attempt, at, text, digest: digest(text) }
  }

  #text(runId: string, seq: number, body: string): string {
    try {
      return decodeBody(body, (address) => this.#blobText(address))
    } catch (thrown) {
      throw this.#damaged(runId, seq, `its body cannot be put together (${messageOf(thrown)})`)
    }
  }

  #blobText(address: Digest): string {
    const bytes = this.#blob.get(address)
    if (bytes === undefined) throw new Error(`no blob ${address}`)
    return bytes.toString()
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
