import { compareCalls } from '../../agent/compare/compare-calls.ts'
import { compareEnds, outcomeOf } from '../../agent/compare/compare-ends.ts'
import { figuresOf } from '../../agent/compare/figures.ts'
import { callsMade, type MadeCall } from '../../agent/compare/made-calls.ts'
import type { Places } from '../../agent/compare/places.ts'
import type { Entry } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Plan } from '../../define/plan.ts'
import type { Recording } from '../../engine/shadow/recording.ts'
import type { Shadow } from '../../engine/shadow/shadow.ts'
import { cut } from '../../values/cut.ts'
import type { BacktestRun, BacktestSide, BacktestStatus, Parted } from './report.ts'

/** The longest that something is said in words, in UTF-16 units. */
const LONGEST = 300

/** Which places count for nothing. */
export interface Ignored {
  readonly ofTool: (tool: string) => Places
  readonly ofAnswer: Places
}

/** Holds a candidate's run against the recording. */
export function compareRun(
  { id, kind, name, version }: RunRow,
  recording: Recording,
  shadow: Shadow,
  plan: Plan,
  ignored: Ignored,
): Omit<BacktestRun, 'verdict'> {
  const { reader, parted, unanswered } = shadow
  const made = callsMade(shadow.entries)
  const stopped = shadow.end === 'parted' || unanswered !== null
  const { comparison, turns } = compareCalls(recording.calls, made, stopped, { reader, ignored: ignored.ofTool })
  const recorded = sideOf(recording.entries)
  const candidate = sideOf(shadow.entries)
  const isScored = recording.ended && shadow.end === 'ended' && unanswered === null
  const words = plan.output === undefined
  const end = isScored ? compareEnds(recorded.outcome, candidate.outcome, ignored.ofAnswer, words) : null
  const isSame = comparison.changes.length === 0 && (!end || (end.same && end.changes.length === 0))
  const status: BacktestStatus = unanswered ? 'failed' : stopped ? 'parted' : isSame ? 'same' : 'changed'
  return {
    runId: id,
    definition: { kind, name, version },
    status,
    problem: unanswered && { code: unanswered.code, message: unanswered.message },
    coverage: { turns: stopped ? turns : recording.turns, of: recording.turns },
    parted: parted && sayParted(recording, shadow, parted, made, turns),
    calls: comparison,
    end,
    recorded,
    candidate,
  }
}

/** One side, without its journal. */
export function sideOf(entries: readonly Entry[]): BacktestSide {
  return { ...figuresOf(entries), outcome: outcomeOf(entries) }
}

function sayParted(
  { entries, calls }: Recording,
  { reader }: Shadow,
  { key, agent, why, wentOn }: NonNullable<Shadow['parted']>,
  made: readonly MadeCall[],
  turns: number,
): Parted {
  const say = (call: MadeCall): string => cut(`${call.call.name} ${JSON.stringify(reader.valueOf(call))}`, LONGEST)
  const replies = entries.filter(({ kind }) => kind === 'model.replied')
  const seq = replies[turns]?.seq ?? entries.length - 1
  const next = calls.filter((call) => call.turn === turns)
  const wanted = made.find((call) => call.key === key)
  return {
    seq,
    key,
    agent,
    why,
    recorded: next.length > 0 ? next.map(say).join(', ') : sayEnd(entries),
    candidate: wanted ? say(wanted) : '',
    wentOn,
  }
}

function sayEnd(entries: readonly Entry[]): string {
  const outcome = outcomeOf(entries)
  if (outcome.kind === 'completed') {
    const { output } = outcome
    return cut(`answered ${JSON.stringify(output)}`, LONGEST)
  }
  return outcome.kind === 'open' ? 'has not ended' : `ended as ${outcome.kind}`
}
