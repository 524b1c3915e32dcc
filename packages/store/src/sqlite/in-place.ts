import type { StoreError } from '@reprise/core'
import { problem } from './errors.ts'
import { fileNumber, numberOf, statsOf } from './file-number.ts'
import { IN_MEMORY } from './in-memory.ts'
import { LogWatch } from './log-watch.ts'

/** How long a look at the files holds, in milliseconds. */
const LOOK_AGAIN_MS = 100

/** What stands beside a database while it is open: the index of its log, which holds the locks, and the log. */
const BESIDE = ['-shm', '-wal'] as const

/**
 * Looks whether the files of an open database are those that stand at its path. Somebody may have moved or deleted them,
 * or put others there: what is written then nobody will ever read, or, without the index, over what others write. It asks
 * for their numbers alone, and opens none.
 */
export class InPlace {
  readonly #path: string
  readonly #files: readonly (readonly [path: string, number: string | undefined])[]
  readonly #log: LogWatch
  #logBytes = 0
  /** When the database was last written, as long as all of them were there. */
  #writtenAt: bigint | undefined
  #lookedAt = -Infinity
  #lost: StoreError | undefined

  /** @param path of a database that has been read: its log is there from then on. */
  constructor(path: string) {
    this.#path = path
    this.#log = new LogWatch(path)
    const files = path === IN_MEMORY ? [] : [path, ...BESIDE.map((end) => `${path}${end}`)]
    this.#files = files.map((file) => [file, fileNumber(file)])
    this.#writtenAt = writtenAt(path)
  }

  /**
   * Looks, where the last look is older than a tenth of a second.
   *
   * @param now whether to look in any case. @default false
   * @throws StoreError with code `store_replaced`, from then on for ever.
   */
  check(now = false): void {
    const at = performance.now()
    if (this.#lost === undefined && (now || at - this.#lookedAt >= LOOK_AGAIN_MS)) {
      this.#lookedAt = at
      this.#lost = this.#look()
      this.#log.look(this.#logBytes)
    }
    if (this.#lost) throw this.#lost
  }

  /**
   * Whether others may have written the database under locks that this process does not see: its index is gone from where
   * the database still stands. What the log holds must not be brought into it then, over what they wrote. Where nobody has
   * come since, that is all there is of it.
   */
  isCutOff(): boolean {
    const [file, index, log] = this.#files
    if (!file || !index || !log || fileNumber(file[0]) !== file[1] || fileNumber(index[0]) === index[1]) return false
    return [index, log].some(([beside]) => fileNumber(beside) !== undefined) || writtenAt(file[0]) !== this.#writtenAt
  }

  /** How long the log was when it was last looked at. */
  get logBytes(): number {
    return this.#logBytes
  }

  #look(): StoreError | undefined {
    const written = writtenAt(this.#path)
    for (const [file, number] of this.#files) {
      const stats = statsOf(file)
      const found = stats && numberOf(stats)
      // The log comes last.
      this.#logBytes = Number(stats?.size ?? 0)
      if (found === number) continue
      return problem(
        'store_replaced',
        this.#path,
        `was lost while it was open: ${file} ${found === undefined ? 'is no longer there' : 'is another file now'}, and nothing more is written`,
        'Find out who moved, deleted or replaced it, put it back together with its log (-wal), and start this program again.',
        { file },
      )
    }
    this.#writtenAt = written
    return undefined
  }
}

function writtenAt(path: string): bigint | undefined {
  return statsOf(path)?.mtimeNs
}
