/** A sentence of a prompt. */
export interface Sentence {
  readonly text: string
  /** From 1. */
  readonly line: number
  /** The heading that it stands under, in small letters; empty above the first. */
  readonly heading: string
  /** Where it begins in the text, and where it ends. */
  readonly start: number
  readonly end: number
}

const HEADING = /^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$/
const BULLET = /^\s*(?:[-*+•]|\d{1,3}[.)])\s+/
/** Examples and documents that are marked as such. */
const OPENING = /^\s*<(examples?|documents?|docs?|context|conversation|transcript)\b[^>]*>/i
const FENCE = /^\s*(?:```|~~~)/
/** Where one sentence ends and another begins, but after abbreviations. */
const BREAK = /(?<![eE]\.g\.|[iI]\.e\.|\bvs\.|\betc\.)(?<=[.!?;][)"'\u201D\u2019]?)\s+(?=\S)/g

/**
 * Takes a prompt apart into its sentences. A point of a list is at least one, and so is a paragraph, over its lines. Blocks of
 * code, and examples and documents between marks, are left out.
 */
export function sentencesOf(text: string): readonly Sentence[] {
  const found: Sentence[] = []
  let heading = ''
  let isCode = false
  let marked: string | undefined
  let open: { start: number; line: number; text: string } | undefined
  const close = (): void => {
    if (open) found.push(...cutSentences(open, heading))
    open = undefined
  }
  let at = 0
  for (const [index, line] of text.split('\n').entries()) {
    const start = at
    at += line.length + 1
    if (FENCE.test(line)) {
      close()
      isCode = !isCode
      continue
    }
    if (isCode) continue
    const opened = marked ?? OPENING.exec(line)?.[1]?.toLowerCase()
    marked = opened !== undefined && !line.toLowerCase().includes(`</${opened}>`) ? opened : undefined
    if (opened !== undefined) {
      close()
      continue
    }
    const title = HEADING.exec(line)?.[1]
    const bullet = BULLET.exec(line)?.[0]
    if (title !== undefined || bullet !== undefined || line.trim() === '') close()
    if (title !== undefined) heading = title.toLowerCase()
    else if (bullet !== undefined)
      open = { start: start + bullet.length, line: index + 1, text: line.slice(bullet.length) }
    else if (open) open = { ...open, text: `${open.text}\n${line}` }
    else if (line.trim() !== '') open = { start, line: index + 1, text: line }
  }
  close()
  return found
}

function cutSentences(
  block: { readonly start: number; readonly line: number; readonly text: string },
  heading: string,
): Sentence[] {
  const found: Sentence[] = []
  let from = 0
  const add = (to: number): void => {
    const text = block.text.slice(from, to)
    if (text.trim() === '') return
    const line = block.line + block.text.slice(0, from + (text.length - text.trimStart().length)).split('\n').length - 1
    found.push({ text: text.trim(), line, heading, start: block.start + from, end: block.start + to })
  }
  for (const { index } of block.text.matchAll(BREAK)) {
    add(index)
    from = index
  }
  add(block.text.length)
  return found
}

/** The number of the line at a place of a text, from 1. */
export function lineAt(text: string, place: number): number {
  return text.slice(0, place).split('\n').length
}

/** Words that say that a sentence holds in some cases only. */
const CONDITION =
  /\b(?:if|unless|except|when|whenever|where|while|until|once|otherwise|only (?:for|after|before)|in case|instead|rather than|first|after|before|during|(?:in|to|for) (?:very |more )?(?:simple|complex|casual|many|most|some|such|other|certain)|for (?:orders?|customers?|users?) (?:who|that))\b/i

/** Whether a sentence holds whatever happens. */
export function isUnconditional(text: string): boolean {
  return !CONDITION.test(text)
}

/** A sentence without what it quotes: that is not said to the model, but shown to it. */
export function unquoted(text: string): string {
  return text.replaceAll(/"[^"]*"|\u201C[^\u201D]*\u201D|`[^`]*`/g, '\u2026')
}
