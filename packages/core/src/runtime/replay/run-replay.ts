// One run of many under today's code, asked two questions that are kept apart: would it answer otherwise (a replay, with
// verdicts judged again), and, while it has not ended, would it go on (what a resume would do, up to where it would be
// driven). Whatever is wrong with one run is told of that run and keeps nobody from the others.
import { emptyState, fold } from '../../agent/state/fold.ts'
import type { DefinitionRef, Entry } from '../../contracts/entry.ts'
import type { RunRow, RunStatus } from '../../contracts/run.ts'
import { type AnyDefinition, planOf } from '../../define/plan.ts'
import type { Engine } from '../../engine/engine.ts'
import { rehearse } from '../../engine/session/take-up.ts'
import type { Divergence } from '../../journal/divergence.ts'
import { decodeEntry } from '../../journal/entry-codec.ts'
import { ENDS } from '../../journal/entry-kinds.ts'
import { messageOf, RepriseError } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'
import { type Replay, replayEntries } from '../read/replay.ts'
import type { Definitions } from '../setup/definitions.ts'
import { agentGone, isSameBut } from './agent-cause.ts'
import { type LikelyCause, UNKNOWN } from './cause.ts'
import { likelyCause } from './likely-cause.ts'

/** Why a run does not go on, or could not be replayed. */
export interface ReplayProblem {
  readonly code: string
  readonly message: string
  readonly cause: LikelyCause
}

interface OfRun {
  readonly runId: string
  readonly definition: DefinitionRef
  /** How its row stood. */
  readonly runStatus: RunStatus
  /** Whether it had not ended. */
  readonly inFlight: boolean
  /** Why a resume would not go on under today's code; null where it would, or the run has ended. */
  readonly broken: ReplayProblem | null
}

/** A run of many that was replayed. */
export interface ReplayedRun extends OfRun, Replay {
  /** What is likely behind its divergence; null where it has none. */
  readonly cause: LikelyCause | null
}

/** A run of many that could not be replayed. */
export interface UnreplayedRun extends OfRun {
  readonly status: 'failed'
  readonly error: ReplayProblem
}

/** What came of one run of many. */
export type RunReplay = ReplayedRun | UnreplayedRun

/** What replaying runs takes. */
export interface ReplayParts {
  readonly engine: Engine
  readonly definitions: Definitions
}

const GONE: ReadonlySet<string> = new Set(['run_erased', 'run_going'])

/**
 * Replays one run, and rehearses its resume where it has not ended.
 *
 * @returns undefined for one that is gone, or of which nothing can be read any more.
 */
export async function replayRun(parts: ReplayParts, row: RunRow): Promise<RunReplay | undefined> {
  const { id: runId, kind, name, version, status: runStatus, endedAt } = row
  const of = { runId, definition: { kind, name, version }, runStatus }
  let entries: readonly Entry[]
  try {
    entries = (await parts.engine.store.entries(runId)).map(decodeEntry)
  } catch (error) {
    if (RepriseError.is(error) && GONE.has(error.code)) return undefined
    return unreplayed(of, endedAt === null, await problemOf(parts, row, [], error))
  }
  const last = entries.at(-1)
  if (!last) return undefined
  // It may have ended since its row was read.
  const inFlight = endedAt === null && !ENDS.has(last.kind)
  try {
    const today = parts.definitions.of(row)
    const replay = await replayEntries(runId, entries, today, await parts.engine.chains.joinedBy(entries))
    const { divergence } = replay
    const cause = divergence && (await likelyCause(runId, divergence, entries, today[0]))
    return { ...of, inFlight, ...replay, cause, broken: inFlight ? await brokenBy(parts, row, entries, today) : null }
  } catch (error) {
    return unreplayed(of, inFlight, await problemOf(parts, row, entries, error))
  }
}

/** What cannot be replayed cannot be taken up either. */
function unreplayed(of: Omit<OfRun, 'broken' | 'inFlight'>, inFlight: boolean, error: ReplayProblem): UnreplayedRun {
  return { ...of, inFlight, status: 'failed', error, broken: inFlight ? error : null }
}

async function brokenBy(
  parts: ReplayParts,
  row: RunRow,
  entries: readonly Entry[],
  today: readonly AnyDefinition[],
): Promise<ReplayProblem | null> {
  try {
    await rehearse(parts.engine, row, entries, today)
    return null
  } catch (error) {
    return problemOf(parts, row, entries, error)
  }
}

async function problemOf(
  { definitions }: ReplayParts,
  row: RunRow,
  entries: readonly Entry[],
  error: unknown,
): Promise<ReplayProblem> {
  const code = RepriseError.is(error) ? error.code : 'replay_threw'
  return { code, message: messageOf(error), cause: await causeOf(definitions, row, entries, error) }
}

async function causeOf(
  definitions: Definitions,
  row: RunRow,
  entries: readonly Entry[],
  error: unknown,
): Promise<LikelyCause> {
  if (!RepriseError.is(error)) return UNKNOWN
  const { code, message, details } = error
  switch (code) {
    case 'diverged':
      // Only divergenceError gives this code, with these details.
      return likelyCause(row.id, details as unknown as Divergence, entries, definitions.of(row)[0])
    case 'agent_gone':
      return holderGone(entries, definitions.of(row)[0])
    case 'text_changed':
      return {
        kind: 'text-stopped',
        said: `the ${saidOf(details['field'])} of agent "${saidOf(details['agent'])}" reads otherwise, and its definition says onChange: 'stop'`,
      }
    case 'instructions_threw':
      return { kind: 'instructions-threw', said: message }
    case 'unregistered':
      return definitionGone(row, entries, definitions)
    case 'store_corrupt':
      return { kind: 'damaged', said: 'its journal is not what was written, whatever the code is' }
    default:
      return UNKNOWN
  }
}

function saidOf(detail: Json | undefined): string {
  return typeof detail === 'string' ? detail : ''
}

function holderGone(entries: readonly Entry[], definition: AnyDefinition): LikelyCause {
  const { holder } = entries.reduce(fold, emptyState())
  if (!holder || definition.kind === 'workflow') return UNKNOWN
  return agentGone(holder.card, planOf(definition))
}

function definitionGone({ kind, name }: RunRow, [first]: readonly Entry[], definitions: Definitions): LikelyCause {
  if (first && 'card' in first.body) {
    const { card } = first.body
    for (const other of definitions.names) {
      const today = definitions.newest({ ...other, version: 1 })
      if (other.kind !== kind || today.kind === 'workflow') continue
      const plan = planOf(today)
      const entry = plan.agents.get(plan.entry)
      if (entry && isSameBut(card, entry.card))
        return { kind: 'definition-renamed', said: `the ${kind} "${name}" is called "${other.name}"` }
    }
  }
  return { kind: 'definition-removed', said: `the ${kind} "${name}" is not among the definitions` }
}
