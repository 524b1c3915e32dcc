/** Puts text together as it would be seen: white space is one space, and blocks stand on lines of their own. */
export class HtmlWriter {
  #text = ''
  #breaks = 0
  #space = false
  #mark = ''

  get text(): string {
    return this.#text
  }

  /** Adds text. With `raw` its spaces and line ends stay. */
  write(text: string, raw = false): void {
    const words = raw ? text : text.replaceAll(/\s+/g, ' ')
    const bare = raw ? words : words.trim()
    if (bare === '') {
      this.#space ||= words !== ''
      return
    }
    const space = this.#space || (!raw && words.startsWith(' '))
    if (this.#breaks > 0) {
      this.#text += (this.#text === '' ? '' : '\n'.repeat(this.#breaks)) + this.#mark
    } else if (space && !/\s$/.test(this.#text.slice(-1))) {
      this.#text += ' '
    }
    this.#text += bare
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
}
