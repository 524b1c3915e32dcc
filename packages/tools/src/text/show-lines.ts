import { ToolError } from '@reprise/core'
import { cut } from './cut.ts'
import { marksKept } from './marks.ts'

/** So many lines are shown where nobody says how many, and so many at most. */
export const DEFAULT_LINES = 400
export const MAX_LINES = 2_000
const MAX_LINE_CHARS = 2_000
const MAX_CHARS = 40_000

/** Which lines of a text are shown, and how. */
export interface ShownLines {
  /** The name of the marks: `file`. */
  readonly mark: string
  /** What the marks call the name of the text: `path`. */
  readonly attribute: string
  readonly name: string
  /** From 1. @default 1 */
  readonly fromLine?: number | undefined
  /** @default 400 */
  readonly lines?: number | undefined
}

/**
 * Shows some lines of a text in marks, about 40,000 characters at most, and where to go on.
 *
 * @throws ToolError with code `past_end` where it has fewer lines.
 */
export function showLines(text: string, shown: ShownLines): string {
  const { mark, attribute, name, fromLine = 1, lines: count = DEFAULT_LINES } = shown
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  if (lines.length === 0) return `The ${mark} ${JSON.stringify(name)} is empty.`
  if (fromLine > lines.length) throw pastEnd(name, fromLine, lines.length)
  const fits = fitting(lines.slice(fromLine - 1, fromLine - 1 + count))
  const toLine = fromLine + fits.length - 1
  const marked = [
    `<${mark} ${attribute}=${JSON.stringify(name)} lines="${fromLine}-${toLine}" of="${lines.length}">`,
    marksKept(mark, fits.join('\n')),
    `</${mark}>`,
  ]
  if (toLine < lines.length) marked.push(`There are more lines. Read on with fromLine ${toLine + 1}.`)
  return marked.join('\n')
}

/** As many lines as the characters of one call allow, but one at least. */
function fitting(lines: readonly string[]): string[] {
  let left = MAX_CHARS
  const short = lines.map((line) => cut(line, MAX_LINE_CHARS))
  const end = short.findIndex((line) => (left -= line.length + 1) < 0)
  return end === -1 ? short : short.slice(0, Math.max(end, 1))
}

function pastEnd(path: string, fromLine: number, lines: number): ToolError {
  return new ToolError({
    code: 'past_end',
    message: `${JSON.stringify(path)} has ${lines} lines, so there is no line ${fromLine}. Use a fromLine of ${lines} or less.`,
    details: { path, fromLine, lines },
  })
}
