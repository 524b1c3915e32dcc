import { inspect } from 'node:util'
import { messageOf, printable, RepriseError } from '@reprise/core'
import { CommanderError } from 'commander'
import { exitWith } from './exit-code.ts'
import type { Io } from './io.ts'

/** Says on stderr, in one line, what went wrong, and lets the process end accordingly. */
export function report(io: Io, error: unknown): void {
  // Commander has printed its own complaint, or the help that was asked for.
  if (error instanceof CommanderError) {
    if (error.exitCode !== 0) exitWith(io, 'usage')
    return
  }
  exitWith(io, 'failed')
  const told =
    io.env['REPRISE_DEBUG'] === '1'
      ? printable(inspect(error))
      : complaint(messageOf(error), RepriseError.is(error) ? '' : SET_DEBUG)
  io.stderr.write(`${told}
`)
}

const SET_DEBUG = ' Set REPRISE_DEBUG=1 to see where.'

/** A complaint as one line, whatever stands in it. */
export function complaint(message: string, remedy = ''): string {
  const line = printable(message.trim()).replaceAll(/\s*\n\s*/g, ' ')
  return `reprise: ${remedy && !line.endsWith('.') ? `${line}.` : line}${remedy}`
}
