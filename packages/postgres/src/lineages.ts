import type { RunRow } from '@reprise/core'
import { PLAIN } from '@reprise/format'
import type { Cipher } from '@reprise/format'
import type { MasterKey } from '@reprise/format/keys'
import type { Database } from './database.ts'

/** The keys by which a store wraps, the one for new lineages first; undefined for a store that is not encrypted. */
export type MasterKeys = readonly [MasterKey, ...MasterKey[]] | undefined

/** What a store knows of its lineages apart from their data: how each is kept, and which were erased. */
export class Lineages {
  readonly #masters: MasterKeys

  /** @param keys the database of the keys and erasures, which may be that of the journal. */
  constructor(_keys: Database, masters: MasterKeys) {
    this.#masters = masters
  }

  /** Whether the store is encrypted. */
  get encrypted(): boolean {
    return this.#masters !== undefined
  }

  /** Makes the keys of the lineages of runs that begin, where they have none; before the transaction that begins them. */
  make(_runs: readonly Pick<RunRow, 'id' | 'lineageId'>[]): Promise<void> {
    return Promise.resolve()
  }

  /** How lineages are kept, by their ids; those that were erased, or whose keys are gone, are not in it. */
  find(lineageIds: readonly string[]): Promise<ReadonlyMap<string, Cipher>> {
    return Promise.resolve(new Map(lineageIds.map((id) => [id, PLAIN])))
  }
}
