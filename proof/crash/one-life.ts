// A process that lives as the case and the point say, and ends itself there by SIGKILL; or says what came of the run.
// Its clock goes on where that of the process before it was. usage: node one-life.ts FOLDER WHERE CASE [POINT],
// where WHERE is "sqlite", or the address of a Postgres and the schema, with a blank between them
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '@reprise/core'
import { crashing, type CrashPoint, manualClock } from '@reprise/testing'
import { bookingStore, type BookingStore } from '../journal-store.ts'
import { bookingPostgres } from '../postgres-place.fixture.ts'
import { Stillness } from '../stillness.ts'
import { Ledger } from '../stories/outside.ts'
import { live } from './life.ts'
import { cases } from './trial.ts'

/** The store of a process: in a file of a folder, or on a Postgres. */
export async function openIn(folder: string, where: string): Promise<BookingStore> {
  const [url = '', schema = ''] = where.split(' ')
  const opened = where === 'sqlite' ? bookingStore(join(folder, 'runs.db')) : await bookingPostgres(url, schema)
  // Opening a store takes its time, and none of the clock's.
  await opened.store.owners()
  return opened
}

/** The ledger of a folder, which outlives whoever writes to it. */
export function ledgerIn(folder: string): Ledger {
  const path = join(folder, 'ledger')
  const lines = (): string[] => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [])
  return new Ledger((line) => appendFileSync(path, `${line}\n`), lines)
}

/** When the newest entry was written, in milliseconds since 1970. */
async function newest(store: Store): Promise<number> {
  const journals = await Promise.all((await store.runs({})).map(({ id }) => store.entries(id)))
  return Math.max(1_764_000_000_000, ...journals.flat().map(({ at }) => at))
}

if (import.meta.main) {
  const [folder = '', where = '', name, point] = process.argv.slice(2)
  const one = cases.find((other) => other.name === name)
  if (!one) throw new Error(`There is no case "${name}".`)
  const opened = await openIn(folder, where)
  const { store } = opened
  const at = JSON.parse(point ?? '{"at":1e9,"side":"before"}') as CrashPoint
  const still = new Stillness()
  const mortal = crashing(still.holding(store), { ...at, how: 'kill' })
  const clock = manualClock({ now: await newest(store) })
  const outcome = await live({ ...one, store: mortal, ledger: ledgerIn(folder), book: opened.book, still, clock })
  await store.close()
  console.log(JSON.stringify(outcome))
  process.exit()
}
