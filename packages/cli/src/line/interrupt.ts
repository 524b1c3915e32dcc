/**
 * Aborts when somebody asks the process to stop, by ^C or SIGTERM. The second time ends the process at once, as if
 * nobody listened.
 */
export function interruption(): AbortSignal {
  const interrupted = new AbortController()
  const stop = (): void => {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    interrupted.abort()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  return interrupted.signal
}
