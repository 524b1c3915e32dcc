import { interval, pairedInterval, signTest } from '@reprise/core'
import { type Gates, type Measure, MEASURES } from '../define/gates.ts'
import { gatesOf, type GateResult } from './gate-results.ts'
import type { Change, Line, Lines } from './line.ts'
import { passHatOfRows } from './pass-hat.ts'
import type { EvalResult, RowResult, TrialResult } from './result.ts'

/** What an evaluation came to, as it is told. */
export interface Report extends Lines {
  readonly name: string
  readonly rows: number
  readonly repeat: number
  readonly gates: readonly GateResult[]
  /** What all trials and their judges have cost, in US dollars, whenever they were asked. */
  readonly spentUsd: number
  /** Trials of which that is not known, and which `spentUsd` leaves out. */
  readonly unpriced: number
  /** How many rows of the last result are compared with. */
  readonly compared: number
  readonly unfinished: EvalResult['unfinished']
  /** Whether every gate holds, and every trial came to an end. */
  readonly ok: boolean
}

const UNITS: Readonly<Record<Measure, Line['unit']>> = {
  costUsd: 'usd',
  latencyMs: 'ms',
  turns: 'count',
  inputTokens: 'count',
  outputTokens: 'count',
}

/**
 * Tells what a result means, against the last one: with intervals, and whether a change may be chance.
 *
 * @param last the result to compare with, of rows that were asked the same.
 * @example
 * ```ts
 * import { type EvalResult, reportOf } from '@reprise/evals'
 *
 * // Of two results that were kept.
 * const better = (now: EvalResult, last: EvalResult) =>
 *   reportOf(now, {}, last).scores.filter(({ change }) => change && change.difference.estimate > 0 && change.test.p < 0.05)
 * ```
 */
export function reportOf(result: EvalResult, gates: Gates, last?: EvalResult): Report {
  const { name, rows, repeat, scorers, unfinished } = result
  const before = new Map(last?.rows.map((row) => [row.id, row]))
  const pairs = rows.flatMap((now): Pair[] => {
    const then = before.get(now.id)
    return then && then.asked === now.asked ? [[then, now]] : []
  })
  const line = (name: string, unit: Line['unit'], of: (trial: TrialResult) => number | null): Line => ({
    name,
    unit,
    mean: interval(
      rows.flatMap((row) => meanOf(row, of) ?? []),
      { binary: unit === 'share' },
    ),
    unknown: rows.flatMap(({ trials }) => trials).filter((trial) => of(trial) === null).length,
    change: changeOf(pairs, (row) => meanOf(row, of)),
  })
  const hats = Array.from({ length: repeat }, (_, at) => hatLine(at + 1, rows, pairs))
  const lines = {
    scores: scorers.map((scorer) => line(scorer, 'share', ({ scores }) => scores[scorer] ?? null)),
    passHat: hats.filter(({ mean }) => mean !== undefined),
    measures: MEASURES.map((measure) => line(measure, UNITS[measure], ({ measures }) => measures[measure])),
  }
  const judged = gatesOf(gates, lines, { compared: pairs.length, hasLast: last !== undefined })
  const ok = unfinished.length === 0 && judged.every(({ ok }) => ok)
  const spent = rows.flatMap(({ trials }) => trials.map(({ spentUsd }) => spentUsd))
  return {
    name,
    rows: rows.length,
    repeat,
    ...lines,
    spentUsd: spent.reduce<number>((sum, usd) => sum + (usd ?? 0), 0),
    unpriced: spent.filter((usd) => usd === null).length,
    gates: judged,
    compared: pairs.length,
    unfinished,
    ok,
  }
}

type Pair = readonly [then: RowResult, now: RowResult]

function hatLine(k: number, rows: readonly RowResult[], pairs: readonly Pair[]): Line {
  const of = (row: RowResult) => passHatOfRows([triedOf(row)], k)[0]
  return {
    name: `passHat${k}`,
    unit: 'share',
    mean: interval(rows.flatMap((row) => of(row) ?? [])),
    unknown: 0,
    change: changeOf(pairs, of),
  }
}

function triedOf({ trials }: RowResult) {
  return { trials: trials.length, successes: trials.filter(({ success }) => success).length }
}

function meanOf({ trials }: RowResult, of: (trial: TrialResult) => number | null): number | undefined {
  const known = trials.map(of).filter((value) => value !== null)
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length
}

function changeOf(pairs: readonly Pair[], of: (row: RowResult) => number | undefined): Change | undefined {
  const both = pairs.flatMap(([then, now]) => {
    const [before, after] = [of(then), of(now)]
    return before === undefined || after === undefined ? [] : [[before, after] as const]
  })
  const difference = pairedInterval(
    both.map(([before]) => before),
    both.map(([, after]) => after),
  )
  return difference && { difference, test: signTest(both.map(([before, after]) => after - before)) }
}
