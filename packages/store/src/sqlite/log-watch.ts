import { readersOf } from './processes.ts'
import type { Process } from './processes.ts'

/** From how many bytes on a log is warned of, and again whenever it has doubled. */
const WARNED_BYTES = 64 * 1024 * 1024

/** From how many bytes on it is warned of where no reader is to be seen. */
const UNSEEN_BYTES = 256 * 1024 * 1024

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
    const readers = readersOf(this.#path)
    // One large commit makes it grow too, and it is cut back after that. A reader in another container is not seen.
    if (readers?.length === 0 && bytes < UNSEEN_BYTES) return
    this.#next = 2 * bytes
    process.emitWarning(
      `The log of the store at ${this.#path} has grown to ${Math.round(bytes / 1024 / 1024)} MB: somebody reads the database in one long transaction${sayReaders(readers ?? [])}. End that reader: the log is cut back then.`,
      { type: 'RepriseWarning', code: 'store_log' },
    )
  }
}

/** Who holds the locks of readers, as far as the system tells. */
function sayReaders(readers: readonly Process[]): string {
  const others = readers.filter(({ pid }) => pid !== process.pid)
  if (others.length > 0) return `, which is one of the processes ${others.map(withName).join(', ')}`
  return readers.length > 0 ? ', in this process' : ''
}

function withName({ pid, name }: Process): string {
  return name === undefined ? String(pid) : `${pid} (${name})`
}
