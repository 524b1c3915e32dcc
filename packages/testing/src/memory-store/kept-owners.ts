// The owners of runs as the memory store keeps them: how far each has beaten, and whether it has lost a run.

interface Owner {
  readonly beat: number
  /** Another number, which there never was, once a run was taken from it. */
  readonly lost: number
}

/** The owners that have runs, and those that beat. */
export class KeptOwners {
  readonly #owners = new Map<string, Owner>()
  #lost = 0

  has(name: string): boolean {
    return this.#owners.has(name)
  }

  /** How far an owner has beaten; 0 where it never did. */
  beatOf(name: string): number {
    return this.#owners.get(name)?.beat ?? 0
  }

  /**
   * Hears a beat. Those that have no run any more make room for an owner that comes.
   *
   * @param active gives the owners that have runs which have not ended.
   * @returns a number that is another one once a run was taken from this owner.
   */
  beats(name: string, beat: number, active: () => ReadonlySet<string | null>): number {
    const known = this.#owners.get(name)
    const lost = known?.lost ?? ++this.#lost
    this.#owners.set(name, { beat, lost })
    if (known) return lost
    const busy = active()
    for (const other of this.#owners.keys()) if (other !== name && !busy.has(other)) this.#owners.delete(other)
    return lost
  }

  /** A run was taken from this owner. */
  loses(name: string): void {
    const owner = this.#owners.get(name)
    if (owner) this.#owners.set(name, { ...owner, lost: ++this.#lost })
  }
}
