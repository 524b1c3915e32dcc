import type { Tokenize } from './tokenizer.ts'

/** Tokens that may still be written. */
export class Allowance {
  readonly #tokenize: Tokenize
  tokens: number

  constructor(tokenize: Tokenize, tokens: number) {
    this.#tokenize = tokenize
    this.tokens = tokens
  }

  /**
   * Writes as much of a text as is allowed, on top of what its framing costs.
   *
   * @returns its longest beginning, never cut inside a character; the framing alone may use up what is left.
   */
  write(text: string, framing: number): string {
    if (text === '') return ''
    const most = this.tokens - framing
    const characters = Array.from(text)
    let [fits, tooLong] = [0, characters.length + 1]
    while (tooLong - fits > 1) {
      const middle = Math.floor((fits + tooLong) / 2)
      if (this.#tokenize(characters.slice(0, middle).join('')).length <= most) fits = middle
      else tooLong = middle
    }
    const written = characters.slice(0, fits).join('')
    this.tokens = Math.max(0, most - this.#tokenize(written).length)
    return written
  }
}
