// Whoever prints them takes the styles away where nobody wants them.
import { type RunStatus } from '@reprise/core'
import { styleText } from 'node:util'
import { widthOf } from './width.ts'

const style = (format: 'bold' | 'dim' | 'green' | 'red' | 'yellow', text: string): string =>
  styleText(format, text, { validateStream: false })

/** A heading. */
export const bold = (text: string): string => style('bold', text)

/** What matters less. */
export const dim = (text: string): string => style('dim', text)

/** What went well. */
export const good = (text: string): string => style('green', text)

/** What went wrong. */
export const bad = (text: string): string => style('red', text)

/** What waits for somebody. */
export const open = (text: string): string => style('yellow', text)

/** The style of a status. */
export const OF_STATUS: Readonly<Record<RunStatus, (text: string) => string>> = {
  queued: dim,
  running: (text) => text,
  waiting: open,
  completed: good,
  failed: bad,
  cancelled: dim,
  quarantined: bad,
}

/** Fills a text up to a width, not counting its style. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}
