import type { NewRun } from '@reprise/core'
import type { Queryable } from './database.ts'
import type { Tables } from './tables.ts'

/** The turns that sessions have: a run begins as none of them. */
export class SessionTurns {
  readonly #taken: Set<string>

  private constructor(taken: readonly Turn[]) {
    this.#taken = new Set(taken.map(placeOf))
  }

  /**
   * Looks which turns there are of those that runs are to begin as. Where another transaction begins one meanwhile, the index
   * refuses the second, and its transaction is made again.
   */
  static async of(tx: Queryable, { runs }: Tables, created: readonly NewRun[]): Promise<SessionTurns> {
    const wanted = created.flatMap((row) => turnOf(row) ?? [])
    if (wanted.length === 0) return new SessionTurns([])
    const taken = await tx.query<Turn>(
      `select session_id as "sessionId", turn from ${runs}
        where (session_id, turn) in (select * from unnest($1::text[], $2::bigint[]))`,
      [wanted.map(({ sessionId }) => sessionId), wanted.map(({ turn }) => turn)],
    )
    return new SessionTurns(taken)
  }

  has(row: NewRun): boolean {
    const turn = turnOf(row)
    return turn !== undefined && this.#taken.has(placeOf(turn))
  }

  /** Notes one that this transaction begins. */
  add(row: NewRun): void {
    const turn = turnOf(row)
    if (turn) this.#taken.add(placeOf(turn))
  }
}

interface Turn {
  readonly sessionId: string
  readonly turn: number
}

function turnOf({ sessionId = null, turn = null }: NewRun): Turn | undefined {
  return sessionId === null || turn === null ? undefined : { sessionId, turn }
}

function placeOf({ sessionId, turn }: Turn): string {
  return `${turn} ${sessionId}`
}
