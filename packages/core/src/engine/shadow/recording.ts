// What a shadow run takes from the journal that it goes through again: how it began, who held it with which texts, and what
// its calls came to. Pure.
import { hasEnded } from '../../agent/compare/compare-ends.ts'
import { callsMade, type MadeCall } from '../../agent/compare/made-calls.ts'
import type { Before } from '../../agent/state/state.ts'
import type { AgentSnapshot, AgentStart, Entry, EntryBodies, EntryOf } from '../../contracts/entry.ts'

/** Another text of the agent that holds the run, from a turn on. */
export interface RecordedChange {
  /** How many replies came before it. */
  readonly turn: number
  readonly snapshot: AgentSnapshot
}

/** What the conversation was made shorter by, before a turn. */
export interface RecordedCompaction {
  /** How many replies came before it. */
  readonly turn: number
  readonly body: EntryBodies['history.compacted']
}

/** A recorded run of an agent or a team. */
export interface Recording {
  readonly entries: readonly Entry[]
  /** Of a turn of a session, what it goes on from, and how it says so. */
  readonly before: Before | undefined
  readonly join: EntryOf<'history.joined'> | undefined
  readonly start: AgentStart
  readonly startedAt: number
  readonly calls: readonly MadeCall[]
  /** How many replies it has. */
  readonly turns: number
  /** How many of them a fork took over: its own budget begins after them. */
  readonly turnsTaken: number
  /** The same of handoffs. */
  readonly handoffsTaken: number
  /** The texts of agents that were handed the run, by their names, in their order. */
  readonly handed: ReadonlyMap<string, readonly AgentSnapshot[]>
  readonly changes: readonly RecordedChange[]
  /** What was read of memories, by their names. */
  readonly memories: ReadonlyMap<string, EntryBodies['memory.read']>
  readonly compactions: readonly RecordedCompaction[]
  /** Whether it ended of itself: else nothing is said of what would have come next. */
  readonly ended: boolean
}

/** Reads a journal; undefined where it does not begin as that of an agent or a team. */
export function recordingOf(entries: readonly Entry[], before?: Before): Recording | undefined {
  const [first] = entries
  if (first?.kind !== 'run.started' || !('card' in first.body)) return undefined
  const handed = new Map<string, AgentSnapshot[]>()
  const changes: RecordedChange[] = []
  const memories = new Map<string, EntryBodies['memory.read']>()
  const compactions: RecordedCompaction[] = []
  let [turns, turnsTaken, handoffs, handoffsTaken] = [0, 0, 0, 0]
  for (const entry of entries) {
    if (entry.kind === 'model.replied') turns++
    if (entry.kind === 'memory.read') memories.set(entry.body.memory, entry.body)
    if (entry.kind === 'run.forked') [turnsTaken, handoffsTaken] = [turns, handoffs]
    if (entry.kind === 'definition.changed') changes.push({ turn: turns, snapshot: entry.body })
    if (entry.kind === 'history.compacted') compactions.push({ turn: turns, body: entry.body })
    if (entry.kind === 'handoff.made') {
      handoffs++
      const { to, card, instructions } = entry.body
      handed.set(to, [...(handed.get(to) ?? []), { card, instructions }])
    }
  }
  const { body: start, at: startedAt } = first
  const ended = hasEnded(entries)
  const join = entries.find((entry) => entry.kind === 'history.joined')
  return {
    entries,
    before,
    join,
    start,
    startedAt,
    calls: callsMade(entries),
    turns,
    turnsTaken,
    handoffsTaken,
    handed,
    changes,
    memories,
    compactions,
    ended,
  }
}
