import { messageOf, StoreError } from '@reprise/core'
import type { ErasureWord, RunRow } from '@reprise/core'
import { PLAIN } from '@reprise/format'
import type { Cipher } from '@reprise/format'
import type { LineageKey, MasterKey } from '@reprise/format/keys'
import type { DatabaseConstructor } from './database.ts'
import { problem } from './errors.ts'
import { hasKeyFile, KeyFile, keyPath } from './key-file.ts'
import type { Erased, WrappedKey } from './key-file.ts'

/** How many unwrapped keys are kept at hand. */
const MAX_KNOWN = 10_000

/** The keys by which a store wraps, the one for new lineages first; undefined for a store that is not encrypted. */
export type MasterKeys = readonly [MasterKey, ...MasterKey[]] | undefined

/** A key that was unwrapped: it is the lineage's as long as what stands in the file is what it was unwrapped from. */
interface KnownKey {
  readonly key: LineageKey
  readonly wrapped: Buffer
  /** Of the keys file, when that was last looked at. */
  version: number
}

/** What a store knows of its lineages apart from their data: how each is kept, and which were erased. */
export class Lineages {
  readonly #Database: DatabaseConstructor
  readonly #path: string
  readonly #masters: MasterKeys
  readonly #known = new Map<string, KnownKey>()
  /** Of the keys file, when its master keys were last held against those given. */
  #version: number | undefined
  /** A store that is not encrypted has none until something is erased. */
  #file: KeyFile | undefined

  constructor(Database: DatabaseConstructor, path: string, masters: MasterKeys) {
    this.#Database = Database
    this.#path = path
    this.#masters = masters
  }

  /** Whether the store is encrypted. */
  get encrypted(): boolean {
    return this.#masters !== undefined
  }

  /**
   * Begins for a database that is new.
   *
   * @returns the id of its keys, by which the database knows them; null where it is not encrypted.
   * @throws StoreError when keys lie there already that are wrapped by another master key.
   */
  begin(): string | null {
    if (!this.#masters) return null
    const file = (this.#file = this.#open())
    this.#refuseOtherMasters(file, this.#masters)
    file.tie(this.#masters[0])
    return file.id
  }

  /**
   * Checks that the keys given are those of the database, and changes nothing.
   *
   * @param id of the keys that the database was begun with; null where it is not encrypted.
   * @throws StoreError saying what to do.
   */
  check(id: string | null): void {
    if (id === null) {
      if (this.#masters) throw notEncrypted(this.#path)
      if (hasKeyFile(this.#path)) this.#file = this.#open()
      return
    }
    if (!this.#masters) throw encrypted(this.#path)
    const file = (this.#file ??= this.#existing())
    if (file.id !== id) throw this.#noKeys(`${keyPath(this.#path)} belongs to another store`)
    this.#refuseOtherMasters(file, this.#masters)
  }

  /** Takes the first of the keys for all, once they are checked. */
  rotate(): void {
    const file = this.#file
    if (!this.#masters || !file) return
    const [first, ...old] = this.#masters
    const masters = file.masters()
    const others = old.filter((key) => key.id !== first.id && masters.includes(key.id))
    if (others.length > 0) file.rotate(first, others)
  }

  /** Makes the keys of the lineages of runs that begin, where they have none; inside of the transaction that begins them. */
  make(runs: readonly Pick<RunRow, 'id' | 'lineageId'>[]): void {
    // A run that is the first of its lineage may follow one of the same id that was deleted, its key included.
    for (const { id, lineageId } of runs) if (id === lineageId) this.#known.delete(id)
    this.#make(runs.map(({ lineageId }) => lineageId))
  }

  /** Lets go of the keys of lineages that have no runs any more. */
  drop(lineageIds: readonly string[]): void {
    if (!this.#masters || !this.#file || lineageIds.length === 0) return
    this.#file.drop(lineageIds)
    for (const id of lineageIds) this.#known.delete(id)
  }

  /** How a lineage is kept; undefined where it was erased, or its key is gone. */
  find(lineageId: string): Cipher | undefined {
    if (this.#masters) return this.#keyOf(lineageId)
    return this.#file?.erasure(lineageId) ? undefined : PLAIN
  }

  /**
   * How a lineage is kept.
   *
   * @throws StoreError when it was erased, or its key is gone.
   */
  of(lineageId: string): Cipher {
    return this.find(lineageId) ?? this.#refuseLost(lineageId)
  }

  /**
   * The key of a lineage of an encrypted store; it is made where there is none.
   *
   * @throws StoreError when the lineage was erased.
   */
  key(lineageId: string): LineageKey {
    const known = this.#keyOf(lineageId)
    if (known) return known
    this.#make([lineageId])
    return this.#keyOf(lineageId) ?? this.#refuseLost(lineageId)
  }

  /** Who erased a lineage; undefined where nobody did. */
  erasure(lineageId: string): Erased | undefined {
    return this.#file?.erasure(lineageId)
  }

  /** All lineages that were erased: a database that was restored may still hold them. */
  erased(): readonly (Erased & { readonly lineage: string })[] {
    return this.#file?.erased() ?? []
  }

  /**
   * Destroys a lineage's key, and notes that it was erased where no backup of the data brings it back.
   *
   * @returns who erased it first.
   */
  destroy(lineageId: string, erased: Erased): Erased {
    const file = (this.#file ??= this.#open())
    file.destroy(lineageId, erased)
    this.#known.delete(lineageId)
    return file.erasure(lineageId) ?? erased
  }

  /** As the store's. */
  noteErased(words: readonly ErasureWord[]): void {
    const file = (this.#file ??= this.#open())
    file.note(words)
    for (const { lineageId } of words) this.#known.delete(lineageId)
  }

  /** A page of the lineages that were erased, in the order of their ids. */
  erasedAfter(lineageId: string, limit: number): readonly ErasureWord[] {
    return this.#file?.erasedAfter(lineageId, limit) ?? []
  }

  /** Whether there is a file beside the database. */
  get hasFile(): boolean {
    return this.#file !== undefined
  }

  /** As the file's; 0 where there is none. */
  get residue(): number {
    return this.#file?.residue ?? 0
  }

  /** As the file's, which is made where there is none. */
  soil(): void {
    this.#file ??= this.#open()
    this.#file.soil()
  }

  /** As the file's. */
  scrubbed(residue: number): void {
    this.#file?.scrubbed(residue)
  }

  close(): void {
    this.#file?.close()
  }

  /**
   * Tells by another number that another process has changed the keys.
   *
   * @throws StoreError with code `store_wrong_key` where they were wrapped anew, by a key that was not given: this process
   * can read nothing any more, and nothing is wrong with what it cannot read.
   */
  get version(): number {
    if (!this.#masters || !this.#file) return 0
    const { version } = this.#file
    if (version !== this.#version) this.#refuseOtherMasters(this.#file, this.#masters)
    this.#version = version
    return version
  }

  /** Refuses to take runs that this process cannot read. Throws what `version` throws. */
  refuseRotated(): void {
    void this.version
  }

  #make(lineageIds: readonly string[]): void {
    const [file, masters] = [this.#file, this.#masters]
    if (!file || !masters || lineageIds.length === 0) return
    const { version } = this
    const unknown = lineageIds.filter((id) => this.#known.get(id)?.version !== version)
    if (unknown.length > 0) file.make(unknown, masters[0], () => this.#refuseOtherMasters(file, masters))
  }

  /** Another process may have let go of a lineage's key, and made another for one of the same id. */
  #keyOf(lineageId: string): LineageKey | undefined {
    const { version } = this
    const known = this.#known.get(lineageId)
    if (known?.version === version) return known.key
    const found = this.#file?.find(lineageId)
    if (known && found?.wrapped.equals(known.wrapped)) {
      known.version = version
      return known.key
    }
    this.#known.delete(lineageId)
    if (!found) return undefined
    const key = this.#unwrap(found, lineageId)
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    this.#known.set(lineageId, { key, wrapped: found.wrapped, version })
    return key
  }

  #unwrap({ master: id, wrapped }: WrappedKey, lineageId: string): LineageKey {
    const masters = this.#masters ?? []
    const master = masters.find((key) => key.id === id)
    if (master === undefined)
      throw wrongKey(
        this.#path,
        id,
        masters.map((key) => key.id),
      )
    try {
      return master.unwrap(wrapped, lineageId)
    } catch (thrown) {
      throw this.#noKeys(`that of the lineage "${lineageId}" does not open: ${messageOf(thrown)}`)
    }
  }

  #refuseLost(lineageId: string): never {
    const erased = this.erasure(lineageId)
    if (erased) throw wasErased(lineageId, erased)
    throw this.#noKeys(`${keyPath(this.#path)} has none for the lineage "${lineageId}"`)
  }

  #refuseOtherMasters(file: KeyFile, masters: readonly MasterKey[]): void {
    const given = masters.map(({ id }) => id)
    const missing = file.masters().find((id) => !given.includes(id))
    if (missing !== undefined) throw wrongKey(this.#path, missing, given)
  }

  #existing(): KeyFile {
    if (hasKeyFile(this.#path)) return this.#open()
    throw this.#noKeys(`${keyPath(this.#path)} is not there`)
  }

  #open(): KeyFile {
    return new KeyFile(this.#Database, this.#path)
  }

  #noKeys(what: string): StoreError {
    return problem(
      'store_no_keys',
      this.#path,
      `is encrypted, and its keys are not to be had: ${what}`,
      'Put the keys file back that belongs to this store: without it nothing can be read.',
    )
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

function encrypted(path: string): StoreError {
  return problem(
    'store_encrypted',
    path,
    'is encrypted, and no key was given',
    'Give it: sqlite(path, { encryption: { key } }), or REPRISE_KEY on the command line.',
  )
}

function notEncrypted(path: string): StoreError {
  return problem(
    'store_not_encrypted',
    path,
    'is not encrypted, and a key was given',
    'Leave the key away. A store is encrypted from its beginning, or not at all: for an encrypted one, choose another path.',
  )
}

function wrongKey(path: string, needed: string, given: readonly string[]): StoreError {
  const were = given.length === 1 ? `the key given is ${given[0]}` : `the keys given are ${given.join(', ')}`
  return problem(
    'store_wrong_key',
    path,
    `is encrypted by the key ${needed}, and ${were}`,
    'Give that key: as `key`, or among `oldKeys` where `key` is to take its place.',
    { needed, given },
  )
}
