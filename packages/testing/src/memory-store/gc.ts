// Which runs that have ended are deleted, and what goes with them.
import { type EndedStatus, KEPT_CONTINUATIONS, type RunRow } from '@reprise/core'
import type { AllKept } from './all-kept.ts'
import { isOne } from './kept-run.ts'

/** What is to be cleaned up. */
interface Wanted {
  /** Milliseconds since 1970. */
  readonly endedBefore: number
  readonly statuses: readonly EndedStatus[]
  /** Whose runs alone; undefined for everybody's. */
  readonly tenant: string | undefined
}

/** Deletes runs until so many are gone, each with what goes by it; gives their ids, children before their parents. */
export function collect(kept: AllKept, wanted: Wanted, limit: number): readonly string[] {
  const { runs, kin } = kept
  const all = kept.all.map(({ row }) => row)
  const places = new Map(all.map(({ id }, place) => [id, place]))
  const newest = new Map<string, RunRow>()
  for (const row of all) if (row.round > (newest.get(row.root)?.round ?? 0)) newest.set(row.root, row)
  const deleted: string[] = []
  for (const row of all) {
    if (deleted.length >= limit) break
    if (!runs.has(row.id) || !isWanted(row, wanted) || (row.parentId !== null && runs.has(row.parentId))) continue
    const ahead = (newest.get(row.root) ?? row).round - row.round
    // Several continuations go by the newest, but for those that are long over.
    if (ahead > 0 && (row.round === 1 || ahead <= KEPT_CONTINUATIONS)) continue
    // A session goes by its newest turn, with all that came of it.
    const { sessionId, turn, lineageId } = row
    if (kin.hasTurn({ sessionId, turn: (turn ?? 0) + 1 })) continue
    const isOfSession = (one: RunRow): boolean =>
      one.sessionId !== null && one.lineageId === lineageId && runs.has(one.id)
    if (sessionId === null && lineageId !== row.id && all.some(isOfSession)) continue
    const own = kin.below(ahead > 0 ? [row.id] : kin.roundsOf(row.root))
    const unit = sessionId === null ? own : all.filter((one) => one.lineageId === lineageId && runs.has(one.id))
    const stays = ({ endedAt, parentId }: RunRow): boolean =>
      endedAt === null || (sessionId !== null && parentId === null && endedAt >= wanted.endedBefore)
    if (unit.some(stays)) continue
    for (const one of unit.toSorted((a, b) => (places.get(b.id) ?? 0) - (places.get(a.id) ?? 0))) {
      runs.delete(one.id)
      kin.delete(one)
      deleted.push(one.id)
    }
  }
  return deleted
}

function isWanted({ endedAt, status, tenant }: RunRow, wanted: Wanted): boolean {
  const isOld = endedAt !== null && endedAt < wanted.endedBefore
  return isOld && isOne(status, wanted.statuses) && (wanted.tenant === undefined || wanted.tenant === tenant)
}
