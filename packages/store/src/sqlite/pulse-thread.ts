// The thread that beats for the owners of this process, so that a tool that blocks the event loop does not lose its runs
// (fault 11). It stops for an owner whose loop has said nothing for long: such a one will not come back.
import { randomInt } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { SqliteDatabase } from './database.ts'
import type { PulseAnswer, PulseMessage } from './pulse.ts'

/** How long an event loop may be blocked before its owner counts as lost, in milliseconds. */
const LONGEST_SILENCE_MS = 600_000

/** After how many beats that did not come from the event loop this thread makes them: each is a write, and one will do. */
const MISSED_BEATS = 2

interface Beating {
  readonly db: SqliteDatabase
  readonly timer: NodeJS.Timeout
  heard: number
}

const beating = new Map<string, Beating>()
/** None of this thread's beats is one that the event loop makes: both begin anywhere. */
let last = randomInt(2 ** 47)

parentPort?.on('message', (message: PulseMessage) => {
  const { kind, owner } = message
  if (kind === 'begin') begin(message)
  else if (kind === 'heard') hear(owner)
  else end(owner)
})

function begin({ owner, path, everyMs }: Extract<PulseMessage, { kind: 'begin' }>): void {
  const db = new Database(path, { timeout: everyMs })
  // A beat need not survive the loss of power, and whoever writes the journal keeps its log short.
  db.pragma('synchronous = normal')
  db.pragma('wal_autocheckpoint = 0')
  // Nobody looks for the beat of an owner without runs, and each would lengthen the log as long as somebody reads it.
  const beat = db.prepare<[number, string]>(
    `update owners set beat = ? where owner = ?
      and exists (select 1 from runs where runs.owner = owners.owner and ended_at is null)`,
  )
  const timer = setInterval(() => {
    const { heard } = beating.get(owner) ?? { heard: 0 }
    const silentMs = performance.now() - heard
    if (silentMs < MISSED_BEATS * everyMs || silentMs > LONGEST_SILENCE_MS) return
    try {
      beat.run(++last, owner)
    } catch {
      // Somebody else writes: the next beat is as good.
    }
  }, everyMs)
  beating.set(owner, { db, timer, heard: performance.now() })
}

function hear(owner: string): void {
  const own = beating.get(owner)
  if (own) own.heard = performance.now()
}

function end(owner: string): void {
  const own = beating.get(owner)
  beating.delete(owner)
  clearInterval(own?.timer)
  own?.db.close()
  parentPort?.postMessage({ ended: owner } satisfies PulseAnswer)
}
