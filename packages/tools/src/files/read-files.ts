import { defineTool, ToolError } from '@reprise/core'
import { z } from 'zod'
import { readWhole, withFile } from '../folder/open-file.ts'
import { refuse } from '../folder/refusals.ts'
import { type FolderOptions, rootOf } from '../folder/root.ts'
import { limit } from '../options/limit.ts'
import { cut } from '../text/cut.ts'
import { decodeText } from '../text/encoding.ts'
import { marksKept } from '../text/marks.ts'

const DEFAULT_LINES = 400
const MAX_LINES = 2_000
const MAX_LINE_CHARS = 2_000
const MAX_CHARS = 40_000
const MAX_BYTES = 10_000_000

/** How files are read. */
export interface ReadFilesOptions<Name extends string> extends FolderOptions<Name> {
  /** Larger files are refused. @default 10,000,000 */
  readonly maxBytes?: number
}

/**
 * Makes a tool that reads a text file by lines: 400 a call unless asked for more, about 40,000 characters at most.
 *
 * UTF-8, UTF-16 and windows-1252 are told apart; what is no text, and what is larger than `maxBytes`, is refused.
 * The text comes in `<file path lines of>` marks, and after them where to go on.
 *
 * @throws DefinitionError when the root is no path or `maxBytes` no count.
 * @example
 * ```ts
 * import { defineAgent } from '@reprise/core'
 * import { readFiles } from '@reprise/tools'
 *
 * const reader = defineAgent({
 *   name: 'reader',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'Compare the draft with the contract as it was signed.',
 *   tools: [readFiles({ root: 'drafts' }), readFiles({ root: 'contracts', name: 'read_contract' })],
 * })
 * ```
 */
export function readFiles<const Name extends string = 'read_file'>(options: ReadFilesOptions<Name>) {
  // The default of Name says the same.
  const name = (options.name ?? 'read_file') as Name
  const root = rootOf(name, options.root)
  const maxBytes = limit(name, 'maxBytes', options.maxBytes, MAX_BYTES)
  return defineTool({
    name,
    description: 'Reads a text file of the folder, or some lines of it.',
    input: z.object({
      path: z.string().describe('The path of the file within the folder, such as "reports/june.txt".'),
      fromLine: z.int().min(1).optional().describe('The first line to read. Leave it out to begin at line 1.'),
      lines: z.int().min(1).max(MAX_LINES).optional().describe(`How many lines to read. Left out: ${DEFAULT_LINES}.`),
    }),
    effect: 'read',
    execute: async ({ path, fromLine = 1, lines = DEFAULT_LINES }, { signal }) => {
      const text = await readText(root, path, maxBytes, signal)
      return show(path, text, fromLine, lines)
    },
  })
}

async function readText(root: string, path: string, maxBytes: number, signal: AbortSignal): Promise<string> {
  const bytes = await withFile(root, path, maxBytes, (file) => readWhole(file, path, maxBytes, signal))
  const decoded = decodeText(bytes)
  if (decoded) return decoded.text
  throw refuse('binary_file', path, 'is no text but binary data', 'Go on without it.')
}

function show(path: string, text: string, fromLine: number, count: number): string {
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  if (lines.length === 0) return `The file ${JSON.stringify(path)} is empty.`
  if (fromLine > lines.length) throw pastEnd(path, fromLine, lines.length)
  const shown = fitting(lines.slice(fromLine - 1, fromLine - 1 + count))
  const toLine = fromLine + shown.length - 1
  const marked = [
    `<file path=${JSON.stringify(path)} lines="${fromLine}-${toLine}" of="${lines.length}">`,
    marksKept('file', shown.join('\n')),
    '</file>',
  ]
  if (toLine < lines.length) marked.push(`There are more lines. Read on with fromLine ${toLine + 1}.`)
  return marked.join('\n')
}

/** As many lines as the characters of one call allow, but one at least. */
function fitting(lines: readonly string[]): string[] {
  let left = MAX_CHARS
  const short = lines.map((line) => cut(line, MAX_LINE_CHARS))
  const end = short.findIndex((line) => (left -= line.length + 1) < 0)
  return end === -1 ? short : short.slice(0, Math.max(end, 1))
}

function pastEnd(path: string, fromLine: number, lines: number): ToolError {
  return new ToolError({
    code: 'past_end',
    message: `${JSON.stringify(path)} has ${lines} lines, so there is no line ${fromLine}. Use a fromLine of ${lines} or less.`,
    details: { path, fromLine, lines },
  })
}
