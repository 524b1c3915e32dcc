import { PROGRESS } from '@reprise/core'
import type { RunRow, Taker } from '@reprise/core'
import type { AllKept } from './all-kept.ts'
import type { Kept } from './kept-run.ts'

/** Gives runs to owners, and hears these. */
export class Claims {
  readonly #kept: AllKept

  constructor(kept: AllKept) {
    this.#kept = kept
  }

  give(kept: Kept, { owner, heartbeat }: Taker): RunRow {
    const { row } = kept
    if (row.owner !== null) this.#kept.owners.loses(row.owner)
    this.hear(owner, heartbeat)
    const progress = this.#progressOf(kept)
    const again = (row.owner !== null || kept.counted) && kept.taken === progress
    kept.taken = progress
    kept.counted = false
    kept.row = { ...row, owner, epoch: row.epoch + 1, attempts: again ? row.attempts + 1 : 1 }
    return kept.row
  }

  /** As the store's `heartbeat`. */
  hear(owner: string, beat: number): number {
    const active = (): Set<string | null> =>
      new Set(this.#kept.all.flatMap(({ row }) => (row.endedAt === null ? row.owner : [])))
    return this.#kept.owners.beats(owner, beat, active)
  }

  /** The beat of a run's owner; null where it has none. */
  beatOf({ owner }: RunRow): number | null {
    return owner === null ? null : this.#kept.owners.beatOf(owner)
  }

  /** How many entries that got it further a run and those below it have. */
  #progressOf({ row, entries }: Kept): number {
    const own = entries.filter(({ kind }) => PROGRESS.has(kind)).length
    const children = this.#kept.all.filter((kept) => kept.row.parentId === row.id)
    return children.reduce((sum, child) => sum + this.#progressOf(child), own)
  }
}
