import type { Erased, ErasedLineage, Vault, VaultKey, VaultLook } from './vault.ts'

/** A vault as somebody else might make one. */
export class MapVault implements Vault {
  readonly keys = new Map<string, VaultKey>()
  readonly #masters = new Set<string>()
  readonly #erased = new Map<string, ErasedLineage>()
  readonly #marks = new Map<string, number>()

  async id(): Promise<string> {
    return 'map'
  }

  async look(lineages: readonly string[]): Promise<VaultLook> {
    return {
      masters: [...this.#masters],
      keys: lineages.flatMap((lineage) => this.keys.get(lineage) ?? []),
      erased: lineages.flatMap((lineage) => this.#erased.get(lineage) ?? []),
    }
  }

  async keep(keys: readonly VaultKey[], master: string, known: readonly string[]): Promise<VaultLook> {
    if ([...this.#masters].every((id) => known.includes(id))) {
      this.#masters.add(master)
      for (const key of keys)
        if (!this.keys.has(key.lineage) && !this.#erased.has(key.lineage)) this.keys.set(key.lineage, key)
    }
    return this.look(keys.map(({ lineage }) => lineage))
  }

  async wrappedBy(master: string, after: string, limit: number): Promise<readonly VaultKey[]> {
    const found = [...this.keys.values()].filter((key) => key.master === master && key.lineage > after)
    return found.toSorted((a, b) => (a.lineage < b.lineage ? -1 : 1)).slice(0, limit)
  }

  async replace(keys: readonly VaultKey[], from: string): Promise<void> {
    for (const key of keys) {
      const old = this.keys.get(key.lineage)
      if (old?.id === key.id && old.master === from) this.keys.set(key.lineage, key)
    }
  }

  async retire(master: string): Promise<boolean> {
    if ([...this.keys.values()].some((key) => key.master === master)) return false
    this.#masters.delete(master)
    return true
  }

  async drop(keys: readonly Pick<VaultKey, 'lineage' | 'id'>[]): Promise<void> {
    for (const { lineage, id } of keys) if (this.keys.get(lineage)?.id === id) this.keys.delete(lineage)
  }

  async destroy(lineage: string, erased: Erased): Promise<Erased> {
    this.keys.delete(lineage)
    const { at, by } = this.#erased.get(lineage) ?? erased
    this.#erased.set(lineage, { lineage, at, by })
    return { at, by }
  }

  async erased(): Promise<readonly ErasedLineage[]> {
    return [...this.#erased.values()]
  }

  async mark(history: string, mark: number): Promise<number> {
    const kept = Math.max(mark, this.#marks.get(history) ?? 0)
    this.#marks.set(history, kept)
    return kept
  }
}
