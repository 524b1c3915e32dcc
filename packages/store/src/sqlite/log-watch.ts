import { readFileSync, statSync } from 'node:fs'

/** From how many bytes on a log is warned of, and again whenever it has doubled. */
const WARNED_BYTES = 64 * 1024 * 1024

/** Where the locks of a log's readers begin in its index, and how many there are. @see https://www.sqlite.org/walformat.html */
const READER_LOCKS = [123, 127] as const

/**
 * Warns where a database's log has grown beyond bounds: it cannot begin anew as long as one reader stays, and takes some
 * pages for each commit. It is a warning of the process, since a store has no log of its own.
 */
export class LogWatch {
  readonly #path: string
  #next = WARNED_BYTES

  constructor(path: string) {
    this.#path = path
  }

  /** @param bytes how long the log is. */
  look(bytes: number): void {
    if (bytes < this.#next) return
    this.#next = 2 * bytes
    process.emitWarning(
      `The log of the store at ${this.#path} has grown to ${Math.round(bytes / 1024 / 1024)} MB: somebody reads the database in one long transaction${readersOf(`${this.#path}-shm`)}. End that reader: the log is cut back then.`,
      { type: 'RepriseWarning', code: 'store_log' },
    )
  }
}

/** Who holds the locks of readers, as far as the system tells: Linux does. */
function readersOf(index: string): string {
  if (process.platform !== 'linux') return ''
  try {
    const { ino } = statSync(index)
    const pids = readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , , , file, first]) => file?.endsWith(`:${ino}`) && isReaderLock(Number(first)))
      .map(([, , , , pid]) => Number(pid))
    const others = [...new Set(pids)].filter((pid) => pid !== process.pid)
    if (others.length > 0) return `, which is one of the processes ${others.map(withName).join(', ')}`
    return pids.length > 0 ? ', in this process' : ''
  } catch {
    return ''
  }
}

function isReaderLock(byte: number): boolean {
  return byte >= READER_LOCKS[0] && byte <= READER_LOCKS[1]
}

function withName(pid: number): string {
  try {
    return `${pid} (${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`
  } catch {
    return String(pid)
  }
}
