import type { EvalResult } from '../report/result.ts'

/** How often facts were found, by how long the text was and where they stood. */
export interface Heatmap {
  /** In tokens, rising. */
  readonly lengths: readonly number[]
  /** From 0 to 100, rising. */
  readonly depths: readonly number[]
  /** The share of facts found, by depth and then by length; undefined where nothing is known. */
  readonly shares: readonly (readonly (number | undefined)[])[]
}

/**
 * Reads the result of `needles` as a grid.
 *
 * @example
 * ```ts
 * import { type EvalResult, heatmap } from '@reprise/evals'
 *
 * const worst = (result: EvalResult) => Math.min(...heatmap(result).shares.flat().map((share) => share ?? 0))
 * ```
 */
export function heatmap({ rows }: EvalResult): Heatmap {
  const cells = rows.flatMap(({ id, trials }) => {
    const [, length, depth] = /^l(\d+)-d(\d+)-/.exec(id) ?? []
    const scores = trials.flatMap(({ scores }) => scores['found'] ?? [])
    return length === undefined ? [] : [{ length: Number(length), depth: Number(depth), scores }]
  })
  const [lengths, depths] = [rising(cells.map(({ length }) => length)), rising(cells.map(({ depth }) => depth))]
  const shareOf = (length: number, depth: number) => {
    const scores = cells.flatMap((cell) => (cell.length === length && cell.depth === depth ? cell.scores : []))
    return scores.length === 0 ? undefined : scores.reduce((sum, score) => sum + score, 0) / scores.length
  }
  return { lengths, depths, shares: depths.map((depth) => lengths.map((length) => shareOf(length, depth))) }
}

function rising(values: readonly number[]): readonly number[] {
  return [...new Set(values)].toSorted((a, b) => a - b)
}

/** From nothing found to everything. */
const SHADES = [
  `\u00B7\u00B7\u00B7`,
  `\u2591\u2591\u2591`,
  `\u2592\u2592\u2592`,
  `\u2593\u2593\u2593`,
  `\u2588\u2588\u2588`,
]

/**
 * Draws a grid with shades and percentages, a line a depth.
 *
 * @example
 * ```ts
 * import { heatmapText } from '@reprise/evals'
 *
 * console.log(heatmapText({ lengths: [1000], depths: [50], shares: [[0.5]] }))
 * ```
 */
export function heatmapText({ lengths, depths, shares }: Heatmap): readonly string[] {
  const cell = (share: number | undefined) =>
    share === undefined ? '?'.padStart(9) : `${SHADES[Math.floor(share * 4)]} ${(100 * share).toFixed(0).padStart(3)} %`
  const head = ['depth'.padEnd(6), ...lengths.map((length) => length.toLocaleString('en-US').padStart(9))].join('  ')
  return [
    head,
    ...shares.map((row, at) =>
      [`${depths[at]} %`.padEnd(6), ...row.map((share) => cell(share).padStart(9))].join('  '),
    ),
  ]
}

const [CELL, LEFT, TOP] = [{ width: 92, height: 36 }, 70, 64]

/**
 * Draws a grid as a page of its own, with a plot that needs no script and no network.
 *
 * @param title what was asked, as `gpt-4.1-mini`.
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs'
 * import { heatmapHtml } from '@reprise/evals'
 *
 * const grid = { lengths: [1000, 4000], depths: [0, 100], shares: [[1, 1], [1, 0.5]] }
 * writeFileSync('needles.html', heatmapHtml(grid, 'gpt-4.1-mini'))
 * ```
 */
export function heatmapHtml({ lengths, depths, shares }: Heatmap, title: string): string {
  const [width, height] = [LEFT + lengths.length * CELL.width + 10, TOP + depths.length * CELL.height + 10]
  const columns = lengths.map((length, at) =>
    text(LEFT + (at + 0.5) * CELL.width, TOP - 12, 'middle', length.toLocaleString('en-US')),
  )
  const rows = depths.map((depth, at) => text(LEFT - 10, TOP + (at + 0.5) * CELL.height + 5, 'end', `${depth} %`))
  const cells = shares.flatMap((row, y) =>
    row.map((share, x) => cellOf(share, LEFT + x * CELL.width, TOP + y * CELL.height)),
  )
  const name = escaped(`Facts found in long texts: ${title}`)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${name}</title>
<style>body { font: 15px system-ui, sans-serif; margin: 2em; } svg { max-width: 100%; height: auto; font: 13px system-ui, sans-serif; }</style>
<h1>${name}</h1>
<p>Across: the length of the text in tokens. Down: where the fact stood, from its beginning (0 %) to its end (100 %). In each cell: the share that was found.</p>
<svg role="img" aria-label="${name}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg">
${text(LEFT, 20, 'start', 'tokens')}
${[...columns, ...rows, ...cells].join('\n')}
</svg>
</html>
`
}

function cellOf(share: number | undefined, x: number, y: number): string {
  // From red by yellow to green; of one lightness, so that black words are read on all of them.
  const fill = share === undefined ? '#ddd' : `hsl(${Math.round(share * 130)} 65% 68%)`
  const shown = share === undefined ? '?' : `${Math.round(share * 100)} %`
  const box = `<rect x="${x}" y="${y}" width="${CELL.width - 3}" height="${CELL.height - 3}" rx="4" fill="${fill}"/>`
  return box + text(x + (CELL.width - 3) / 2, y + CELL.height / 2 + 3, 'middle', shown)
}

function text(x: number, y: number, anchor: 'start' | 'middle' | 'end', words: string): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(words)}</text>`
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
