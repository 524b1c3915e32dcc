import { stripVTControlCharacters } from 'node:util'
import { WriteStream } from 'node:tty'
import { printable } from '@reprise/core'

/** What a command line has of the world around it: as much of `process` as it uses. */
export interface Io {
  readonly stdout: Output
  readonly stderr: Output
  /** Absent where there is none to read. */
  readonly stdin?: AsyncIterable<string | Uint8Array>
  readonly env: Readonly<Record<string, string | undefined>>
  /** How the process is to end: none is 0. */
  exitCode?: number | string | null | undefined
  /** The folder that paths are relative to. */
  cwd(): string
  on(signal: StopSignal, listener: () => void): unknown
  off(signal: StopSignal, listener: () => void): unknown
}

interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

type StopSignal = 'SIGINT' | 'SIGTERM'

/**
 * Prints lines for a person: without their styles where stdout is no terminal that wants them, and with nothing else in
 * them that a terminal obeys.
 */
export function say(io: Io, text: string): void {
  const styled = wantsStyles(io) ? text : stripVTControlCharacters(text)
  io.stdout.write(`${styled.split(STYLES).map(disarmed).join('')}\n`)
}

/** What colours and weights are written as. In a group, so that a split keeps them, at the odd places. */
// oxlint-disable-next-line no-control-regex -- it is what is looked for.
const STYLES = /(\u001B\[\d{1,2}m)/

function disarmed(part: string, at: number): string {
  return at % 2 === 1 ? part : printable(part)
}

function wantsStyles({ stdout, env }: Io): boolean {
  if (!stdout.isTTY && env['FORCE_COLOR'] === undefined) return false
  return WriteStream.prototype.getColorDepth(env) > 2
}
