// Which runs came of which, as the memory store keeps it, so that what they used is added up without a look at all runs.
import { addUsed, type NewRun, NO_TOTALS, type RunRow, type Used } from '@reprise/core'

/** The runs below each run, the rounds after each first one, and the turns of sessions. */
export class Kin {
  /** By the id of the run, or of the first round. */
  readonly #below = new Map<string, Set<string>>()
  readonly #rounds = new Map<string, Set<string>>()
  readonly #turns = new Set<string>()
  readonly #rowOf: (id: string) => RunRow | undefined

  constructor(rowOf: (id: string) => RunRow | undefined) {
    this.#rowOf = rowOf
  }

  add(row: RunRow): void {
    const { id, parentId, root, round } = row
    if (row.sessionId !== null) this.#turns.add(turnOf(row))
    if (parentId !== null) addTo(this.#below, parentId, id)
    if (round > 1) addTo(this.#rounds, root, id)
  }

  delete(row: RunRow): void {
    const { id, parentId, root } = row
    if (row.sessionId !== null) this.#turns.delete(turnOf(row))
    if (parentId !== null) this.#below.get(parentId)?.delete(id)
    this.#rounds.get(root)?.delete(id)
  }

  /** Whether a session has a run that is this turn of it. */
  hasTurn({ sessionId = null, turn = null }: Pick<NewRun, 'sessionId' | 'turn'>): boolean {
    return sessionId !== null && this.#turns.has(turnOf({ sessionId, turn }))
  }

  /** A run, and all that it went on as. */
  roundsOf(id: string): readonly string[] {
    return [id, ...(this.#rounds.get(id) ?? [])]
  }

  /** Some runs that are there, and all that are below them. */
  below(ids: readonly string[]): readonly RunRow[] {
    const found = new Set(ids)
    // A set is walked to what is added on the way too.
    for (const one of found) for (const child of this.#below.get(one) ?? []) found.add(child)
    return this.#rows(found)
  }

  /** What the rounds before a run, and all runs below it and them, have used. */
  used(row: RunRow): Used {
    const came = new Set(row.round > 1 ? this.#before(row) : [])
    for (const child of this.#childrenOf(row)) came.add(child)
    // A set is walked to what is added on the way too.
    for (const one of came) for (const child of this.#childrenOf(one)) came.add(child)
    return [...came].reduce<Used>((sum, { totals }) => addUsed(sum, totals), NO_TOTALS)
  }

  #before({ root, round }: RunRow): readonly RunRow[] {
    return this.#rows([root, ...(this.#rounds.get(root) ?? [])]).filter((row) => row.round < round)
  }

  /** A workflow whose row has turns is of before 0.2: its children's are among them. */
  #childrenOf({ id, kind, totals }: RunRow): readonly RunRow[] {
    return kind === 'workflow' && totals.turns > 0 ? [] : this.#rows(this.#below.get(id) ?? [])
  }

  #rows(ids: Iterable<string>): readonly RunRow[] {
    return Array.from(ids).flatMap((id) => this.#rowOf(id) ?? [])
  }
}

function turnOf({ sessionId, turn }: Pick<RunRow, 'sessionId' | 'turn'>): string {
  return `${turn} ${sessionId}`
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  sets.set(key, (sets.get(key) ?? new Set()).add(value))
}
