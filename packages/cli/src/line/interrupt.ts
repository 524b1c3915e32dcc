import { exitWith } from './exit-code.ts'
import type { Io } from './io.ts'
import { complaint } from './report.ts'

/**
 * Aborts when somebody asks the process to stop, by ^C or SIGTERM. The second time ends the process at once, as if
 * nobody listened.
 */
export function interruption(io: Io): AbortSignal {
  const interrupted = new AbortController()
  const stop = (): void => {
    io.off('SIGINT', stop)
    io.off('SIGTERM', stop)
    interrupted.abort()
  }
  io.on('SIGINT', stop)
  io.on('SIGTERM', stop)
  return interrupted.signal
}

/** Says that asks were broken off, and what is left of them, and lets the process end accordingly. */
export function sayInterrupted(io: Io, results: string | undefined): void {
  const kept =
    results === undefined
      ? 'Nothing was kept: --results FILE does.'
      : `What was answered is in ${results}: the same command goes on.`
  io.stderr.write(`${complaint(`Interrupted. ${kept}`)}\n`)
  exitWith(io, 'interrupted')
}
