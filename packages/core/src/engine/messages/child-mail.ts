// Which messages of children leave the inbox with which write. Both sessions hold one, and tell it what they hear and
// write; it speaks to their journal writer alone. It keeps invariant 8: a message is consumed in the commit that has
// what came of it, so that it is there for whoever takes the run up before.
import type { JournalWriter } from '../journal-writer.ts'
import { isFrom } from './parent-message.ts'

/**
 * The messages of children that have ended. What wakes a run for a child leaves the inbox together with what came of
 * it: until then, whoever takes the run up is woken.
 */
export class ChildMail {
  readonly #writer: JournalWriter
  readonly #marks = new Set<string>()

  constructor(writer: JournalWriter) {
    this.#writer = writer
  }

  /** Takes note of a message, by its mark in the inbox. */
  add(mark: string): void {
    this.#marks.add(mark)
  }

  /** Takes messages out of the inbox with the next write: those of the child that was begun at a key, or all. */
  consume(key?: string): void {
    for (const mark of this.#marks) {
      if (key !== undefined && !isFrom(key, mark)) continue
      this.#marks.delete(mark)
      this.#writer.consume(mark)
    }
  }
}
