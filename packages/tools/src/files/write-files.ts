import { defineTool, ToolError } from '@reprise/core'
import { z } from 'zod'
import { refusePath } from '../folder/refusals.ts'
import { enter } from '../folder/folder.ts'
import { type FolderOptions, rootOf } from '../folder/root.ts'
import { segmentsOf } from '../folder/segments.ts'
import { limit } from '../options/limit.ts'
import { replaceFile } from './replace-file.ts'

const MAX_BYTES = 1_000_000

/** How files are written. */
export interface WriteFilesOptions<Name extends string> extends FolderOptions<Name> {
  /** Longer contents are refused. @default 1,000,000 */
  readonly maxBytes?: number
}

/**
 * Makes a tool that writes a whole file, and the folders on its way. A file that is there is replaced at once: whoever
 * reads it sees the old content or the new, also after a crash or a power cut.
 *
 * It is `idempotent`: writing the same content twice leaves the same file. A file with several names (hard links)
 * gets a new file under this name, and the others keep what they had.
 *
 * @throws DefinitionError when the root is no path or `maxBytes` no count.
 * @example
 * ```ts
 * import { defineAgent } from '@reprise/core'
 * import { readFiles, writeFiles } from '@reprise/tools'
 *
 * const editor = defineAgent({
 *   name: 'editor',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'Write a summary of report.txt to summary.txt.',
 *   tools: [readFiles({ root: 'reports' }), writeFiles({ root: 'reports', maxBytes: 100_000 })],
 * })
 * ```
 */
export function writeFiles<const Name extends string = 'write_file'>(options: WriteFilesOptions<Name>) {
  // The default of Name says the same.
  const name = (options.name ?? 'write_file') as Name
  const root = rootOf(name, options.root)
  const maxBytes = limit(name, 'maxBytes', options.maxBytes, MAX_BYTES)
  return defineTool({
    name,
    description:
      'Writes a whole text file of the folder. What the file held before is replaced, so give its complete content. ' +
      'Folders on the way are made.',
    input: z.object({
      path: z.string().describe('The path of the file within the folder, such as "reports/june.txt".'),
      content: z.string().describe('The complete text of the file.'),
    }),
    effect: 'idempotent',
    execute: ({ path, content }, { idempotencyKey }) => write(root, path, content, maxBytes, idempotencyKey),
  })
}

async function write(root: string, path: string, content: string, maxBytes: number, key: string) {
  const bytes = Buffer.from(content)
  if (bytes.length > maxBytes) throw tooLong(path, bytes.length, maxBytes)
  const segments = segmentsOf(path)
  const name = segments.pop()
  if (name === undefined) throw refusePath(path, 'EISDIR')
  const folder = await enter(root, segments, { create: true })
  try {
    await replaceFile(folder, name, path, bytes, key)
  } finally {
    await folder.close()
  }
  return { path: [...segments, name].join('/'), bytes: bytes.length }
}

function tooLong(path: string, bytes: number, maxBytes: number): ToolError {
  return new ToolError({
    code: 'content_too_long',
    message: `The content for ${JSON.stringify(path)} has ${bytes} bytes, and this tool writes ${maxBytes} at most. Write less, or several files.`,
    details: { path, bytes, maxBytes },
  })
}
