import { Readable } from 'node:stream'
import { defineTool, ToolError } from '@reprise/core'
import { z } from 'zod'
import { type OpenFile, withFile } from '../folder/open-file.ts'
import { refuse } from '../folder/refusals.ts'
import { type FolderOptions, rootOf } from '../folder/root.ts'
import { limit } from '../options/limit.ts'
import { countFields } from './count-fields.ts'
import { findLayout } from './delimiter.ts'
import { type CsvPage, pageOf } from './page.ts'
import { recordsOf, RELAXED } from './records.ts'
import { encodingOf, textOf } from './text-stream.ts'

const DEFAULT_ROWS = 100
const MAX_ROWS = 1_000
const MAX_BYTES = 100_000_000

/** How CSV files are read. */
export interface ReadCsvOptions<Name extends string> extends FolderOptions<Name> {
  /** Larger files are refused. @default 100,000,000 */
  readonly maxBytes?: number
}

/**
 * Makes a tool that reads rows of a CSV file: 100 a call unless asked for more, about 40,000 characters at most.
 *
 * The delimiter (comma, semicolon, tab, bar) and the encoding (UTF-8, UTF-16, windows-1252) are found. The file is
 * read as a stream, only as far as the rows that are asked for. Every value is text, as it stands in the file.
 *
 * @throws DefinitionError when the root is no path or `maxBytes` no count.
 * @example
 * ```ts
 * import { defineAgent } from '@reprise/core'
 * import { readCsv } from '@reprise/tools'
 *
 * const clerk = defineAgent({
 *   name: 'clerk',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'Add up the column "amount" of june.csv.',
 *   tools: [readCsv({ root: 'statements' })],
 * })
 * ```
 */
export function readCsv<const Name extends string = 'read_csv'>(options: ReadCsvOptions<Name>) {
  // The default of Name says the same.
  const name = (options.name ?? 'read_csv') as Name
  const root = rootOf(name, options.root)
  const maxBytes = limit(name, 'maxBytes', options.maxBytes, MAX_BYTES)
  return defineTool({
    name,
    description:
      'Reads rows of a CSV file of the folder. Gives the names of its columns, and the rows as lists of text.',
    input: z.object({
      path: z.string().describe('The path of the file within the folder, such as "reports/june.csv".'),
      columns: z.array(z.string()).optional().describe('The columns to give, by their names. Leave it out for all.'),
      offset: z.int().min(0).optional().describe('How many rows to pass over. Leave it out to begin at the first.'),
      limit: z.int().min(1).max(MAX_ROWS).optional().describe(`How many rows to give. Left out: ${DEFAULT_ROWS}.`),
      header: z.boolean().optional().describe('False if the first line is a row and no header.'),
    }),
    effect: 'read',
    execute: ({ path, columns = [], offset = 0, limit = DEFAULT_ROWS, header = true }, { signal }) =>
      withFile(root, path, maxBytes, async (file) => {
        const records = await open(file, path, signal)
        return explainCsv(path, () => pageOf(records, { path, columns, offset, limit, header }))
      }),
  })
}

async function open(file: OpenFile, path: string, signal: AbortSignal): Promise<AsyncGenerator<readonly string[]>> {
  const encoding = await encodingOf(file, signal)
  if (encoding === 'binary') throw refuse('binary_file', path, 'is no text but binary data', 'Go on without it.')
  const [{ parse }, { parse: parseSync }] = await Promise.all([import('csv-parse'), import('csv-parse/sync')])
  const sample = await textOf(file, encoding, signal).next()
  const { delimiter, skipLines } = findLayout(sample.done ? '' : sample.value, parseSync)
  const parser = parse({ ...RELAXED, delimiter, from_line: skipLines + 1 })
  const text = countFields(textOf(file, encoding, signal), delimiter, path)
  return recordsOf(Readable.from(text), parser)
}

async function explainCsv(path: string, read: () => Promise<CsvPage>): Promise<CsvPage> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_'))) throw error
    throw new ToolError({
      code: 'bad_csv',
      message: `${JSON.stringify(path)} cannot be read as CSV: ${error.message}. Read it as text instead.`,
      details: { path },
      cause: error,
    })
  }
}
