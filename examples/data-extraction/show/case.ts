import type { Extracted } from '../extraction/extracted.ts'
import { showMoney } from '../extraction/money.ts'
import { columns } from './columns.ts'

/** A file that waits for a person: what is wrong with it, what was read, and what to do. */
export function showCase({ file, statement, problems }: Extracted): string[] {
  return [`${file}: ${problems.join(' ')}`, '', ...(statement ? showStatement(statement) : []), ...howToDecide(file)]
}

/** The commands that decide of a file. */
export function howToDecide(file: string): string[] {
  const command = `npm run demo:extract -- --review ${/^[\w.-]+$/.test(file) ? file : `'${file}'`}`
  return [`  ${command} --accept`, `  ${command} --correct '{"totalMinor":...}'`]
}

function showStatement({
  vendor,
  period,
  currency,
  lines,
  totalMinor,
}: NonNullable<Extracted['statement']>): string[] {
  const amounts = [...lines.map(({ amountMinor }) => amountMinor), totalMinor].map((it) => showMoney(it, currency))
  const width = Math.max(...amounts.map((amount) => amount.length))
  const rows = [
    ...lines.map(({ date, description }) => [date, description]),
    ['', 'Total, as the file says it'],
  ].map((row, at) => ['', ...row, amounts[at]?.padStart(width) ?? ''])
  return [`${vendor}, ${period.from} to ${period.to}`, ...columns(rows), '']
}
