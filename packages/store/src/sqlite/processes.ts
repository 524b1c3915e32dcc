// Which processes have a database open, and which of them read it: Linux tells, of what this user may look at.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { fileNumber } from './file-number.ts'

/** A process of this machine. */
export interface Process {
  readonly pid: number
  /** What its program is called; undefined where it is gone, or may not be looked at. */
  readonly name?: string
}

/** Where the locks of a log's readers begin in its index, and how many there are. @see https://www.sqlite.org/walformat.html */
const READER_LOCKS = [123, 127] as const

/** Whether the system tells who has a file open. */
const TELLS = process.platform === 'linux'

/**
 * The processes that hold the lock of a reader of a database's log, this one included.
 *
 * @returns undefined where nobody can know.
 */
export function readersOf(path: string): readonly Process[] | undefined {
  if (!TELLS) return undefined
  try {
    const { ino } = statSync(`${path}-shm`)
    const pids = readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , , , file, first]) => file?.endsWith(`:${ino}`) && isReaderLock(Number(first)))
      .map(([, , , , pid]) => Number(pid))
    return [...new Set(pids)].map(withName)
  } catch {
    return undefined
  }
}

/**
 * The processes that have a database open, or its log or its index, this one included. Those of other users are not seen,
 * unless this one may look at all.
 *
 * @returns undefined where nobody can know.
 */
export function openedBy(path: string): readonly Process[] | undefined {
  if (!TELLS) return undefined
  try {
    const numbers = new Set([path, `${path}-wal`, `${path}-shm`].flatMap((file) => fileNumber(file) ?? []))
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    return pids.filter((pid) => hasOpen(pid, numbers)).map((pid) => withName(Number(pid)))
  } catch {
    return undefined
  }
}

function hasOpen(pid: string, numbers: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => numbers.has(numberAt(`/proc/${pid}/fd/${fd}`)))
  } catch {
    // It has ended, or is another user's.
    return false
  }
}

/** A descriptor may be closed meanwhile. */
function numberAt(descriptor: string): string {
  try {
    return fileNumber(descriptor) ?? ''
  } catch {
    return ''
  }
}

function isReaderLock(byte: number): boolean {
  return byte >= READER_LOCKS[0] && byte <= READER_LOCKS[1]
}

function withName(pid: number): Process {
  try {
    return { pid, name: readFileSync(`/proc/${pid}/comm`, 'utf8').trim() }
  } catch {
    return { pid }
  }
}
