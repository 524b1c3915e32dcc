import type { Replay, TextDifference } from '@reprise/core'
import { bad, bold, dim, good } from './style.ts'
import { harmless, oneLine } from './text.ts'
import { textDiff } from './text-diff.ts'
import { count } from './used.ts'

/** What came of one run's replay, its texts aside. */
export function sayReplay({ runId, entries, divergence }: Replay): string[] {
  const run = oneLine(runId)
  if (!divergence) return [`${run}  ${good('matched')}, ${count(entries, 'entry', 'entries')}`]
  return [
    `${run}  ${bad('diverged')} at entry ${divergence.seq} of ${entries}`,
    `  ${dim('recorded')}  ${oneLine(divergence.recorded)}`,
    `  ${dim('today')}     ${oneLine(divergence.today)}`,
  ]
}

/** The texts and approvals of a run that are others today, each once. */
export function sayDifferences(differences: readonly TextDifference[]): string[] {
  const places = Map.groupBy(differences.map(harmless), ({ agent, field, recorded, today }) =>
    JSON.stringify([agent, field, recorded, today]),
  )
  return [...places.values()].flatMap((same) => {
    const [first] = same
    if (!first) return []
    return sayChange(first, same.length > 1 ? `, in ${count(same.length, 'place')}` : '')
  })
}

/**
 * A text or an approval that is another today, line by line.
 *
 * @param where it is so, after a heading.
 */
export function sayChange({ agent, field, recorded, today }: Omit<TextDifference, 'seq'>, where: string): string[] {
  const holds = field.startsWith('approval of ')
  return [
    '',
    `${bold(oneLine(`Changed: the ${field} of ${agent}`))}${where}. ${holds ? 'The verdict that is recorded holds.' : 'A text makes no divergence.'}`,
    ...textDiff(readable(field, recorded), readable(field, today)).map((line) => `  ${line}`),
  ]
}

/** Instructions are words, `entry` is a name, and a field of a card is JSON, or absent. */
function readable(field: string, text: string): string {
  return field === 'instructions' || field === 'entry' || text === 'absent'
    ? text
    : JSON.stringify(JSON.parse(text), undefined, 2)
}
