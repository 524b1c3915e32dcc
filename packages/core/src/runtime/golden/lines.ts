/** A line of a file, without its line feed. */
export interface Line {
  /** From 1. */
  readonly number: number
  readonly text: string
}

/** Cuts text that comes in pieces, wherever these end, into lines. Empty ones are counted, and left out. */
export class Lines {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  #rest: string[] = []
  #count = 0

  /**
   * @returns the lines that are whole by now.
   * @throws TypeError when bytes are no UTF-8.
   */
  push(piece: string | Uint8Array): readonly Line[] {
    const text = typeof piece === 'string' ? piece : this.#decoder.decode(piece, { stream: true })
    const [first = '', ...others] = text.split('\n')
    this.#rest.push(first)
    const last = others.pop()
    if (last === undefined) return []
    const whole = [this.#rest.join(''), ...others]
    this.#rest = [last]
    return whole.flatMap((text) => this.#line(text))
  }

  /** The last line, where it has no line feed. */
  end(): readonly Line[] {
    const text = this.#rest.join('') + this.#decoder.decode()
    this.#rest = []
    return text === '' ? [] : this.#line(text)
  }

  #line(text: string): readonly Line[] {
    this.#count += 1
    // Editors of some systems begin a file with a mark.
    const own = this.#count === 1 && text.startsWith(`\uFEFF`) ? text.slice(1) : text
    return own.trim() === '' ? [] : [{ number: this.#count, text: own }]
  }
}
