import { defineTool } from '@reprise/core'
import { z } from 'zod'
import { readText } from '../folder/read-text.ts'
import { type FolderOptions, rootOf } from '../folder/root.ts'
import { limit } from '../options/limit.ts'
import { DEFAULT_LINES, MAX_LINES, showLines } from '../text/show-lines.ts'

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
      return showLines(text, { mark: 'file', attribute: 'path', name: path, fromLine, lines })
    },
  })
}
