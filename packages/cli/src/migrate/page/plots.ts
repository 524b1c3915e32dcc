// Plots of one line each, in SVG whose places are shares of its width: they fit any column, and no text is in them.
import { html, type Html, type Part } from './markup.ts'

/** What the left and the right edge of a plot stand for. */
export interface Scale {
  readonly from: number
  readonly to: number
}

/** Room at both edges, in percent, so that marks are not cut. */
const EDGE = 3

function at(value: number, { from, to }: Scale): string {
  const share = Math.min(1, Math.max(0, (value - from) / (to - from || 1)))
  return `${(EDGE + share * (100 - 2 * EDGE)).toFixed(2)}%`
}

function width(value: number, scale: Scale): string {
  return `${(Number.parseFloat(at(value, scale)) - Number.parseFloat(at(scale.from, scale))).toFixed(2)}%`
}

function plot(height: number, label: string, marks: Part): Html {
  return html`<svg class="plot" width="100%" height="${height}" role="img" aria-label="${label}">${marks}</svg>`
}

/** An estimate on its interval, with a line at what it is held against. */
export function intervalPlot(
  {
    estimate,
    low = estimate,
    high = estimate,
  }: { readonly estimate: number; readonly low?: number | undefined; readonly high?: number | undefined },
  scale: Scale,
  held: number,
  label: string,
): Html {
  const [left, right] = [at(low, scale), at(high, scale)]
  return plot(
    26,
    label,
    html`<line class="base" x1="${EDGE}%" x2="${100 - EDGE}%" y1="13" y2="13" /><line
        class="held"
        x1="${at(held, scale)}"
        x2="${at(held, scale)}"
        y1="1"
        y2="25"
      /><line class="span" x1="${left}" x2="${right}" y1="13" y2="13" /><line
        class="span"
        x1="${left}"
        x2="${left}"
        y1="8"
        y2="18"
      /><line class="span" x1="${right}" x2="${right}" y1="8" y2="18" /><circle
        class="dot"
        cx="${at(estimate, scale)}"
        cy="13"
        r="5"
      />`,
  )
}

/** Two bars, the recorded one above. */
export function barsPlot(recorded: number, candidate: number, most: number, label: string): Html {
  const scale = { from: 0, to: most }
  return plot(
    34,
    label,
    html`<rect class="recorded" x="${EDGE}%" y="3" width="${width(recorded, scale)}" height="12" rx="2" /><rect
        class="candidate"
        x="${EDGE}%"
        y="19"
        width="${width(candidate, scale)}"
        height="12"
        rx="2"
      />`,
  )
}

/** From the median to the 95th percentile, of the recording above and of the candidate below. */
export function quantilesPlot(
  sides: readonly { readonly p50: number; readonly p95: number }[],
  most: number,
  label: string,
): Html {
  const scale = { from: 0, to: most }
  const marks = sides.map(({ p50, p95 }, index) => {
    const kind = index === 0 ? 'recorded' : 'candidate'
    const y = 9 + 16 * index
    return html`<line class="base" x1="${EDGE}%" x2="${100 - EDGE}%" y1="${y}" y2="${y}" /><line
        class="${kind} wide"
        x1="${at(p50, scale)}"
        x2="${at(p95, scale)}"
        y1="${y}"
        y2="${y}"
      /><circle class="${kind}" cx="${at(p50, scale)}" cy="${y}" r="5" /><line
        class="${kind} wide"
        x1="${at(p95, scale)}"
        x2="${at(p95, scale)}"
        y1="${y - 6}"
        y2="${y + 6}"
      />`
  })
  return plot(34, label, marks)
}

/** Parts of a whole beside each other. */
export function partsPlot(parts: readonly { readonly kind: string; readonly value: number }[], label: string): Html {
  const whole = parts.reduce((sum, { value }) => sum + value, 0) || 1
  let before = 0
  const marks = parts.map(({ kind, value }) => {
    const x = ((100 * before) / whole).toFixed(2)
    before += value
    return html`<rect
      class="part ${kind}"
      x="${x}%"
      y="3"
      width="${((100 * value) / whole).toFixed(2)}%"
      height="18"
    />`
  })
  return plot(24, label, marks)
}
