/** Puts rows into columns, each as wide as its widest cell; the last one is left as it is. Numbers go to the right. */
export function columns(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(String(cell)))
  return rows.map((row) =>
    row
      .map((cell, at) => {
        const space = ' '.repeat((widths[at] ?? 0) - widthOf(String(cell)))
        return typeof cell === 'number' ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd(),
  )
}

/** How many places a text takes on a terminal: the characters of East Asia take two. */
function widthOf(text: string): number {
  const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff01-\uff60]/gu
  return Array.from(text.replaceAll(wide, '--')).length
}
