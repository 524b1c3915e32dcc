import type { Row, Spread, Unit } from './measure.ts'

/** The lines of one workload. */
export interface Result {
  readonly name: string
  readonly title: string
  readonly rows: readonly Row[]
}

const HEAD = ['', 'Reprise', 'floor', 'measured (least to most)', 'by CPU time', 'target', '']

/** Lays results out as a Markdown table: medians, and of what the target speaks of the spread as well. */
export function tableOf(results: readonly Result[]): string {
  const lines = results.flatMap(({ name, title, rows }) => [
    [`**${name}** ${title}`, '', '', '', '', '', ''],
    ...rows.map(cells),
  ])
  const widths = HEAD.map((head, column) => Math.max(head.length, ...lines.map((line) => line[column]?.length ?? 0)))
  const lay = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [lay(HEAD), rule, ...lines.map(lay)].join('\n')
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
