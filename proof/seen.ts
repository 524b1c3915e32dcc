// A run as its writes have it, and what its entries mean to whoever looks at them from outside.
import type { EntryBodies, EntryKind, NewRun, RunRow, StoredEntry } from '@reprise/core'

/** A run as its writes have it. */
export interface Seen {
  row: RunRow
  readonly entries: StoredEntry[]
}

const ENDS: ReadonlySet<EntryKind> = new Set(['run.completed', 'run.failed', 'run.cancelled'])

/** What is written once of a key, whatever happens. */
export const ONCE: ReadonlySet<EntryKind> = new Set([
  'run.started',
  'model.replied',
  'call.judged',
  'approval.asked',
  'approval.given',
  'answer.asked',
  'call.returned',
  'handoff.made',
  'history.compacted',
  'timer.set',
  'timer.fired',
  'step.returned',
  'race.won',
  'child.started',
  'child.ended',
  'message.received',
])

/** What says that a call or a step is done. */
export const RESULTS: ReadonlySet<EntryKind> = new Set(['call.returned', 'step.returned'])

/** Whether a run has ended, by its journal. */
export function ended({ entries }: Seen): boolean {
  const last = entries.at(-1)
  return last !== undefined && ENDS.has(last.kind)
}

/** Whether a run that ended so was late. */
export function isLate(error?: { readonly code: string }): boolean {
  return error?.code === 'run_expired' || error?.code === 'run_deadline'
}

/** The body of an entry that is of this kind. */
export function bodyOf<K extends EntryKind>({ text }: StoredEntry, _kind: K): EntryBodies[K] {
  // Only the engine writes these bodies.
  return JSON.parse(text) as EntryBodies[K]
}

/** Whether an item of this kind is part of what a model said. */
export function isReply(kind: string | undefined): boolean {
  return kind === 'assistant' || kind === 'call'
}

/** Whether a call has its result with this entry. */
export function settles({ kind }: StoredEntry): boolean {
  return (
    kind === 'call.returned' ||
    kind === 'call.failed' ||
    kind === 'call.resolved' ||
    kind === 'call.judged' ||
    kind === 'handoff.made' ||
    kind === 'approval.given'
  )
}

/** What a run that begins leaves out says the rest of its row. */
export function rowOf(row: NewRun): RunRow {
  const unsaid = { tenant: null, user: null, concurrency: null, expireAt: null, deadlineAt: null }
  return {
    ...unsaid,
    sessionId: null,
    turn: null,
    root: row.id,
    round: 1,
    waits: row.waiting ? [row.waiting] : [],
    ...row,
  }
}
