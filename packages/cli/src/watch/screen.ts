import { SHOW_CURSOR } from '../line/cursor.ts'
import { harmlessLine, type Terminal } from '../line/io.ts'
import { cut, widthOf } from '../show/width.ts'

const HIDE_CURSOR = '\u001B[?25l'
// A terminal that knows these shows what is between them at once, and another takes no notice of them.
const BEGIN = '\u001B[?2026h'
const END = '\u001B[?2026l'
const CLEAR_LINE = '\u001B[K'
const CLEAR_BELOW = '\u001B[J'

/**
 * A picture at the end of a terminal that is drawn anew in its place: each line that has changed is written over the one
 * before and then cleared to its end, so that nothing flickers. Whoever draws ends it, and has the cursor back then.
 */
export class Screen {
  readonly #out: Terminal
  #drawn: readonly string[] = []
  #size = ''
  #begun = false

  constructor(out: Terminal) {
    this.#out = out
  }

  /** How many characters a line may have, and how many lines the picture. */
  get size(): { readonly width: number; readonly height: number } {
    return { width: Math.max(1, this.#out.columns - 1), height: Math.max(1, this.#out.rows - 1) }
  }

  /** Draws the lines in the place of those before, as many as there is room for. */
  draw(lines: readonly string[]): void {
    const { width, height } = this.size
    const next = lines.slice(0, height).map((line) => cut(harmlessLine(line), width))
    const size = `${width} ${height}`
    if (size === this.#size && next.join('\n') === this.#drawn.join('\n')) return
    const hide = this.#begun ? '' : HIDE_CURSOR
    const before = size === this.#size ? this.#drawn : []
    const body = next.map((line, at) => (line === before[at] ? '\n' : `${line}${CLEAR_LINE}\n`)).join('')
    this.#out.write(`${BEGIN}${hide}${this.#backUp(width)}${body}${CLEAR_BELOW}${END}`)
    this.#begun = true
    this.#drawn = next
    this.#size = size
  }

  /** Leaves what is drawn where it is, and the terminal as it was. */
  end(): void {
    if (this.#begun) this.#out.write(SHOW_CURSOR)
    this.#begun = false
  }

  /**
   * To where the picture begins: a terminal that has become narrower has broken its lines, and one that has become lower
   * keeps the first of them out of reach.
   */
  #backUp(width: number): string {
    const drawn = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / (width + 1))), 0)
    const rows = Math.min(drawn, this.#out.rows - 1)
    return rows === 0 ? '' : `\r\u001B[${rows}A`
  }
}
