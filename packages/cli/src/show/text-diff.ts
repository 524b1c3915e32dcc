import { diff } from 'node:util'
import { bad, dim, good } from './style.ts'
import { printable } from '@reprise/core'

/** Lines that are shown around what has changed. */
const AROUND = 2

/** The lines in which two texts differ, with some of those around them. */
export function textDiff(before: string, after: string): string[] {
  const lines = diff(before.split('\n'), after.split('\n'))
  const near = lines.map((_, at) => lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(([side]) => side !== 0))
  return lines.flatMap(([side, line], at) => {
    if (!near[at]) return near[at - 1] ? [dim(`  \u2026`)] : []
    if (side === 0) return [`  ${printable(line)}`]
    // `diff` counts what only its first text has as 1.
    return [side === 1 ? bad(`- ${printable(line)}`) : good(`+ ${printable(line)}`)]
  })
}
