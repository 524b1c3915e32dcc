import { messageOf, RepriseError } from '@reprise/core'
import { CommanderError } from 'commander'
import { exitWith } from './exit-code.ts'

/** Says on stderr, in one line, what went wrong, and lets the process end accordingly. */
export function report(error: unknown): void {
  // Commander has printed its own complaint, or the help that was asked for.
  if (error instanceof CommanderError) {
    if (error.exitCode !== 0) exitWith('usage')
    return
  }
  exitWith('failed')
  if (process.env['REPRISE_DEBUG'] === '1') console.error(error)
  else console.error(complaint(messageOf(error), RepriseError.is(error) ? '' : SET_DEBUG))
}

const SET_DEBUG = ' Set REPRISE_DEBUG=1 to see where.'

/** A complaint as one line, whatever stands in it. */
export function complaint(message: string, remedy = ''): string {
  const line = message.trim().replaceAll(/\s*\n\s*/g, ' ')
  return `reprise: ${remedy && !line.endsWith('.') ? `${line}.` : line}${remedy}`
}
