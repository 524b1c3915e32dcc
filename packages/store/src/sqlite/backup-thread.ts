// Copies a database as it stands at one moment, in a thread, so that nothing waits for it.
import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { BackupAsk } from './backup.ts'

const { from, to } = workerData as BackupAsk // only backup.ts starts this thread
const db = new Database(from, { readonly: true, fileMustExist: true })
try {
  db.prepare('vacuum into ?').run(to)
} finally {
  db.close()
}
parentPort?.postMessage('done')
