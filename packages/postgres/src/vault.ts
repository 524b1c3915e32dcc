/** Who erased a lineage, and when, in milliseconds since 1970. */
export interface Erased {
  readonly at: number
  readonly by: string
}

/** A lineage that was erased. */
export interface ErasedLineage extends Erased {
  readonly lineage: string
}

/** The key of one lineage as a vault keeps it. */
export interface VaultKey {
  readonly lineage: string
  /** What tells it from a key that the lineage had before, or will have: the rows of its runs name it. */
  readonly id: string
  /** The id of the master key that has wrapped it. */
  readonly master: string
  readonly wrapped: Uint8Array
}

/** What a vault has, as of one moment. */
export interface VaultLook {
  /** The ids of the master keys by which something is wrapped. */
  readonly masters: readonly string[]
  /** The keys of those lineages that were asked for, and have one. */
  readonly keys: readonly VaultKey[]
  /** Those of the lineages that were erased: they have no key, and get none. */
  readonly erased: readonly ErasedLineage[]
}

/**
 * Keeps what must not come back with a restored journal: the wrapped key of each lineage, or, in its place, that it was
 * erased. It never sees a key that is not wrapped. Each method does all that it says at one moment, or nothing, and what it
 * has done survives as long as the journal does: what a lost key has encrypted is lost.
 */
export interface Vault {
  /** What ties it to its store: the same for good, and that of no other vault. */
  id(): Promise<string>

  /** What it has of some lineages. */
  look(lineages: readonly string[]): Promise<VaultLook>

  /**
   * Keeps those keys whose lineages have none and were not erased, and notes their master key; with no keys it only notes
   * that. Nothing is kept or noted where something is wrapped by a master key that is not among `known`.
   *
   * @returns what it has of the lineages then.
   */
  keep(keys: readonly VaultKey[], master: string, known: readonly string[]): Promise<VaultLook>

  /** The keys that a master key has wrapped, by their lineages, after one of them: no more than `limit`. */
  wrappedBy(master: string, after: string, limit: number): Promise<readonly VaultKey[]>

  /** Puts keys in the place of those of the same lineage and id that `from` has wrapped, and leaves all others. */
  replace(keys: readonly VaultKey[], from: string): Promise<void>

  /** Forgets a master key; false, and it is not forgotten, where a key is still wrapped by it. */
  retire(master: string): Promise<boolean>

  /** Deletes keys, each by its lineage and its id. */
  drop(keys: readonly Pick<VaultKey, 'lineage' | 'id'>[]): Promise<void>

  /**
   * Deletes a lineage's key, and notes for good that it was erased.
   *
   * @returns who erased it first.
   */
  destroy(lineage: string, erased: Erased): Promise<Erased>

  /** All lineages that were erased: a journal that was restored may still hold them. */
  erased(): Promise<readonly ErasedLineage[]>

  /**
   * Keeps the highest mark that it was told of a history of the journal; 0 only asks. By it a journal of an earlier moment is
   * noticed; a vault without this method notices none.
   *
   * @returns the highest one; 0 where it was told none.
   */
  mark?(history: string, mark: number): Promise<number>
}
