// How runs stand that have not ended, as the memory store counts it: it looks at all that it has.
import type { QueueRow } from '@reprise/core'
import { type Kept, mayGoOn } from './kept-run.ts'

/** Counts runs that have not ended, by how they stand. */
export function queueOf(all: Iterable<Kept>, now: number): readonly QueueRow[] {
  const rows = new Map<string, QueueRow>()
  for (const kept of all) {
    const { kind, name, status, waiting, owner, endedAt } = kept.row
    if (endedAt !== null || status === 'completed' || status === 'failed' || status === 'cancelled') continue
    const standing = { kind, name, status, waiting: waiting?.kind ?? null }
    const key = JSON.stringify(standing)
    const since = owner === null && isReady(kept, now) ? readySince(kept, now) : null
    const { runs = 0, owned = 0, ready = 0, readySince: first = null } = rows.get(key) ?? {}
    rows.set(key, {
      ...standing,
      runs: runs + 1,
      owned: owned + (owner === null ? 0 : 1),
      ready: ready + (since === null ? 0 : 1),
      readySince: since === null || (first !== null && first < since) ? first : since,
    })
  }
  return [...rows.values()]
}

function isReady(kept: Kept, now: number): boolean {
  const { status, wakeAt } = kept.row
  return mayGoOn(kept, now) && (status === 'waiting' || wakeAt === null || wakeAt <= now)
}

function readySince({ row: { status, wakeAt, createdAt }, entries, inbox }: Kept, now: number): number {
  if (wakeAt !== null && wakeAt <= now) return wakeAt
  if (status === 'waiting') return Math.min(...inbox.map(({ at }) => at))
  return status === 'queued' ? createdAt : (entries.at(-1)?.at ?? createdAt)
}
