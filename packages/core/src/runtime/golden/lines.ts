import { badLine } from './bad-line.ts'

/** A line of a file, without its line feed. */
export interface Line {
  /** From 1. */
  readonly number: number
  readonly text: string
}

const BLANK = /^\s*$/

/** Cuts text that comes in pieces, wherever these end, into lines. Empty ones are counted, and left out. */
export class Lines {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  #rest = ''
  #count = 0

  /**
   * @returns the lines that are whole by now.
   * @throws DefinitionError with code `bad_golden` when bytes are no UTF-8.
   */
  push(piece: string | Uint8Array): readonly Line[] {
    const text = typeof piece === 'string' ? piece : this.#decode(piece)
    const lines: Line[] = []
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      lines.push(...this.#line(this.#rest + text.slice(from, end)))
      this.#rest = ''
      from = end + 1
    }
    if (from < text.length) this.#rest += text.slice(from)
    return lines
  }

  /**
   * The last line, where it has no line feed.
   *
   * @throws DefinitionError with code `bad_golden` when the bytes end within a sign.
   */
  end(): readonly Line[] {
    const text = this.#rest + this.#decode()
    this.#rest = ''
    return text === '' ? [] : this.#line(text)
  }

  /** @param bytes those that come next; none where the file has ended. */
  #decode(bytes?: Uint8Array): string {
    try {
      return bytes ? this.#decoder.decode(bytes, { stream: true }) : this.#decoder.decode()
    } catch {
      const what = bytes ? 'it, or a line soon after it, is no UTF-8' : 'the file ends within a sign'
      const expected = 'It was cut off, or was written in another encoding. Give the bytes as they were exported.'
      throw badLine(this.#count + 1, what, expected)
    }
  }

  #line(text: string): readonly Line[] {
    this.#count += 1
    // Editors of some systems begin a file with a mark.
    const own = this.#count === 1 && text.startsWith(`\uFEFF`) ? text.slice(1) : text
    return BLANK.test(own) ? [] : [{ number: this.#count, text: own }]
  }
}
