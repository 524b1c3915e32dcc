import type { Statement } from '../extraction/statement.ts'
import type { Layout } from './layouts.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DATE = String.raw`\d+[./-]\d+[./-]\d+|(?:${MONTHS.join('|')}) \d+(?:, \d{4})?`
const WHOLE_DATE = new RegExp(`^(?:${DATE})$`)
const PERIOD = new RegExp(String.raw`(?<from>${DATE})\s*(?:-|～|au|til|\t)\s*(?<to>${DATE})`)

/** Writes down what stands in a page that a tool gave; undefined where it is not laid out as was thought. */
export function transcribe(page: string, layout: Layout): Statement | undefined {
  const rows = linesOf(page).map((line) => line.trim().split(layout.between))
  const { from, to } = PERIOD.exec(linesOf(page).join('\n'))?.groups ?? {}
  const total = rows.find((cells) => cells.includes(layout.total))
  if (from === undefined || to === undefined || !total) return undefined
  const period = { from: isoDate(from, layout), to: isoDate(to, layout) }
  const lines = rows.flatMap((cells) => {
    // A supplier's name and a period may stand before it.
    const date = cells.findLast((cell) => WHOLE_DATE.test(cell))
    const description = cells.at(layout.text)
    const amountMinor = amountOf(cells, layout)
    if (date === undefined || !description || cells === total || Number.isNaN(amountMinor)) return []
    return [{ date: isoDate(date, layout, period.from), description, amountMinor }]
  })
  if (lines.length === 0) return undefined
  return { vendor: layout.vendor, period, currency: layout.currency, lines, totalMinor: amountOf(total, layout) }
}

function linesOf(page: string): string[] {
  if (!page.startsWith('{')) return page.split('\n')
  // It is what read_csv gave.
  const { rows } = JSON.parse(page) as { rows: string[][] }
  return rows.map((row) => row.join('\t'))
}

function amountOf(cells: readonly string[], { amount, decimal, digits }: Layout): number {
  const minor = (at: number): number => minorOf(cells.at(at) ?? '', decimal, digits)
  if (typeof amount === 'number') return minor(amount)
  const [out, into] = amount.map((at) => minor(at))
  return (Number.isNaN(into) ? 0 : (into ?? 0)) - (Number.isNaN(out) ? 0 : (out ?? 0))
}

function minorOf(text: string, decimal: string, digits: number): number {
  const [whole = '', part = ''] = text.split(decimal).map((digits) => digits.replaceAll(/\D/g, ''))
  if (whole === '') return Number.NaN
  const minor = Number(whole + part.padEnd(digits, '0'))
  return /[-\u2212(]/.test(text) ? -minor : minor
}

function isoDate(text: string, { dates }: Layout, near = ''): string {
  const named = /^(\w+) (\d+)(?:, (\d{4}))?$/.exec(text)
  if (named) {
    const [, month = '', day = '', year = near.slice(0, 4)] = named
    return iso(year, String(MONTHS.indexOf(month) + 1), day)
  }
  const numbers = text.split(/[./-]/)
  const of = (part: string): string => numbers[dates.indexOf(part)] ?? ''
  return iso(of('y').padStart(4, '20'), of('m'), of('d'))
}

function iso(year: string, month: string, day: string): string {
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
}
