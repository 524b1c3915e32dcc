import type { Io } from './io.ts'

/** How the process ends. */
export const EXIT = {
  /** It failed: a run, a replay, a journal, or what the command stands on. */
  failed: 1,
  /** The command line is wrong: nothing was done. */
  usage: 2,
  /** By ^C, as shells count it. */
  interrupted: 130,
} as const

/** What each code means, as the help and the README say it. */
export const EXIT_CODES: readonly { readonly code: number; readonly meaning: string }[] = [
  { code: 0, meaning: 'done; a run that was brought on has completed, or waits for somebody' },
  {
    code: EXIT.failed,
    meaning:
      'failed: a run, a replay, a gate, a journal, a finding, or what the command stands on (no such run, no config)',
  },
  { code: EXIT.usage, meaning: 'the command line is wrong; nothing was done' },
  { code: EXIT.interrupted, meaning: 'interrupted; a run that was driven here was given back as it stood' },
]

/** Says how the process is to end, where that is not 0. */
export function exitWith(io: Io, how: keyof typeof EXIT): void {
  io.exitCode = EXIT[how]
}
