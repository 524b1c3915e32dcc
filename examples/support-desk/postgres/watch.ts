import { setTimeout as wait } from 'node:timers/promises'
import type { RunRow } from '@reprise/core'
import { say } from '../show/progress.ts'
import { holderOf, type Worker } from './workers.ts'

/** How often it is looked at how the tickets stand, in milliseconds. */
const LOOK_MS = 50

/** How many tickets have ended when a worker is killed: a quarter of them, so that others are in its hands. */
const SHARE_AT_KILL = 0.25

/**
 * Says how tickets go, until none of them goes on by itself, and kills the first worker that holds some when others have ended.
 *
 * @param look gives the rows of the tickets.
 */
export async function watch(look: () => Promise<readonly RunRow[]>, workers: readonly Worker[]): Promise<void> {
  const atRest = new Set<string>()
  const holders = new Map<string, Worker>()
  let killed = false
  for (;;) {
    const rows = await look()
    for (const row of rows) {
      tellHolder(row, holders, holderOf(row, workers))
      if (!isAtRest(row) || atRest.has(row.id)) continue
      atRest.add(row.id)
      say(row.id, `# ${row.status}${by(holders.get(row.id))}`)
    }
    if (atRest.size === rows.length) return
    if (!killed && atRest.size >= rows.length * SHARE_AT_KILL) killed = killOne(rows, workers)
    await wait(LOOK_MS)
  }
}

function tellHolder({ id }: RunRow, holders: Map<string, Worker>, holder: Worker | undefined): void {
  const before = holders.get(id)
  if (!holder || holder === before) return
  holders.set(id, holder)
  say(
    id,
    before
      ? `= worker ${holder.name} goes on with it where worker ${before.name} was`
      : `  worker ${holder.name} takes it`,
  )
}

/** Whether nothing more comes of it without a person. */
function isAtRest({ endedAt, status, owner, wakeAt }: RunRow): boolean {
  return endedAt !== null || status === 'quarantined' || (status === 'waiting' && owner === null && wakeAt === null)
}

function by(worker: Worker | undefined): string {
  return worker ? `, by worker ${worker.name}` : ''
}

/** @returns whether there was one to kill. */
function killOne(rows: readonly RunRow[], workers: readonly Worker[]): boolean {
  const held = rows.filter((row) => !isAtRest(row))
  const victim = workers.find((worker) => held.some((row) => holderOf(row, workers) === worker))
  if (!victim) return false
  victim.child.kill('SIGKILL')
  const ids = held.filter((row) => holderOf(row, workers) === victim).map(({ id }) => id)
  console.log(`\nWorker ${victim.name} is killed (SIGKILL) with ${ids.join(', ')} in its hands.\n`)
  return true
}
