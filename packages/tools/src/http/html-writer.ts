/** Puts text together as it would be seen: white space is one space, and blocks stand on lines of their own. */
export class HtmlWriter {
  // Looking at the end of one long string would put it together each time.
  readonly #parts: string[] = []
  #breaks = 0
  #space = false
  #mark = ''

  get text(): string {
    return this.#parts.join('')
  }

  /** Adds text. With `raw` its spaces and line ends stay. */
  write(text: string, raw = false): void {
    const words = raw ? text : text.replaceAll(/\s+/g, ' ')
    const bare = raw ? words : words.trim()
    if (bare === '') {
      this.#space ||= words !== ''
      return
    }
    if (this.#parts.length > 0) this.#parts.push(this.#between(words))
    this.#parts.push(this.#mark, bare)
    this.#breaks = 0
    this.#mark = ''
    this.#space = !raw && words.endsWith(' ')
  }

  /** Ends the line; with 2, leaves an empty one. `mark` comes before the next text. */
  break(lines: 1 | 2, mark = ''): void {
    this.#breaks = Math.max(this.#breaks, lines)
    if (mark !== '') this.#mark = mark
    this.#space = false
  }

  #between(words: string): string {
    if (this.#breaks > 0) return '\n'.repeat(this.#breaks)
    return this.#space || words.startsWith(' ') ? ' ' : ''
  }
}
