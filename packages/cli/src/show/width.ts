// How many places texts take on a terminal: a character of East Asia or an emoji takes two, an accent none.

/** What colours and weights are written as: they take no place. In a group, so that a split keeps them, at the odd places. */
// oxlint-disable-next-line no-control-regex -- a style begins with an escape, and with no other sign of control.
export const STYLES = /(\u001B\[\d{1,2}m)/

/** The blocks that are wide by Unicode's East Asian Width, and what is shown as an emoji. */
const WIDE =
  /^[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\u303E\u3041-\u4DBF\u4E00-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{18DFF}\u{1AFF0}-\u{1B2FF}\u{20000}-\u{3FFFD}]|\uFE0F/u

const EMPTY = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u

let segmenter: Intl.Segmenter | undefined

/** It takes a while to make, and most tables need none. */
function graphemes(text: string): Iterable<{ readonly segment: string }> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  return segmenter.segment(text)
}

/** How many places a text takes, its styles aside. */
export function widthOf(text: string): number {
  return text.split(STYLES).reduce((sum, part, at) => (at % 2 === 1 ? sum : sum + plainWidth(part)), 0)
}

/** A text in at most so many places, with an ellipsis where it is cut; its styles end as they would have. */
export function cut(text: string, places: number): string {
  if (widthOf(text) <= places) return text
  let left = places - 1
  let done = false
  const parts = text.split(STYLES).map((part, at) => {
    if (at % 2 === 1) return part
    if (done) return ''
    const kept = prefix(part, left)
    left -= plainWidth(kept)
    if (kept === part) return part
    done = true
    return `${kept}\u2026`
  })
  return parts.join('')
}

function prefix(text: string, places: number): string {
  let [kept, width] = ['', 0]
  for (const { segment } of graphemes(text)) {
    width += widthOfOne(segment)
    if (width > places) return kept
    kept += segment
  }
  return kept
}

function plainWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes(text)) width += widthOfOne(segment)
  return width
}

function widthOfOne(grapheme: string): number {
  if (WIDE.test(grapheme)) return 2
  return EMPTY.test(grapheme) ? 0 : 1
}
