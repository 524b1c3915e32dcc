// The world outside: a carrier that does for each key what it is asked to once, as a service with idempotency keys does.
import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** What steps ask of the world. */
export interface Carrier {
  /** Books something under a key, and says how; a second time it says the same, and books nothing. */
  readonly book: (key: string, what: string) => Promise<string>
}

/**
 * Makes a carrier whose books lie in a folder: a file for each booking, and a line for each time that it was asked.
 *
 * @param takesMs how long it takes to answer.
 */
export function carrierAt(folder: string, takesMs: number): Carrier {
  mkdirSync(folder, { recursive: true })
  return {
    async book(key, what) {
      const number = createHash('sha256').update(key).digest('hex').slice(0, 12)
      appendFileSync(join(folder, 'asked.log'), `${key}\n`)
      try {
        writeFileSync(join(folder, `${number}.booking`), `${what}\n`, { flag: 'wx' })
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      }
      await pause(takesMs)
      return number
    },
  }
}
