import type { Io } from './io.ts'

/** How the process ends, as the README tells it. */
export const EXIT = {
  /** It failed: a run, a replay, a journal, or what the command stands on. */
  failed: 1,
  /** The command line is wrong: nothing was done. */
  usage: 2,
  /** By ^C, as shells count it. */
  interrupted: 130,
} as const

/** Says how the process is to end, where that is not 0. */
export function exitWith(io: Io, how: keyof typeof EXIT): void {
  io.exitCode = EXIT[how]
}
