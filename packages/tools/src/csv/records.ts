import { pipeline, type Readable, type Transform } from 'node:stream'
import type { Options } from 'csv-parse'

/** How leniently CSV is read: rows may be of any width, and a quote inside of a field is a character. */
export const RELAXED = {
  relax_quotes: true,
  relax_column_count: true,
  skip_empty_lines: true,
  // Left to find them itself, it makes three buffers for each byte of the first line.
  record_delimiter: ['\r\n', '\n', '\r'],
  // A quote that is never closed would otherwise take the whole file for one field.
  max_record_size: 1_000_000,
} satisfies Options

/** Reads records until nobody asks for more, which ends the reading of the text too. */
export async function* recordsOf(text: Readable, parser: Transform): AsyncGenerator<readonly string[]> {
  // What goes wrong with the text is thrown below, as it ends the parser.
  pipeline(text, parser, () => undefined)
  // Without columns csv-parse gives lists of text.
  for await (const record of parser) yield record as readonly string[]
}
