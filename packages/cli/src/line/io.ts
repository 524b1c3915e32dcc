import { stripVTControlCharacters } from 'node:util'
import { WriteStream } from 'node:tty'
import { printable } from '@reprise/core'
import { STYLES } from '../show/width.ts'

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
  /** How wide and high a terminal is now, in characters. */
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
}

/** An output whose size is known. */
export type Terminal = Output & { readonly columns: number; readonly rows: number }

type StopSignal = 'SIGINT' | 'SIGTERM'

/**
 * Prints lines for a person: without their styles where stdout is no terminal that wants them, and with nothing else in
 * them that a terminal obeys.
 */
export function say(io: Io, text: string): void {
  const styled = wantsStyles(io) ? text : stripVTControlCharacters(text)
  io.stdout.write(`${harmlessLine(styled)}\n`)
}

/** A text with its styles, and nothing else in it that a terminal obeys. */
export function harmlessLine(styled: string): string {
  return styled.split(STYLES).map(disarmed).join('')
}

/** Where a picture may be drawn anew in its place: on a terminal that wants colours too. */
export function drawsOn(io: Io): io is Io & { readonly stdout: Terminal } {
  return io.stdout.isTTY === true && wantsStyles(io) && (io.stdout.columns ?? 0) > 0
}

function disarmed(part: string, at: number): string {
  return at % 2 === 1 ? part : printable(part)
}

function wantsStyles({ stdout, env }: Io): boolean {
  if (!stdout.isTTY && env['FORCE_COLOR'] === undefined) return false
  return WriteStream.prototype.getColorDepth(env) > 2
}
