import { rmSync } from 'node:fs'
import type { SqliteDatabase } from '../sqlite/database.ts'
import { loadDriver } from '../sqlite/driver.ts'
import { problem } from '../sqlite/errors.ts'
import { isBusy, patiently } from '../sqlite/turns.ts'

/** How long another process that is just ending is waited for, in milliseconds. */
const PATIENCE_MS = 250

/**
 * Keeps two processes from moving one file at a time, or one from giving up what the other is at. It is a lock on a file
 * beside: one on the file itself would let whoever writes to that wait, and not be told. A process that dies lets go of it.
 */
export class Lock {
  readonly #path: string
  readonly #db: SqliteDatabase

  private constructor(path: string, db: SqliteDatabase) {
    this.#path = path
    this.#db = db
  }

  /** @throws StoreError with code `store_busy` where another process has it. */
  static async take(file: string): Promise<Lock> {
    const path = `${file}.move`
    const Database = await loadDriver()
    const db = new Database(path, { timeout: 3 })
    try {
      await patiently(() => db.exec('begin exclusive'), PATIENCE_MS)
      return new Lock(path, db)
    } catch (thrown) {
      db.close()
      throw isBusy(thrown)
        ? problem('store_busy', file, 'is being moved by another process', 'Let that one finish.')
        : thrown
    }
  }

  release(): void {
    this.#db.exec('rollback')
    this.#db.close()
    rmSync(this.#path, { force: true })
  }
}
