// The queue of a store in figures, for dashboards and alerts.
import type { DefinitionRef, Waiting } from '../../contracts/entry.ts'
import type { QueueRow } from '../../contracts/queue.ts'
import { checkOptions } from '../../define/argument.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Lease, SeenOwner } from '../drive/lease.ts'
import type { Definitions } from '../setup/definitions.ts'

/** What a run that nobody drives may wait for, but its time. */
export type WaitingKind = Exclude<Waiting['kind'], 'quarantined' | 'timer' | 'retry' | 'turn'>

/** How many runs that have not ended stand how. Each of them is counted once, but for `inDoubt` and `interrupted`. */
export interface QueueCounts {
  /** Runs that a worker could take now, and none has. */
  readonly depth: number
  /** For how long the one that could be taken for longest could be, in milliseconds; 0 where there is none. */
  readonly oldestMs: number
  /** Runs that somebody drives, or drove when it died. */
  readonly running: number
  /** Runs that wait for their time: timers, pauses before another attempt, runs that are to begin later. */
  readonly delayed: number
  /** Runs that wait for something else, by what may come soonest. */
  readonly waiting: Readonly<Record<WaitingKind, number>>
  /** Runs that nobody takes before somebody has looked at them: `unquarantine`. */
  readonly quarantined: number
  /** Of `waiting`: a person must say whether a call happened: `settleDoubt`. */
  readonly inDoubt: number
  /** Of `waiting`: whoever drove them could not bring them further. Workers try again by themselves; an operator mends why. */
  readonly interrupted: number
}

/** The queue of one definition. */
export interface DefinitionQueue extends Pick<DefinitionRef, 'kind' | 'name'>, QueueCounts {}

/** The queue of a store. All of it is JSON. */
export interface QueueStats extends QueueCounts {
  /** When that was so, in milliseconds since 1970, by the runtime's clock. */
  readonly at: number
  /** Who drives runs, and for how long this runtime has seen its heartbeat stand still; from 15 seconds on others take its runs. */
  readonly owners: readonly SeenOwner[]
  /**
   * The same by definition, where that was asked for: of each that this runtime has, and of each other that has runs, in the
   * order of their kinds and names.
   */
  readonly definitions?: readonly DefinitionQueue[]
}

/** What `runtime.queue` takes. */
export interface QueueOptions {
  /** Whether each definition is told by itself too. @default false */
  readonly byDefinition?: boolean
}

/** What is looked at. */
export interface QueueParts {
  readonly engine: Pick<Engine, 'store' | 'clock'>
  readonly driver: { readonly lease: Pick<Lease, 'seenOwners'> }
  readonly definitions: Pick<Definitions, 'names'>
}

/** Counts the queue of a store. See `Runtime.queue`. */
export async function queueStats(parts: QueueParts, options: QueueOptions): Promise<QueueStats> {
  const { definitions, driver, engine } = parts
  const { store, clock } = engine
  checkOptions('runtime.queue was given options', options, 'Give it { byDefinition }, or nothing.')
  const at = clock.now()
  const [rows, owners] = await Promise.all([store.queue(at), driver.lease.seenOwners()])
  const stats = { at, ...sum(rows, at), owners }
  return options.byDefinition ? { ...stats, definitions: byDefinition(definitions.names, rows, at) } : stats
}

const NONE: Readonly<Record<WaitingKind, number>> = {
  'in-doubt': 0,
  approval: 0,
  answer: 0,
  signal: 0,
  child: 0,
  interrupted: 0,
}

function sum(rows: readonly QueueRow[], now: number): QueueCounts {
  const waiting = { ...NONE }
  let [depth, running, delayed, quarantined, since] = [0, 0, 0, 0, Infinity]
  for (const row of rows) {
    depth += row.ready
    running += row.owned
    since = Math.min(since, row.readySince ?? Infinity)
    const rest = row.runs - row.owned - row.ready
    if (row.status === 'quarantined') quarantined += rest
    else if (row.waiting === null || row.waiting === 'quarantined') delayed += rest
    else if (row.waiting === 'timer' || row.waiting === 'retry' || row.waiting === 'turn') delayed += rest
    else waiting[row.waiting] += rest
  }
  // Another machine's clock may be ahead.
  const oldestMs = depth === 0 ? 0 : Math.max(0, now - since)
  const { 'in-doubt': inDoubt, interrupted } = waiting
  return { depth, oldestMs, running, delayed, waiting, quarantined, inDoubt, interrupted }
}

function byDefinition(own: Definitions['names'], rows: readonly QueueRow[], now: number): readonly DefinitionQueue[] {
  const all = [...own, ...rows].map(({ kind, name }) => [`${kind} ${name}`, { kind, name }] as const)
  return [...new Map(all)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { kind, name }]) => {
      const ofOne = rows.filter((row) => row.kind === kind && row.name === name)
      return { kind, name, ...sum(ofOne, now) }
    })
}
