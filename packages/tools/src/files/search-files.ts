import { defineTool, ToolError } from '@reprise/core'
import { z } from 'zod'
import type { Folder } from '../folder/folder.ts'
import { readWhole, withFileIn } from '../folder/open-file.ts'
import { type FolderOptions, rootOf } from '../folder/root.ts'
import { segmentsOf } from '../folder/segments.ts'
import { walk, type WalkReport } from '../folder/walk.ts'
import { decodeText } from '../text/encoding.ts'

const MAX_MATCHES = 100
const MAX_FILE_BYTES = 5_000_000
/** What one call reads in all. */
const MAX_TOTAL_BYTES = 200_000_000
const CHARS_AROUND = 100

/** A line in which the text stands, cut to what is around it. */
export interface Match {
  readonly path: string
  readonly line: number
  readonly text: string
}

/** What `searchFiles` gives. */
export interface FoundText {
  readonly matches: readonly Match[]
  /** What was not searched, or not given. */
  readonly note?: string
}

/**
 * Makes a tool that finds the lines in which a text stands, whatever their case, in all files below a folder.
 *
 * It takes plain text, not patterns: a pattern of a model's could run for ever. A call gives 100 lines at most and
 * reads about 200 MB at most; binary files and files over 5 MB are passed over, and the note says how many.
 *
 * @throws DefinitionError when the root is no path.
 * @example
 * ```ts
 * import { defineAgent } from '@reprise/core'
 * import { readFiles, searchFiles } from '@reprise/tools'
 *
 * const librarian = defineAgent({
 *   name: 'librarian',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'Answer from the manuals, and say which lines you go by.',
 *   tools: [searchFiles({ root: 'manuals' }), readFiles({ root: 'manuals' })],
 * })
 * ```
 */
export function searchFiles<const Name extends string = 'search_files'>(options: FolderOptions<Name>) {
  // The default of Name says the same.
  const name = (options.name ?? 'search_files') as Name
  const root = rootOf(name, options.root)
  return defineTool({
    name,
    description:
      'Finds the lines that contain a text, in all files of the folder. Upper and lower case are the same. ' +
      'It takes plain words, not patterns or wildcards.',
    input: z.object({
      text: z.string().describe('The exact text to find, such as "invoice 4711".'),
      folder: z.string().optional().describe('A folder below to search in. Leave it out to search everything.'),
    }),
    effect: 'read',
    execute: ({ text, folder = '' }, { signal }) => search(root, text, segmentsOf(folder), signal),
  })
}

async function search(root: string, text: string, start: readonly string[], signal: AbortSignal): Promise<FoundText> {
  if (text.trim() === '') {
    throw new ToolError({ code: 'no_text', message: 'The text to find is empty. Say what to find.' })
  }
  const needle = text.toLowerCase()
  const matches: Match[] = []
  const report: WalkReport = { partial: false }
  let skipped = 0
  let left = MAX_TOTAL_BYTES
  for await (const { folder, segments, files } of walk(root, start, report, signal)) {
    for (const name of files) {
      signal.throwIfAborted()
      const path = [...segments, name].join('/')
      const { text: found, read } = await textOf(folder, name, path, signal)
      if (found === undefined) skipped += 1
      else matches.push(...matchesIn(path, found, needle, MAX_MATCHES + 1 - matches.length))
      if (matches.length > MAX_MATCHES) return { matches: matches.slice(0, MAX_MATCHES), note: TOO_MANY }
      left -= read
      if (left < 0) return { matches, note: TOO_MUCH }
    }
  }
  const note = noteOf(skipped, report.partial)
  return note === '' ? { matches } : { matches, note }
}

const TOO_MANY = `Only the first ${MAX_MATCHES} lines are given. Search for a longer text, or in one folder.`
const TOO_MUCH = 'Not all files were searched: they are too many. Search in one folder.'

function noteOf(skipped: number, partial: boolean): string {
  return [
    skipped > 0 ? `${skipped} files were not searched: they are too large or no text.` : '',
    partial ? 'Some folders could not be opened or were too large to search.' : '',
  ]
    .filter(Boolean)
    .join(' ')
}

interface ReadText {
  /** Undefined where the file is too large, no text or gone. */
  readonly text: string | undefined
  /** Bytes that were read for it. */
  readonly read: number
}

async function textOf(folder: Folder, name: string, path: string, signal: AbortSignal): Promise<ReadText> {
  let read = 0
  try {
    const bytes = await withFileIn(folder, name, path, MAX_FILE_BYTES, (file) => {
      read = file.bytes
      return readWhole(file, path, MAX_FILE_BYTES, signal)
    })
    return { text: decodeText(bytes)?.text, read }
  } catch {
    signal.throwIfAborted()
    return { text: undefined, read }
  }
}

function matchesIn(path: string, text: string, needle: string, most: number): Match[] {
  const matches: Match[] = []
  if (!text.toLowerCase().includes(needle)) return matches
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const at = line.toLowerCase().indexOf(needle)
    if (at !== -1) matches.push({ path, line: index + 1, text: around(line, at, needle.length) })
    if (matches.length === most) break
  }
  return matches
}

function around(line: string, at: number, length: number): string {
  const from = Math.max(at - CHARS_AROUND, 0)
  const to = at + Math.min(length, CHARS_AROUND) + CHARS_AROUND
  return `${from > 0 ? '…' : ''}${line.slice(from, to).trim().toWellFormed()}${to < line.length ? '…' : ''}`
}
