import type { Io } from './io.ts'

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
