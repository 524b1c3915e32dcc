import { opendir } from 'node:fs/promises'
import { enter, type Folder } from './folder.ts'

/** So many names are looked at in all: a folder without end must not keep a call for ever. */
const MAX_SEEN = 50_000

/** One folder of a walk, open until the next one is asked for. */
export interface Visit {
  readonly folder: Folder
  /** Its place below the root: names from there. */
  readonly segments: readonly string[]
  /** The names of what is neither folder nor link, in order. */
  readonly files: readonly string[]
  /** The names of the folders in it, in order. */
  readonly folders: readonly string[]
}

/** What a walk leaves behind. */
export interface WalkReport {
  /** True once a folder could not be opened or too many names had been seen. */
  partial: boolean
}

/**
 * Visits a folder and those in it, the upper ones first. Links are left out.
 *
 * @throws ToolError when the folder itself cannot be entered, and the signal's reason when it aborts.
 */
export async function* walk(
  root: string,
  start: readonly string[],
  report: WalkReport,
  signal: AbortSignal,
): AsyncGenerator<Visit, void, undefined> {
  const queue: (readonly string[])[] = [start]
  let left = MAX_SEEN
  for (const segments of queue) {
    signal.throwIfAborted()
    let folder: Folder
    try {
      folder = await enter(root, segments)
    } catch (error) {
      if (segments === start) throw error
      report.partial = true
      continue
    }
    try {
      const { files, folders, seen } = await namesIn(folder, left, signal)
      yield { folder, segments, files: files.toSorted(), folders: folders.toSorted() }
      queue.push(...folders.toSorted().map((name) => [...segments, name]))
      left -= seen
    } finally {
      await folder.close()
    }
    if (left > 0) continue
    report.partial = true
    return
  }
}

async function namesIn(
  folder: Folder,
  left: number,
  signal: AbortSignal,
): Promise<{ files: string[]; folders: string[]; seen: number }> {
  const files: string[] = []
  const folders: string[] = []
  let seen = 0
  for await (const entry of await opendir(folder.at())) {
    signal.throwIfAborted()
    if (entry.isDirectory()) folders.push(entry.name)
    else if (!entry.isSymbolicLink()) files.push(entry.name)
    if (++seen === left) break
  }
  return { files, folders, seen }
}
