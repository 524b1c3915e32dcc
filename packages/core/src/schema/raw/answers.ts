/** What is known of one part of a value. */
interface Entry<Answer> {
  answer: Answer
  /** The level of the outermost open question that the answer hangs on; Infinity where it hangs on none. */
  hangsOn: number
  /** Whether it came up again within itself while it was open. */
  isInItself: boolean
  readonly forget: () => void
}

/**
 * Remembers answers to questions about the parts of one value, so that each is found once. Where a question comes up again
 * within itself an answer is assumed, and what was found by an assumption that proves wrong is forgotten.
 */
export class Answers<Answer> {
  readonly #known = new Map<unknown, Map<unknown, Entry<Answer>>>()
  readonly #assumed: Answer
  readonly #isAsAssumed: (answer: Answer) => boolean
  readonly #hanging: Entry<Answer>[] = []
  #level = 0
  #hangsOn = Infinity

  /**
   * @param assumed the answer to a question within itself.
   * @param isAsAssumed whether an answer bears the assumption out.
   */
  constructor(assumed: Answer, isAsAssumed: (answer: Answer) => boolean) {
    this.#assumed = assumed
    this.#isAsAssumed = isAsAssumed
  }

  /** Gives what is known of a schema and a value, or finds it. */
  ask(schema: unknown, value: unknown, find: () => Answer): Answer {
    const answers = this.#known.get(schema) ?? new Map<unknown, Entry<Answer>>()
    this.#known.set(schema, answers)
    const known = answers.get(value)
    if (known) {
      known.isInItself = true
      this.#hangsOn = Math.min(this.#hangsOn, known.hangsOn)
      return known.answer
    }
    const entry: Entry<Answer> = {
      answer: this.#assumed,
      hangsOn: ++this.#level,
      isInItself: false,
      forget: () => answers.delete(value),
    }
    answers.set(value, entry)
    const before = [this.#hangsOn, this.#hanging.length] as const
    this.#hangsOn = Infinity
    entry.answer = find()
    this.#close(entry, ...before)
    return entry.answer
  }

  #close(entry: Entry<Answer>, hungOn: number, first: number): void {
    const hangsOn = this.#hangsOn < entry.hangsOn ? this.#hangsOn : Infinity
    if (entry.isInItself && !this.#isAsAssumed(entry.answer))
      for (const inner of this.#hanging.splice(first)) inner.forget()
    if (hangsOn === Infinity) for (const inner of this.#hanging.splice(first)) inner.hangsOn = Infinity
    else this.#hanging.push(entry)
    entry.hangsOn = hangsOn
    this.#hangsOn = Math.min(hungOn, hangsOn)
    this.#level--
  }
}
