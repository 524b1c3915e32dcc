import type { Row, Spread, Unit } from './measure.ts'

/** The lines of one workload. */
export interface Result {
  readonly name: string
  readonly title: string
  readonly rows: readonly Row[]
  /** The same lines of another commit, as far as it has them. */
  readonly before?: readonly Row[]
}

const HEAD = ['', 'Reprise', 'floor', 'measured (least to most)', 'by CPU time', 'target', '']

/**
 * Lays results out as a Markdown table: medians, and of what the target speaks of the spread as well.
 *
 * @param beside the commit whose figures stand in the last column, measured in the same run.
 */
export function tableOf(results: readonly Result[], beside?: string): string {
  const heads = beside === undefined ? HEAD : [...HEAD, `at ${beside}`]
  const lines = results.flatMap(({ name, title, rows, before }) => [
    [`**${name}** ${title}`, ...heads.slice(1).map(() => '')],
    ...rows.map((row) => [...cells(row), ...(beside === undefined ? [] : [sayBefore(row, before)])]),
  ])
  const widths = heads.map((head, column) =>
    Math.max(head.length, 2, ...lines.map((line) => line[column]?.length ?? 0)),
  )
  const lay = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [lay(heads), rule, ...lines.map(lay)].join('\n')
}

function cells({ what, unit, reprise, floor, value, valueUnit, byCpu, atMost }: Row): string[] {
  const target = atMost === undefined ? ['', ''] : [say(atMost, valueUnit), value.median <= atMost ? 'holds' : 'MISSED']
  const cpu = byCpu === undefined ? '' : say(byCpu, valueUnit)
  return [
    what,
    say(reprise.median, unit),
    floor ? say(floor.median, unit) : '',
    saySpread(value, valueUnit),
    cpu,
    ...target,
  ]
}

/** The figure that another commit has for a line: of a ratio to the floor by processor time too, where there is one. */
function sayBefore({ what }: Row, before: readonly Row[] = []): string {
  const row = before.find((it) => it.what === what)
  if (!row) return 'none'
  const cpu = row.byCpu === undefined ? '' : `, ${say(row.byCpu, row.valueUnit)} by CPU`
  return `${saySpread(row.value, row.valueUnit)}${cpu}`
}

function saySpread({ median, min, max }: Spread, unit: Unit): string {
  return min === max ? say(median, unit) : `${say(median, unit)} (${digits(min)} to ${digits(max)})`
}

function say(value: number, unit: Unit): string {
  return unit === 'x' ? `${digits(value)}x` : `${digits(value)} ${unit}`
}

function digits(value: number): string {
  if (Number.isInteger(value)) return String(value)
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}
