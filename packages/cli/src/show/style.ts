// Colours where stdout is a terminal that wants them; none when it is piped, or NO_COLOR is set.
import { type RunStatus } from '@reprise/core'
import { stripVTControlCharacters, styleText } from 'node:util'

/** A heading. */
export const bold = (text: string): string => styleText('bold', text)

/** What matters less. */
export const dim = (text: string): string => styleText('dim', text)

/** What went well. */
export const good = (text: string): string => styleText('green', text)

/** What went wrong. */
export const bad = (text: string): string => styleText('red', text)

/** What waits for somebody. */
export const open = (text: string): string => styleText('yellow', text)

/** The style of a status. */
export const OF_STATUS: Readonly<Record<RunStatus, (text: string) => string>> = {
  queued: dim,
  running: (text) => text,
  waiting: open,
  completed: good,
  failed: bad,
  cancelled: dim,
}

/** Fills a text up to a width, not counting its style. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stripVTControlCharacters(text).length))
}
