import { stripVTControlCharacters } from 'node:util'
import { WriteStream } from 'node:tty'

/** What a command line has of the world around it: as much of `process` as it uses. */
export interface Io {
  readonly stdout: Output
  readonly stderr: Output
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

/** Prints lines for a person: without their styles where stdout is no terminal that wants them. */
export function say(io: Io, text: string): void {
  io.stdout.write(`${wantsStyles(io) ? text : stripVTControlCharacters(text)}\n`)
}

function wantsStyles({ stdout, env }: Io): boolean {
  if (!stdout.isTTY && env['FORCE_COLOR'] === undefined) return false
  return WriteStream.prototype.getColorDepth(env) > 2
}
