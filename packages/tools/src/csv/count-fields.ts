import { ToolError } from '@reprise/core'

/** Of one record: no spreadsheet has a sixth of it, and a parser takes some thirty bytes for each, empty ones too. */
const MAX_FIELDS = 100_000

/**
 * Passes a text on, piece by piece, as long as no record in it has too many fields: before a parser makes them.
 *
 * @param delimiter one character.
 * @throws ToolError with code `too_many_fields`.
 */
export async function* countFields(
  text: AsyncIterable<string>,
  delimiter: string,
  path: string,
): AsyncGenerator<string> {
  const scan = new Scan(delimiter)
  for await (const piece of text) {
    if (scan.passes(piece)) yield piece
    else throw tooManyFields(path)
  }
}

/** Where a character stands: a quote opens a field at its start alone, and two of them inside are one character. */
type Place = 'start' | 'plain' | 'quoted' | 'after quote'

class Scan {
  readonly #delimiter: number
  #place: Place = 'start'
  #fields = 1

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0)
  }

  /** False once a record has too many fields. */
  passes(piece: string): boolean {
    for (let at = 0; at < piece.length; at++) {
      this.#step(piece.charCodeAt(at))
      if (this.#fields > MAX_FIELDS) return false
    }
    return true
  }

  #step(code: number): void {
    if (this.#place === 'quoted') {
      if (code === QUOTE) this.#place = 'after quote'
    } else if (code === QUOTE) {
      this.#place = this.#place === 'plain' ? 'plain' : 'quoted'
    } else if (code === this.#delimiter) {
      this.#place = 'start'
      this.#fields += 1
    } else if (code === LINE_FEED || code === CARRIAGE_RETURN) {
      this.#place = 'start'
      this.#fields = 1
    } else {
      this.#place = 'plain'
    }
  }
}

const [QUOTE, LINE_FEED, CARRIAGE_RETURN] = [0x22, 0x0a, 0x0d]

function tooManyFields(path: string): ToolError {
  return new ToolError({
    code: 'too_many_fields',
    message: `${JSON.stringify(path)} has more than ${MAX_FIELDS} fields in a row, and this tool takes no more. Read it as text instead.`,
    details: { path },
  })
}
