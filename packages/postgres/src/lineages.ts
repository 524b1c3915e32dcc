import { randomBytes } from 'node:crypto'
import { messageOf, StoreError } from '@reprise/core'
import type { RunRow } from '@reprise/core'
import { PLAIN } from '@reprise/format'
import type { Cipher } from '@reprise/format'
import type { LineageKey, MasterKey } from '@reprise/format/keys'
import type { Queryable } from './database.ts'
import { problem } from './errors.ts'
import type { Tables } from './tables.ts'
import type { Erased, ErasedLineage, Vault, VaultKey, VaultLook } from './vault.ts'

/** The keys by which a store wraps, the one for new lineages first; undefined for a store that is not encrypted. */
export type MasterKeys = readonly [MasterKey, ...MasterKey[]] | undefined

/** How many unwrapped keys are kept at hand. */
const MAX_KNOWN = 10_000

/** The bytes of a key's id. */
const ID_BYTES = 9

/** How a lineage is kept, and the id of its key; null where it has none. */
export interface Kept {
  readonly cipher: Cipher
  readonly keyId: string | null
}

/** A run as its row says how it is kept. */
export interface KeptRun {
  readonly lineageId: string
  /** Null in a store that is not encrypted. */
  readonly keyId: string | null
}

const KEPT_PLAIN: Kept = { cipher: PLAIN, keyId: null }

/** A key that was unwrapped. It stays the same however often it is wrapped anew. */
interface KnownKey {
  readonly id: string
  readonly key: LineageKey
}

/**
 * What a store knows of its lineages apart from their data: how each is kept, and which were erased. Keys are asked for once
 * and kept at hand. That is right although other processes delete lineages and begin others of the same id: each run's row
 * names its key, and is read by whoever reads or writes the run; what is at hand counts only for the key that is named.
 */
export class Lineages {
  readonly #name: string
  readonly #vault: Vault
  readonly #masters: MasterKeys
  readonly #known = new Map<string, KnownKey>()

  /** @param name what errors call the store. */
  constructor(name: string, vault: Vault, masters: MasterKeys) {
    this.#name = name
    this.#vault = vault
    this.#masters = masters
  }

  /** Whether the store is encrypted. */
  get encrypted(): boolean {
    return this.#masters !== undefined
  }

  /** The ids of the master keys that were given; null for a store that is not encrypted. */
  get given(): readonly string[] | null {
    return this.#masters?.map(({ id }) => id) ?? null
  }

  /**
   * Refuses to go on where something is wrapped by a master key that was not given: this process cannot read all any more, and
   * nothing is wrong with what it cannot read.
   *
   * @throws StoreError with code `store_wrong_key`.
   */
  refuseOthers(masters: readonly string[]): void {
    const { given } = this
    const missing = given && masters.find((id) => !given.includes(id))
    if (typeof missing === 'string') throw wrongKey(this.#name, missing, given ?? [])
  }

  /** The same of what the journal says just then. Throws what `refuseOthers` throws. */
  async refuseRotated(from: Queryable, { meta }: Tables): Promise<void> {
    if (!this.#masters) return
    const [told] = await from.query<{ masters: readonly string[] }>(`select masters from ${meta}`)
    this.refuseOthers(told?.masters ?? [])
  }

  /**
   * Makes the keys of the lineages of runs that begin, where they have none; to be called by whoever has locked the
   * lineages, so that no key that it gives is dropped before the run is there.
   *
   * @returns how each is kept, by its id; those that were erased are not in it.
   * @throws StoreError with code `store_wrong_key`.
   */
  async make(runs: readonly Pick<RunRow, 'lineageId'>[]): Promise<ReadonlyMap<string, Kept>> {
    const ids = [...new Set(runs.map(({ lineageId }) => lineageId))]
    if (ids.length === 0) return new Map()
    const look = this.#masters ? await this.#keep(ids, this.#masters[0]) : await this.#vault.look(ids)
    const erased = new Set(look.erased.map(({ lineage }) => lineage))
    if (!this.#masters) return new Map(ids.flatMap((id) => (erased.has(id) ? [] : [[id, KEPT_PLAIN]])))
    return new Map(look.keys.map((found) => [found.lineage, this.#take(found)]))
  }

  /**
   * How runs are kept, by the ids of their lineages.
   *
   * @returns those that were erased, or whose keys are gone, are not in it.
   * @throws StoreError with code `store_wrong_key`, or `store_no_keys` where a key does not open.
   */
  async find(runs: readonly KeptRun[]): Promise<ReadonlyMap<string, Cipher>> {
    if (!this.#masters) return new Map(runs.map(({ lineageId }) => [lineageId, PLAIN]))
    const found = new Map<string, Cipher>()
    const unknown: KeptRun[] = []
    for (const run of runs) {
      const known = this.#known.get(run.lineageId)
      if (known?.id === run.keyId) found.set(run.lineageId, known.key)
      else unknown.push(run)
    }
    if (unknown.length === 0) return found
    const look = await this.#look(unknown.map(({ lineageId }) => lineageId))
    for (const key of look.keys) {
      const kept = this.#take(key)
      if (unknown.some(({ lineageId, keyId }) => lineageId === key.lineage && keyId === kept.keyId))
        found.set(key.lineage, kept.cipher)
    }
    return found
  }

  /**
   * How a run is kept.
   *
   * @throws StoreError when its lineage was erased, or its key is gone; what `find` throws.
   */
  async of(run: KeptRun): Promise<Cipher> {
    return (await this.find([run])).get(run.lineageId) ?? this.#refuseLost(run.lineageId)
  }

  /**
   * The key that a lineage has now; it is made where there is none.
   *
   * @throws StoreError when the lineage was erased.
   */
  async key(lineageId: string): Promise<{ readonly key: LineageKey; readonly keyId: string }> {
    if (!this.#masters) throw new Error('only called of a store that is encrypted')
    const look = await this.#keep([lineageId], this.#masters[0])
    const found = look.keys[0]
    if (!found) return this.#refuseLost(lineageId)
    this.#take(found)
    const known = this.#known.get(lineageId)
    return known ? { key: known.key, keyId: known.id } : this.#refuseLost(lineageId)
  }

  /** Lets go of keys whose lineages have no runs any more. */
  async drop(keys: readonly Pick<VaultKey, 'lineage' | 'id'>[]): Promise<void> {
    if (keys.length > 0) await this.#vault.drop(keys)
  }

  /** Destroys a lineage's key, and notes that it was erased where no backup of the data brings it back; gives who did so first. */
  async destroy(lineageId: string, erased: Erased): Promise<Erased> {
    this.#known.delete(lineageId)
    return this.#vault.destroy(lineageId, erased)
  }

  /** All lineages that were erased: a journal that was restored may still hold them. */
  erased(): Promise<readonly ErasedLineage[]> {
    return this.#vault.erased()
  }

  /** Who erased a lineage; undefined where nobody did. */
  async erasure(lineageId: string): Promise<Erased | undefined> {
    const { erased } = await this.#vault.look([lineageId])
    return erased[0]
  }

  async #keep(lineages: readonly string[], master: MasterKey): Promise<VaultLook> {
    const given = this.given ?? []
    // What is there already is only looked at: most runs begin in a lineage of others, or after their secrets.
    const before = await this.#look(lineages)
    const missing = lineages.filter((id) => ![...before.keys, ...before.erased].some(({ lineage }) => lineage === id))
    if (missing.length === 0) return before
    const keys = missing.map((lineage) => ({
      lineage,
      id: randomBytes(ID_BYTES).toString('base64url'),
      master: master.id,
      wrapped: master.make(lineage),
    }))
    const after = await this.#vault.keep(keys, master.id, given)
    this.refuseOthers(after.masters)
    return { ...after, keys: [...before.keys, ...after.keys], erased: [...before.erased, ...after.erased] }
  }

  async #look(lineages: readonly string[]): Promise<VaultLook> {
    const look = await this.#vault.look(lineages)
    this.refuseOthers(look.masters)
    return look
  }

  /** Keeps a key at hand. */
  #take(found: VaultKey): Kept {
    const known = this.#known.get(found.lineage)
    if (known?.id === found.id) return { cipher: known.key, keyId: known.id }
    const key = this.#unwrap(found)
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    this.#known.set(found.lineage, { id: found.id, key })
    return { cipher: key, keyId: found.id }
  }

  #unwrap({ master: id, wrapped, lineage }: VaultKey): LineageKey {
    const master = this.#masters?.find((key) => key.id === id)
    if (master === undefined) throw wrongKey(this.#name, id, this.given ?? [])
    try {
      return master.unwrap(Buffer.from(wrapped), lineage)
    } catch (thrown) {
      throw this.#noKeys(`that of the lineage "${lineage}" does not open: ${messageOf(thrown)}`)
    }
  }

  async #refuseLost(lineageId: string): Promise<never> {
    const erased = await this.erasure(lineageId)
    if (erased) throw wasErased(lineageId, erased)
    throw this.#noKeys(`the vault has none for the lineage "${lineageId}"`)
  }

  #noKeys(what: string): StoreError {
    return noKeys(this.#name, what)
  }
}

/** Says of a run that it was erased. */
export function wasErased(runId: string, { at, by }: Erased): StoreError {
  return new StoreError({
    code: 'run_erased',
    message: `The run "${runId}" was erased by ${by} on ${new Date(at).toISOString().slice(0, 10)}: what it held cannot be read again.`,
    details: { runId, by, at },
  })
}

/** Says that what a store is encrypted by is not to be had. */
export function noKeys(name: string, what: string): StoreError {
  return problem(
    'store_no_keys',
    name,
    `is encrypted, and its keys are not to be had: ${what}`,
    'Give the database of the keys that belongs to this store: without it nothing can be read.',
  )
}

/** Says which master key is lacking. */
export function wrongKey(name: string, needed: string, given: readonly string[]): StoreError {
  const were = given.length === 1 ? `the key given is ${given[0]}` : `the keys given are ${given.join(', ')}`
  return problem(
    'store_wrong_key',
    name,
    `is encrypted by the key ${needed}, and ${were}`,
    'Give that key: as `key`, or among `oldKeys` where `key` is to take its place.',
    { needed, given },
  )
}
