import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { pipeline } from 'node:stream'
import { badRow, checkRow, type Row } from '../define/row.ts'
import { fileOfRows } from './file-of-rows.ts'
import { checkMembers } from './jsonl.ts'

/**
 * Reads rows from a CSV file with a header, when the evaluation is run. The columns are `id`, `input`, `expected` and `context`;
 * `expected.total` is the member `total` of an object. All values are text. A row without an id has its line's: `line-2`.
 *
 * @param path of a file in UTF-8 with commas, from where the process runs.
 * @param row makes a row of the values by their columns, where those are others, or numbers are wanted.
 * @returns rows of any type: the task's schema and the scorers meet what is in the file.
 * @throws DefinitionError `bad_row` by the evaluation, naming the line.
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs'
 * import { fromCsv } from '@reprise/evals'
 *
 * writeFileSync('tickets.csv', 'text,total\nMy lamp is broken.,30\n')
 * const tickets = fromCsv('tickets.csv', ({ text = '', total }, line) => ({
 *   id: `t${line}`, input: text, expected: { total: Number(total) },
 * }))
 * console.log((await tickets())[0]?.expected) // { total: 30 }
 * ```
 */
export function fromCsv<R extends Row = Row<never, never, never>>(
  path: string,
  row?: (columns: Readonly<Record<string, string>>, line: number) => R,
): () => Promise<readonly R[]> {
  return async () => {
    const name = basename(path)
    const rows: R[] = []
    for await (const { line, columns } of recordsOf(path, name)) {
      const where = `Line ${line} of ${name}`
      // The file's types are met when its rows are run and scored.
      const made = row ? row(columns, line) : (nested(where, columns, line) as unknown as R)
      checkRow(where, made)
      rows.push(made)
    }
    return rows
  }
}

interface Read {
  readonly line: number
  readonly columns: Readonly<Record<string, string>>
}

async function* recordsOf(path: string, name: string): AsyncGenerator<Read> {
  const { parse } = await import('csv-parse')
  const parser = parse({ bom: true, columns: true, info: true, skip_empty_lines: true, max_record_size: 1_000_000 })
  // What goes wrong with the file ends the parser, and is thrown below.
  pipeline(createReadStream(fileOfRows(path)), parser, () => undefined)
  try {
    // With `info`, csv-parse gives where a record ended beside it.
    for await (const read of parser as AsyncIterable<{ record: Record<string, string>; info: { lines: number } }>)
      yield { line: read.info.lines, columns: read.record }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error
    throw badRow(`${name} cannot be read as CSV: ${(error as Error).message}`)
  }
}

function nested(where: string, columns: Read['columns'], line: number): Readonly<Record<string, unknown>> {
  checkMembers(
    where,
    Object.keys(columns).map((name) => name.split('.')[0] ?? ''),
  )
  const made: Record<string, unknown> = { id: `line-${line}` }
  for (const [name, value] of Object.entries(columns)) {
    const [first = '', ...path] = name.split('.')
    if (path.length === 0 && first === 'id' && value === '') continue
    if (path.length === 0) made[first] = value
    else made[first] = { ...(made[first] as object | undefined), [path.join('.')]: value }
  }
  return made
}
