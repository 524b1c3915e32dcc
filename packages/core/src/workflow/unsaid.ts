// What code asks of ctx and no entry of its own says: ids, random numbers, signals to receive, the item of a branch. The
// next entry of the same scope says it along, so that a replay finds where it is another.
import { findUnjson } from '../values/json.ts'
import { digest } from '../values/digest.ts'
import { sortedJson } from '../values/sorted-json.ts'

/** The most characters that are said as they are. */
const LONGEST = 80

/** How many characters of a digest tell two items apart. */
const DIGITS = 16

/** What was asked in one scope since the last entry that says so. */
export class Unsaid {
  /** What the scope around it had asked, until an entry has said it. */
  #before: string
  /** The latest of each kind and name: its number says how many there were. */
  readonly #asked = new Map<string, string>()

  /** @param before what the scope around it had asked when this one began. */
  constructor(before = '') {
    this.#before = before
  }

  /** Takes note of one more. */
  add(base: string, asked: string): void {
    this.#asked.set(base, asked)
  }

  /** All of it, as an entry says it; '' where there is nothing. */
  get text(): string {
    const all = [this.#before, ...this.#asked.values()].filter((part) => part !== '').join(' ')
    return all.length <= LONGEST ? all : digest(all)
  }

  /** What was asked in this scope itself. */
  get own(): string {
    return [...this.#asked.values()].join(' ')
  }

  /** Gives all of it to an entry that says it. */
  take(): string {
    const { text } = this
    this.#before = ''
    this.#asked.clear()
    return text
  }
}

/** What a body says of it. */
export function said(after: string): { readonly after?: string } {
  return after === '' ? {} : { after }
}

/** Says an item that a branch is begun for; '' where that is no plain JSON, which may be other each time. */
export function sayItem(item: unknown): string {
  return findUnjson(item) ? '' : `item:${digest(sortedJson(item)).slice(0, DIGITS)}`
}
