// A word beside a large database that says that it was left whole. It holds as long as the file is as it was then.
import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { statsOf } from './file-number.ts'
import { IN_MEMORY } from './in-memory.ts'

/** From this size on there is a word: a smaller database is looked through in a few milliseconds. */
const MIN_NOTED_BYTES = 8 * 1024 * 1024

/** Before each try to write the word, in milliseconds: the clocks of file systems stand still for up to ten. */
const PAUSES_MS = [0, 4, 16]

/** What a word begins with: a file of somebody else is neither believed nor taken away. */
const HEAD = 'Reprise closed this store:'

/** Longer than any word. */
const MAX_WORD_BYTES = 256

/**
 * Tells whether whoever had a database open last has left it whole, and nobody has touched it since: not a byte of the
 * file, nor the file itself, nor a log beside it.
 *
 * @param path of a database that is there.
 */
export function endedCleanly(path: string): boolean {
  if (path === IN_MEMORY) return false
  const file = realpathSync(path)
  const found = statsOf(file)
  const word = statsOf(wordPath(file))
  // Of two writes in one tick of the clock no time tells the later one: the word must be younger than all that it speaks of.
  if (!found || !word || word.mtimeNs <= found.ctimeNs || word.mtimeNs <= found.mtimeNs) return false
  return (statsOf(`${file}-wal`)?.size ?? 0n) === 0n && wordOf(file) === wordFor(file)
}

/** Takes the word away, before the database is written: who dies with it open has not left it whole. */
export function forgetCleanEnd(path: string): void {
  if (path === IN_MEMORY) return
  const file = realpathSync(path)
  try {
    const word = wordOf(file)
    // An empty one was cut off as it was written.
    if (word === '' || word?.startsWith(HEAD)) rmSync(wordPath(file))
  } catch {
    // It does not hold any more once the database is written.
  }
}

/** Says that a database was left whole, when it was just closed, unless it is small or somebody else has it open. */
export async function noteCleanEnd(path: string): Promise<void> {
  if (path === IN_MEMORY || !statsOf(path)) return
  const file = realpathSync(path)
  const word = wordFor(file)
  if (word === undefined || ['-wal', '-shm'].some((end) => statsOf(`${file}${end}`))) return
  for (const pauseMs of PAUSES_MS) {
    await pause(pauseMs)
    forgetCleanEnd(file)
    try {
      writeFileSync(wordPath(file), word, { flag: 'wx' })
    } catch {
      // Without a word, the next opening looks through all of it.
      return
    }
    if (endedCleanly(file)) return
  }
}

/** SQLite follows links: the word stands beside the log, where the file itself is. */
function wordPath(file: string): string {
  return `${file}.clean`
}

/** What stands there; undefined where nothing does that could be a word. */
function wordOf(file: string): string | undefined {
  const path = wordPath(file)
  const stats = statsOf(path)
  return stats?.isFile() && stats.size <= MAX_WORD_BYTES ? readFileSync(path, 'utf8') : undefined
}

/** The word for a file as it is: another one once anything is done to it. None for a small one. */
function wordFor(file: string): string | undefined {
  const stats = statsOf(file)
  if (!stats || stats.size < MIN_NOTED_BYTES) return undefined
  return `${HEAD} ${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}\n`
}
