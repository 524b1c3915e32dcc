import type { EvalResult, Line, Report, TrialResult } from '@reprise/evals'
import { columns } from '../show/columns.ts'
import { bad, bold, dim, good, open } from '../show/style.ts'
import { oneLine, quote, short } from '../show/text.ts'
import { count } from '../show/used.ts'

/** The most rows of which it is told why they fell short. */
const MOST_WRONG = 10

/**
 * A report as lines: what was scored and measured, what fell short, and the gates.
 *
 * @param found the options by which `reprise show` finds the runs, where it needs some.
 */
export function evalTable(report: Report, result: EvalResult, found: string): string[] {
  const { name, rows, repeat, scores, passHat, measures, gates, compared, unfinished } = report
  const against = compared > 0 ? `against the last, over ${count(compared, 'row')}` : ''
  const header = ['', dim('mean'), dim('95 % interval'), against && dim(against)]
  const shown = [...scores, ...(repeat > 1 || scores.length > 1 ? passHat : []), ...measures]
  return [
    `${bold(name)}: ${count(rows, 'row')}, ${count(repeat, 'time')} each`,
    ...columns([header, ...shown.map(cells)]).map((line) => `  ${line}`),
    `  in all ${say(report.spentUsd, 'usd')}${report.unpriced > 0 ? `, and ${count(report.unpriced, 'trial')} of unknown price` : ''}`,
    ...wrongOf(result, found),
    ...gates.map(({ ok, told }) => `  ${ok ? good('holds') : bad('GATE')}  ${oneLine(titleOf(told))}`),
    ...unfinished.slice(0, MOST_WRONG).map(({ run, why }) => `  ${open('unfinished')}  ${run}: ${short(why)}`),
    ...(unfinished.length > 0
      ? [`  ${count(unfinished.length, 'trial')} came to no end, so nothing is kept. The same command goes on.`]
      : []),
  ]
}

function cells(line: Line): string[] {
  const { name, mean, unknown, unit } = line
  const missing = unknown > 0 ? ` (${unknown} unknown)` : ''
  if (!mean) return [titleOf(name), 'unknown', '', '']
  const { estimate, low, high } = mean
  const range = low === undefined || high === undefined ? '' : `${say(low, unit)} to ${say(high, unit)}`
  return [titleOf(name), `${say(estimate, unit)}${missing}`, range, changeOf(line)]
}

function changeOf({ change, unit }: Line): string {
  if (!change) return ''
  const { difference, test } = change
  if (test.up + test.down === 0) return 'the same'
  const sign = difference.estimate > 0 ? '+' : ''
  const chance = test.p < 0.05 ? 'hardly chance' : 'may be chance'
  return `${sign}${say(difference.estimate, unit)}, ${test.up} up, ${test.down} down: ${chance} (p ${test.p.toPrecision(2)})`
}

/** As papers write it: pass^4. */
function titleOf(name: string): string {
  return name.replace(/^passHat/, 'pass^')
}

function say(value: number, unit: Line['unit']): string {
  switch (unit) {
    case 'share':
      return value.toFixed(3)
    case 'usd':
      return `${value < 0 ? '-' : ''}$${Math.abs(value).toFixed(6)}`
    case 'ms':
      return `${(value / 1_000).toFixed(2)} s`
    case 'count':
      return value.toLocaleString('en-US', { maximumFractionDigits: 1 })
    default:
      return unit satisfies never
  }
}

/** Of each row that fell short, its first trial that did. */
function wrongOf({ rows }: EvalResult, found: string): string[] {
  const wrong = rows.flatMap(({ trials }) => {
    const [first, ...others] = trials.filter(({ success }) => !success)
    return first ? [{ first, share: trials.length > 1 ? `${others.length + 1} of ${trials.length}: ` : '' }] : []
  })
  const told = wrong
    .slice(0, MOST_WRONG)
    .map(
      ({ first, share }) => `  ${dim(`reprise show ${quote(first.run)}${found}`)}  ${share}${short(fallsShort(first))}`,
    )
  const more = wrong.length > told.length ? [dim(`  and ${wrong.length - told.length} more rows; --json has all`)] : []
  return [...told, ...more]
}

function fallsShort({ scores, why }: TrialResult): string {
  const low = Object.entries(scores).filter(([, score]) => score !== 1)
  return low.map(([scorer, score]) => `${scorer}: ${why[scorer] ?? score ?? 'unknown'}`).join('; ')
}
