import { lstat } from 'node:fs/promises'
import { defineTool } from '@reprise/core'
import { z } from 'zod'
import { type FolderOptions, rootOf } from '../folder/root.ts'
import { segmentsOf } from '../folder/segments.ts'
import { type Visit, walk, type WalkReport } from '../folder/walk.ts'

const MAX_ENTRIES = 500

/** A file with its size, or a folder, whose path ends in a slash. */
export interface ListedEntry {
  readonly path: string
  readonly bytes?: number
}

/** What `listFiles` gives. */
export interface FileList {
  readonly entries: readonly ListedEntry[]
  /** What is missing from it. */
  readonly note?: string
}

/**
 * Makes a tool that lists a folder with all that is in it, the upper levels first; at most 500 entries a call.
 *
 * Links are neither listed nor followed.
 *
 * @throws DefinitionError when the root is no path.
 * @example
 * ```ts
 * import { defineAgent } from '@reprise/core'
 * import { listFiles, readFiles } from '@reprise/tools'
 *
 * const clerk = defineAgent({
 *   name: 'clerk',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'Say which letters in the inbox want an answer.',
 *   tools: [listFiles({ root: 'inbox' }), readFiles({ root: 'inbox' })],
 * })
 * ```
 */
export function listFiles<const Name extends string = 'list_files'>(options: FolderOptions<Name>) {
  // The default of Name says the same.
  const name = (options.name ?? 'list_files') as Name
  const root = rootOf(name, options.root)
  return defineTool({
    name,
    description:
      'Lists the files of the folder, and those in folders below it, with their sizes in bytes. ' +
      'Use it first, to learn the paths that the other file tools take.',
    input: z.object({
      folder: z
        .string()
        .optional()
        .describe('A folder below, such as "reports/2025". Leave it out to list everything.'),
    }),
    effect: 'read',
    execute: ({ folder = '' }, { signal }) => list(root, segmentsOf(folder), signal),
  })
}

async function list(root: string, start: readonly string[], signal: AbortSignal): Promise<FileList> {
  const entries: ListedEntry[] = []
  const report: WalkReport = { partial: false }
  for await (const visit of walk(root, start, report, signal)) {
    signal.throwIfAborted()
    const here = await entriesOf(visit, MAX_ENTRIES - entries.length + 1)
    entries.push(...here)
    if (entries.length > MAX_ENTRIES) {
      const note = `Only the first ${MAX_ENTRIES} entries are listed. List one of the folders for what is in it.`
      return { entries: entries.slice(0, MAX_ENTRIES), note }
    }
  }
  return report.partial ? { entries, note: 'Some folders could not be opened or were too large to list.' } : { entries }
}

async function entriesOf({ folder, segments, files, folders }: Visit, most: number): Promise<ListedEntry[]> {
  const names = [...files, ...folders.map((name) => `${name}/`)].toSorted().slice(0, most)
  return Promise.all(
    names.map(async (name) => {
      const path = [...segments, name].join('/')
      if (name.endsWith('/')) return { path }
      const bytes = await lstat(folder.at(name)).then(
        (stats) => stats.size,
        () => undefined,
      )
      return bytes === undefined ? { path } : { path, bytes }
    }),
  )
}
