import { factLineage } from '@reprise/core'
import type { FactScope, NewRun } from '@reprise/core'
import { PLAIN } from '@reprise/format'
import type { Cipher } from '@reprise/format'
import type { Kept, Lineages } from './lineages.ts'
import { lineageOf } from './schedule-rows.ts'
import type { Standing } from './standings.ts'

/** How the lineages of runs are kept that a transaction writes to, or leaves messages for. */
export class Ciphers {
  /** By the ids of lineages, of runs that stand. */
  readonly #found: ReadonlyMap<string, Cipher>
  /** By the ids of lineages, of runs that begin. */
  readonly #made: ReadonlyMap<string, Kept>

  private constructor(found: ReadonlyMap<string, Cipher>, made: ReadonlyMap<string, Kept>) {
    this.#found = found
    this.#made = made
  }

  /**
   * Asks for those of runs that are locked.
   *
   * @param made how the lineages of the runs are kept that begin.
   */
  static async of(
    lineages: Lineages,
    standings: Iterable<Standing>,
    made: ReadonlyMap<string, Kept>,
  ): Promise<Ciphers> {
    return new Ciphers(await lineages.find([...standings]), made)
  }

  /** How the lineage of a run is kept; undefined where it was erased, or its key is gone. */
  of({ lineageId }: Pick<Standing, 'lineageId'>): Cipher | undefined {
    return this.#found.get(lineageId) ?? this.#made.get(lineageId)?.cipher
  }

  /** How the lineage of a run is kept that begins; undefined where it was erased. */
  ofNew({ lineageId }: NewRun): Kept | undefined {
    return this.#made.get(lineageId)
  }

  /** How a scope is kept of which a fact is written. */
  ofFacts(scope: FactScope): Kept | undefined {
    return this.#made.get(factLineage(scope))
  }

  /** How a schedule is kept that is moved on. */
  ofSchedule(name: string): Kept | undefined {
    return this.#made.get(lineageOf(name))
  }
}

/** How a run is kept that is nobody's yet: in a store that is not encrypted, all are kept so. */
export function plainIn(lineages: Lineages): Cipher | undefined {
  return lineages.encrypted ? undefined : PLAIN
}
