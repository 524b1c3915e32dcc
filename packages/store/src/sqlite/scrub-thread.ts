// Writes databases anew, in a thread, so that no event loop waits for it.
import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { ScrubAsk } from './scrub.ts'
import { PATIENCE_MS } from './turns.ts'

const { files } = workerData as ScrubAsk // only scrub.ts starts this thread
for (const file of files) {
  const db = new Database(file, { timeout: PATIENCE_MS, fileMustExist: true })
  try {
    // The pages that it takes for the new content are not empty before.
    db.pragma('secure_delete = on')
    db.pragma('synchronous = extra')
    db.pragma('fullfsync = on')
    db.exec('vacuum')
  } finally {
    db.close()
  }
}
parentPort?.postMessage('done')
