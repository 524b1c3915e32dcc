import type { BacktestFigures } from '../../agent/compare/figures.ts'
import type { Interval } from '../../values/stats/bca.ts'
import { bootstrap, interval, pairedInterval } from '../../values/stats/interval.ts'
import { chanceOf } from './chance.ts'
import type { JudgeVerdict } from './verdict.ts'
import type {
  BacktestFigure,
  BacktestRun,
  BacktestSummary,
  ChangeKind,
  Latency,
  PairedFigure,
  VerdictSummary,
} from './report.ts'

/** What one side of a run has of a figure; undefined where that is not known. */
type Reading = (side: BacktestFigures, completed: boolean) => number | undefined

const READINGS: { readonly [K in BacktestFigure]: { readonly of: Reading; readonly says: readonly [string, string] } } =
  {
    costNano: {
      of: ({ used }) => (used.unpriced > 0 ? undefined : used.costNano),
      says: ['costs more', 'costs less'],
    },
    inputTokens: { of: ({ used }) => used.inputTokens, says: ['reads more tokens', 'reads fewer tokens'] },
    cachedTokens: {
      of: ({ used }) => used.cachedTokens,
      says: ['reads more from the cache', 'reads less from the cache'],
    },
    outputTokens: { of: ({ used }) => used.outputTokens, says: ['writes more tokens', 'writes fewer tokens'] },
    turns: { of: ({ used }) => used.turns, says: ['takes more turns', 'takes fewer turns'] },
    calls: { of: ({ used }) => used.calls, says: ['makes more calls', 'makes fewer calls'] },
    latencyMs: { of: (side) => quantile(timesOf(side), 0.5), says: ['is slower', 'is faster'] },
    refused: { of: ({ refused }) => refused, says: ['breaks more rules', 'breaks fewer rules'] },
    sentBack: { of: ({ sentBack }) => sentBack, says: ['has more answers sent back', 'has fewer answers sent back'] },
    unusable: { of: ({ unusable }) => unusable, says: ['makes more unusable calls', 'makes fewer unusable calls'] },
    completed: {
      of: (_, completed) => (completed ? 1 : 0),
      says: ['completes what the recording did not', 'does not complete what the recording did'],
    },
  }

const CHANGES: readonly ChangeKind[] = [
  'added',
  'left out',
  'arguments',
  'rules',
  'unusable',
  'answer',
  'end',
  'parted',
]

/** Sums runs up: those of an agent, as far as it has held them, or all. */
export function summaryOf(all: readonly BacktestRun[], agent?: string): BacktestSummary {
  const runs = all.filter((run) => run.status !== 'skipped' && (agent === undefined || isOf(run, agent)))
  const changes = runs.map((run) => changesOf(run, agent))
  const statuses = runs.map((run, at) => statusOf(run, changes[at] ?? new Set(), agent))
  const count = (status: string): number => statuses.filter((other) => other === status).length
  const compared = runs.filter((run) => isWhole(run))
  const sides = compared.map((run) => ({
    recorded: shareOf(run, 'recorded', agent),
    candidate: shareOf(run, 'candidate', agent),
    completed: [run.recorded.outcome.kind === 'completed', run.candidate.outcome.kind === 'completed'] as const,
    ended: run.end !== null,
  }))
  const judged = runs.flatMap(({ verdict }) => verdict ?? [])
  const told = statuses.filter((status) => status !== 'failed')
  return {
    runs: runs.length,
    same: count('same'),
    changed: count('changed'),
    parted: count('parted'),
    failed: count('failed'),
    wentOn: runs.filter(({ parted }) => parted !== null && parted.wentOn !== null).length,
    reworded: runs.filter(({ end }) => end?.reworded === true).length,
    coverage: {
      turns: sum(runs.map(({ coverage }) => coverage.turns)),
      of: sum(runs.map(({ coverage }) => coverage.of)),
    },
    share: interval(told.map((status) => (status === 'same' ? 1 : 0))),
    // Each kind is in the list.
    changes: Object.fromEntries(
      CHANGES.map((kind) => [kind, changes.filter((found) => found.has(kind)).length]),
    ) as BacktestSummary['changes'],
    figures: figuresOf(sides),
    latency: {
      recorded: latencyOf(sides.map(({ recorded }) => recorded)),
      candidate: latencyOf(sides.map(({ candidate }) => candidate)),
    },
    unpriced: {
      recorded: sides.filter(({ recorded }) => recorded.used.unpriced > 0).length,
      candidate: sides.filter(({ candidate }) => candidate.used.unpriced > 0).length,
    },
    verdicts: judged.length === 0 ? null : verdictsOf(judged),
  }
}

/** The sums of each agent that held runs, by its name. */
export function summariesOf(
  runs: readonly BacktestRun[],
  all: BacktestSummary,
): Readonly<Record<string, BacktestSummary>> {
  const agents = agentsOf(runs)
  const [only] = agents
  if (agents.length === 1 && only !== undefined) {
    const isAll = runs.every((run) => run.status === 'skipped' || isOf(run, only))
    if (isAll) return { [only]: all }
  }
  return Object.fromEntries(agents.map((agent) => [agent, summaryOf(runs, agent)]))
}

/** The agents that held runs on either side, in the order in which they are met. */
function agentsOf(runs: readonly BacktestRun[]): readonly string[] {
  return [...new Set(runs.flatMap(({ recorded, candidate }) => [recorded, candidate].flatMap(heldBy)))]
}

function heldBy({ byAgent }: { readonly byAgent: BacktestRun['recorded']['byAgent'] }): readonly string[] {
  return Object.keys(byAgent)
}

function isOf({ recorded, candidate }: BacktestRun, agent: string): boolean {
  return Object.hasOwn(recorded.byAgent, agent) || Object.hasOwn(candidate.byAgent, agent)
}

/** Whether a run was compared to its end, or to that of the recording. */
function isWhole({ status }: BacktestRun): boolean {
  return status === 'same' || status === 'changed'
}

/** What has changed in a run; for an agent, by what it did itself. Whoever holds it last answers for its end. */
function changesOf(run: BacktestRun, agent: string | undefined): ReadonlySet<ChangeKind> {
  const found = new Set<ChangeKind>()
  for (const change of run.calls.changes) if (agent === undefined || change.agent === agent) found.add(change.kind)
  if (run.parted && (agent === undefined || run.parted.agent === agent)) found.add('parted')
  if (agent !== undefined && run.candidate.lastAgent !== agent) return found
  if (run.end && !run.end.same) found.add('end')
  if (run.end && run.end.changes.length > 0) found.add('answer')
  return found
}

function statusOf(run: BacktestRun, changes: ReadonlySet<ChangeKind>, agent: string | undefined): string {
  if (agent === undefined || run.status === 'failed') return run.status
  if (run.status === 'parted' && changes.has('parted')) return 'parted'
  return changes.size > 0 ? 'changed' : 'same'
}

const NONE: BacktestFigures = {
  used: { turns: 0, calls: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0, costNano: 0, unpriced: 0 },
  refused: 0,
  sentBack: 0,
  unusable: 0,
  latencyMs: [],
}

function shareOf(run: BacktestRun, side: 'recorded' | 'candidate', agent: string | undefined): BacktestFigures {
  if (agent === undefined) return run[side]
  const { byAgent } = run[side]
  return (Object.hasOwn(byAgent, agent) ? byAgent[agent] : undefined) ?? NONE
}

interface Sides {
  readonly recorded: BacktestFigures
  readonly candidate: BacktestFigures
  readonly completed: readonly [boolean, boolean]
  readonly ended: boolean
}

function figuresOf(sides: readonly Sides[]): BacktestSummary['figures'] {
  const ended = sides.filter((side) => side.ended)
  const figures = Object.entries(READINGS).map(([name, { of, says }]) => {
    const pairs = (name === 'completed' ? ended : sides).flatMap(({ recorded, candidate, completed: [was, is] }) => {
      const [before, after] = [of(recorded, was), of(candidate, is)]
      return before === undefined || after === undefined ? [] : [[before, after] as const]
    })
    return [name, pairedFigure(pairs, says)]
  })
  // The readings are of all figures.
  return Object.fromEntries(figures) as BacktestSummary['figures']
}

type Numbers = readonly [recorded: number, candidate: number]

function pairedFigure(pairs: readonly Numbers[], says: readonly [string, string]): PairedFigure {
  const recorded = pairs.map(([was]) => was)
  const candidate = pairs.map(([, is]) => is)
  const up = pairs.filter(([was, is]) => is > was).length
  const down = pairs.filter(([was, is]) => is < was).length
  const options = { resamples: resamplesFor(pairs.length) }
  // Where all are even, drawing them anew says nothing more.
  const isEven = pairs.length > 1 && up + down === 0
  return {
    runs: pairs.length,
    recorded: mean(recorded),
    candidate: mean(candidate),
    difference: isEven ? exactly(0, pairs.length) : pairedInterval(recorded, candidate, options),
    ratio: isEven && recorded.some((was) => was !== 0) ? exactly(1, pairs.length) : ratioOf(pairs, options),
    chance: chanceOf(up, down, pairs.length, says),
  }
}

/** Of many runs fewer are enough: it takes as long then. */
function resamplesFor(runs: number): number {
  return Math.max(200, Math.min(2_000, Math.floor(100_000 / Math.max(1, runs))))
}

function exactly(value: number, n: number): Interval {
  return { estimate: value, low: value, high: value, n, level: 0.95, method: 'bootstrap' }
}

function ratioOf(pairs: readonly Numbers[], options: { readonly resamples: number }): Interval | undefined {
  if (!pairs.some(([was]) => was !== 0)) return undefined
  return bootstrap(pairs, ratio, options)
}

function ratio(pairs: readonly Numbers[]): number {
  let [before, after] = [0, 0]
  for (const [was, is] of pairs) {
    before += was
    after += is
  }
  return after / before
}

function latencyOf(sides: readonly BacktestFigures[]): Latency {
  const all = sides.flatMap(timesOf)
  return { replies: all.length, p50: quantile(all, 0.5), p95: quantile(all, 0.95) }
}

/** How long a run's replies took; nothing where all took no time: then nobody has recorded when they came. */
function timesOf({ latencyMs }: BacktestFigures): readonly number[] {
  return latencyMs.some((ms) => ms > 0) ? latencyMs : []
}

/** The value that a share of all is at most, by the nearest rank. */
function quantile(values: readonly number[], share: number): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)]
}

function verdictsOf(verdicts: readonly JudgeVerdict[]): VerdictSummary {
  const scores = verdicts.flatMap((verdict) => ('failed' in verdict ? [] : scoreOf(verdict)))
  const better = scores.filter((score) => score > 0.5).length
  const worse = scores.filter((score) => score < 0.5).length
  return {
    better,
    equal: scores.length - better - worse,
    worse,
    score: interval(scores),
    chance: chanceOf(better, worse, scores.length, ['is better', 'is worse']),
    failed: verdicts.length - scores.length,
  }
}

const SCORES = { better: 1, equal: 0.5, worse: 0 } as const

function scoreOf(verdict: Exclude<JudgeVerdict, { readonly failed: string }>): number {
  return 'score' in verdict ? verdict.score : SCORES[verdict.verdict]
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : sum(values) / values.length
}
