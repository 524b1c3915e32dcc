import type { Extracted } from '../extraction/extracted.ts'
import { showMoney } from '../extraction/money.ts'
import type { Statement } from '../extraction/statement.ts'
import { columns } from './columns.ts'

/** A file that waits for a person: what is wrong with it, what was read, and what to do. */
export function showCase(extracted: Extracted): string[] {
  const { file, statement, problems } = extracted
  const read = statement ? showStatement(statement) : []
  return [`${file}: ${problems.join(' ')}`, '', ...read, 'To decide:', ...howToDecide(extracted).slice(1)]
}

/** The commands that decide of a file; the total that would make its lines add up is only an example. */
export function howToDecide({ file, statement }: Extracted): string[] {
  const command = `npm run demo:extract -- --review ${/^[\w.-]+$/.test(file) ? file : `'${file}'`}`
  const totalMinor = statement?.lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
  return columns([
    ['', command, 'shows it'],
    ['', `${command} --accept`, statement ? 'takes it as it was read' : 'leaves it out'],
    statement
      ? ['', `${command} --correct '${JSON.stringify({ totalMinor })}'`, 'mends what is wrong']
      : ['', `${command} --correct JSON`, 'gives the whole statement'],
  ])
}

function showStatement({ vendor, period, currency, lines, totalMinor }: Statement): string[] {
  const amounts = [...lines.map(({ amountMinor }) => amountMinor), totalMinor].map((it) => showMoney(it, currency))
  const width = Math.max(...amounts.map((amount) => amount.length))
  const texts = [...lines.map(({ date, description }) => [date, description]), ['', 'Total, as the file says it']]
  const rows = texts.map((row, at) => ['', ...row, amounts[at]?.padStart(width) ?? ''])
  return [`${vendor}, ${period.from} to ${period.to}`, ...columns(rows), '']
}
