import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { RunRow } from '@reprise/core'
import { say } from '../show/progress.ts'
import { holderOf, type Worker } from './workers.ts'

/** How often it is looked at how the tickets stand, in milliseconds. */
const LOOK_MS = 50

/** How many tickets have ended when a worker is killed: a quarter of them, so that others are in its hands. */
const SHARE_AT_KILL = 0.25

/** Who was seen to hold a ticket, and its epoch then, which rises with each owner. */
interface Hold {
  readonly worker: Worker
  readonly epoch: number
}

/**
 * Says how tickets go, until none of them goes on by itself, and kills a worker that holds some when others have ended.
 *
 * @param look gives the rows of the tickets.
 */
export async function watch(look: () => Promise<readonly RunRow[]>, workers: readonly Worker[]): Promise<void> {
  const atRest = new Set<string>()
  const holds = new Map<string, Hold>()
  let killed = false
  for (;;) {
    const rows = await look()
    for (const row of rows) {
      tellHolder(row, holds, holderNow(row, holds.get(row.id), workers))
      if (!isAtRest(row) || atRest.has(row.id)) continue
      atRest.add(row.id)
      say(row.id, `# ${row.status}${by(holds.get(row.id))}`)
    }
    if (atRest.size === rows.length) return
    if (!killed && atRest.size >= rows.length * SHARE_AT_KILL) killed = await killOne(look, rows, workers)
    await wait(LOOK_MS)
  }
}

function tellHolder({ id, epoch }: RunRow, holds: Map<string, Hold>, holder: Worker | undefined): void {
  const before = holds.get(id)
  if (holder) holds.set(id, { worker: holder, epoch })
  else holds.delete(id)
  if (!holder || holder === before?.worker) return
  say(
    id,
    before
      ? `= worker ${holder.name} goes on with it where worker ${before.worker.name} was`
      : `  worker ${holder.name} takes it`,
  )
}

/**
 * Who holds a ticket, or did so at last. Between two looks somebody else may have taken it and let go of it again, which its
 * epoch says: the only worker that lives, or nobody knows who.
 */
function holderNow(row: RunRow, before: Hold | undefined, workers: readonly Worker[]): Worker | undefined {
  const holder = holderOf(row, workers)
  if (holder || !before || row.epoch === before.epoch) return holder ?? before?.worker
  const [living, ...others] = workers.filter(lives)
  return others.length === 0 ? living : undefined
}

function lives({ child }: Worker): boolean {
  return child.exitCode === null && child.signalCode === null
}

/** Whether nothing more comes of it without a person. */
function isAtRest({ endedAt, status, owner, wakeAt }: RunRow): boolean {
  return endedAt !== null || status === 'quarantined' || (status === 'waiting' && owner === null && wakeAt === null)
}

function by(hold: Hold | undefined): string {
  return hold ? `, by worker ${hold.worker.name}` : ''
}

/** @returns whether there was one to kill: the one that holds most. */
async function killOne(
  look: () => Promise<readonly RunRow[]>,
  rows: readonly RunRow[],
  workers: readonly Worker[],
): Promise<boolean> {
  const held = (seen: readonly RunRow[], worker: Worker): readonly RunRow[] =>
    seen.filter((row) => !isAtRest(row) && holderOf(row, workers) === worker)
  const [victim] = workers.filter(lives).toSorted((a, b) => held(rows, b).length - held(rows, a).length)
  if (!victim || held(rows, victim).length === 0) return false
  const exit = once(victim.child, 'exit')
  victim.child.kill('SIGKILL')
  await exit
  // What it has ended since the look before is in its hands no more.
  const left = held(await look(), victim).map(({ id }) => id)
  const whatIsLeft = left.length > 0 ? left.join(', ') : 'nothing'
  console.log(`\nWorker ${victim.name} is killed (SIGKILL) with ${whatIsLeft} in its hands.\n`)
  return true
}
