import { pad } from './style.ts'
import { widthOf } from './width.ts'

/** Puts rows into columns, each as wide as its widest cell. A cell stands on one line, whatever is in it. */
export function columns(table: readonly (readonly string[])[]): string[] {
  const rows = table.map((row) => row.map((cell) => cell.replaceAll(/[\n\t]+/g, ' ')))
  const widths: number[] = []
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(cell))
  return rows.map((row) =>
    row
      .map((cell, at) => pad(cell, widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
