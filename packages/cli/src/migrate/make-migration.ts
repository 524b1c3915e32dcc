import {
  type BacktestFigure,
  type BacktestReport,
  type BacktestRun,
  type BacktestSide,
  type BacktestSummary,
  interval,
  type PairedFigure,
} from '@reprise/core'
import type { DefinedAgent } from '../models/agents-of.ts'
import type { OpenRun } from '../models/in-use.ts'
import type { KnownModel } from '../models/known-model.ts'
import { canary } from './canary.ts'
import { type Effects, exampleOf } from './examples.ts'
import type { AgentMigration, Figure, Migration, Recordings, Wrong } from './migration.ts'
import { monthOf, NO_USE, recordedDays, type RecentUse } from './month.ts'
import { judge, type Rule } from './verdict.ts'

/** All that a migration report is made of. */
export interface Found {
  readonly from: KnownModel
  readonly to: KnownModel
  readonly report: BacktestReport
  readonly rule: Rule
  readonly recordings: Omit<Recordings, 'tried'>
  readonly definitions: readonly DefinedAgent[]
  readonly open: readonly OpenRun[]
  /** What each agent has used of the model in the last 30 days. */
  readonly use: ReadonlyMap<string, RecentUse>
  readonly effects: Effects
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Says of each agent whether it may move, and on what evidence. */
export function makeMigration(found: Found): Migration {
  const { from, to, now, rule, definitions, open, report } = found
  const skipped = Object.entries(report.skipped).map(([code, runs]) => ({
    why: `skipped by the backtest: ${code}`,
    runs,
  }))
  const partial = report.partial
    ? [{ why: `not begun, for want of ${report.partial.why}`, runs: report.partial.left }]
    : []
  return {
    from,
    to,
    madeAt: now,
    rule,
    recordings: {
      ...found.recordings,
      tried: report.all.runs,
      left: [...found.recordings.left, ...skipped, ...partial],
    },
    agents: Object.entries(report.byAgent)
      .map(([agent, summary]) => agentMigration(agent, summary, found))
      .toSorted((one, other) => RANKS[one.verdict.kind] - RANKS[other.verdict.kind]),
    definitions,
    open,
    asked: report.asked,
  }
}

/** What somebody must act upon comes first. */
const RANKS = { 'no-go': 0, 'not-enough': 1, go: 2 } as const

function agentMigration(agent: string, summary: BacktestSummary, found: Found): AgentMigration {
  const { report, rule, use, effects, now } = found
  const { same, changed, parted, failed, figures, latency, coverage } = summary
  const mine = report.runs.filter((run) => run.status !== 'skipped' && held(run, agent))
  const whole = mine.filter(({ status }) => status === 'same' || status === 'changed')
  const went = whole.map((run) => [wentWrong(run.recorded, agent), wentWrong(run.candidate, agent)] as const)
  const evidence = {
    of: summary.runs,
    same,
    different: changed + parted,
    worse: went.filter(([before, after]) => after && !before).length,
    better: went.filter(([before, after]) => before && !after).length,
  }
  const recent = use.get(agent) ?? NO_USE
  const days = recordedDays(recent, now)
  const examples = mine
    .flatMap((run) => exampleOf(run, agent, effects) ?? [])
    .toSorted((one, other) => other.weight - one.weight || other.changes.length - one.changes.length)
  const values = Array.from({ length: same + changed + parted }, (_, at) => (at < same ? 1 : 0))
  const { costNano } = figures
  return {
    agent,
    verdict: judge(evidence, rule),
    runs: { of: summary.runs, same, changed, parted, failed },
    coverage,
    share: interval(values, { level: rule.confidence }) ?? null,
    reordered: mine.filter((run) => !run.calls.inOrder && run.candidate.lastAgent === agent).length,
    changes: Object.entries(summary.changes)
      .filter(([, runs]) => runs > 0)
      .map(([kind, runs]) => ({ kind, runs })),
    wrong: wrongOf(figures),
    figures: FIGURES.map(([figure, what, unit]) => figureOf(what, unit, figures[figure])),
    latency,
    month: monthOf(
      recent,
      { recorded: costNano.recorded ?? null, candidate: costNano.candidate ?? null },
      costNano.ratio ?? null,
      now,
    ),
    canary: canary(
      mine.length === 0 ? null : mine.filter(({ recorded }) => !wentWrong(recorded, agent)).length / mine.length,
      days === null ? null : recent.runs / days,
    ),
    examples,
  }
}

function held({ recorded, candidate }: BacktestRun, agent: string): boolean {
  return Object.hasOwn(recorded.byAgent, agent) || Object.hasOwn(candidate.byAgent, agent)
}

/** Whether a side did what it should not: broke a rule or the answer's schema, wrote a call that nobody can run, or failed. */
function wentWrong({ outcome, byAgent }: BacktestSide, agent: string): boolean {
  const { refused = 0, sentBack = 0, unusable = 0 } = byAgent[agent] ?? {}
  const ended = outcome.kind === 'completed' || outcome.kind === 'open' || outcome.kind === 'cancelled'
  return !ended || refused + sentBack + unusable > 0
}

function wrongOf(figures: BacktestSummary['figures']): readonly Wrong[] {
  const { completed } = figures
  const failures = {
    what: 'Runs not completed',
    recorded: Math.round((1 - (completed.recorded ?? 1)) * completed.runs),
    candidate: Math.round((1 - (completed.candidate ?? 1)) * completed.runs),
    up: completed.chance.down,
    down: completed.chance.up,
    p: completed.chance.p,
  }
  return [
    wrongFigure('Calls refused by a rule', figures.refused),
    wrongFigure('Answers sent back', figures.sentBack),
    wrongFigure('Unusable calls', figures.unusable),
    failures,
  ]
}

function wrongFigure(what: string, { runs, recorded = 0, candidate = 0, chance }: PairedFigure): Wrong {
  const { up, down, p } = chance
  return { what, recorded: Math.round(recorded * runs), candidate: Math.round(candidate * runs), up, down, p }
}

const FIGURES = [
  ['costNano', 'Cost', 'usd'],
  ['latencyMs', 'Latency of a reply', 'ms'],
  ['turns', 'Turns', 'number'],
  ['calls', 'Calls', 'number'],
  ['inputTokens', 'Tokens read', 'tokens'],
  ['outputTokens', 'Tokens written', 'tokens'],
] as const satisfies readonly (readonly [BacktestFigure, string, Figure['unit']])[]

function figureOf(what: string, unit: Figure['unit'], { runs, recorded, candidate, ratio }: PairedFigure): Figure {
  return { what, unit, runs, recorded: recorded ?? null, candidate: candidate ?? null, ratio: ratio ?? null }
}
