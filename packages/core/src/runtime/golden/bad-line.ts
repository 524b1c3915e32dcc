import { sayGiven } from '../../define/argument.ts'
import { cut } from '../../values/cut.ts'
import { DefinitionError } from '../../values/errors.ts'
import { isMoment } from '../../values/moment.ts'

/** The longest text of others that is shown. */
const LONGEST = 200

/**
 * Says what is wrong with a golden file, and in which line.
 *
 * @param what the value that is wrong, by its name: a sentence.
 * @param expected what it must be, or what to do: whole sentences.
 */
export function badLine(line: number, what: string, expected: string): DefinitionError {
  return new DefinitionError({
    code: 'bad_golden',
    message: `Line ${line} of the golden file cannot be taken: ${cut(what, LONGEST)}. ${expected}`,
    details: { line },
  })
}

/** Reads the members of a line: each is what it must be, or the line is refused. */
export class Members {
  readonly line: number
  readonly #members: Readonly<Record<string, unknown>>

  /** @param names all that it may have. */
  constructor(line: number, members: Readonly<Record<string, unknown>>, names: readonly string[]) {
    this.line = line
    this.#members = members
    const unknown = Object.keys(members).find((name) => !names.includes(name))
    if (unknown !== undefined)
      throw badLine(line, `it has "${unknown}"`, `A line of its kind has ${names.join(', ')}. Export the run again.`)
  }

  /** A member as it is. */
  of(name: string): unknown {
    return Object.hasOwn(this.#members, name) ? this.#members[name] : undefined
  }

  /** A member that passes a check. */
  take<T>(name: string, fits: (value: unknown) => value is T, expected: string): T {
    const value = this.of(name)
    if (fits(value)) return value
    throw badLine(this.line, `"${name}" is ${sayGiven(value)}`, `It must be ${expected}.`)
  }

  /** One of a few words. */
  word<const T extends string>(name: string, words: readonly T[]): T {
    const isOne = (value: unknown): value is T => words.includes(value as T)
    return this.take(name, isOne, `one of ${words.join(', ')}`)
  }

  /** A whole number, from `least` on. */
  whole(name: string, least: number): number {
    const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= least
    return this.take(name, isWhole, `a whole number, ${least} or more`)
  }

  /** A moment in milliseconds since 1970. */
  moment(name: string): number {
    const isTime = (value: unknown): value is number => typeof value === 'number' && isMoment(value)
    return this.take(name, isTime, 'a whole number of milliseconds since 1970')
  }
}
