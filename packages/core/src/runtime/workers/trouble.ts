import type { DefinitionRef } from '../../contracts/entry.ts'

type Named = Pick<DefinitionRef, 'kind' | 'name'>

/** After how many runs in a row that could not be brought further a definition is in trouble. */
const MOST_FAILURES = 5

/** One look of so many begins with a run of a definition in trouble. */
const TURN = 4

/** What a worker asks for in one take. */
export interface Ask {
  readonly definitions: readonly Named[]
  readonly limit: number
  readonly order?: 'newest' | 'oldest'
}

/**
 * Which of a worker's definitions have runs that cannot be brought further, one after the other, as after a deploy that
 * goes another way: the runs of the others, and new ones of their own, are not to wait behind thousands of them.
 */
export class Trouble {
  readonly #failures = new Map<string, number>()
  #looks = 0

  /** Takes note of whether a run of a definition could be brought further. */
  note(run: Named, isFurther: boolean): void {
    const key = keyOf(run)
    if (isFurther) this.#failures.delete(key)
    else this.#failures.set(key, (this.#failures.get(key) ?? 0) + 1)
  }

  /**
   * What to ask for, one after the other, until there is no room left: first the runs of sound definitions, and then
   * those of the others, by turns the newest and the most urgent of them. Now and then it is the other way round, with one
   * run.
   */
  asks(definitions: readonly Named[], room: number): readonly Ask[] {
    const inTrouble = definitions.filter((definition) => (this.#failures.get(keyOf(definition)) ?? 0) >= MOST_FAILURES)
    if (inTrouble.length === 0) return [{ definitions, limit: room }]
    const look = this.#looks++
    const rest: Ask = { definitions: inTrouble, limit: room, ...(look % 2 === 0 && { order: 'newest' }) }
    if (inTrouble.length === definitions.length) return [rest]
    const sound = { definitions: definitions.filter((definition) => !inTrouble.includes(definition)), limit: room }
    return look % TURN < 1 ? [{ ...rest, limit: 1 }, sound, rest] : [sound, rest]
  }
}

function keyOf({ kind, name }: Named): string {
  return `${kind} ${name}`
}
