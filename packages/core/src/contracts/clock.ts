/** Time as a runtime knows it: the machine's by default, moved by hand in tests. */
export interface Clock {
  /** Milliseconds since 1970, which may jump. */
  now(): number
  /** Milliseconds since some moment, which never go back. */
  monotonic(): number
  /**
   * Waits, and keeps the process alive while it does.
   *
   * @throws the signal's reason when it aborts.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** A source of numbers from 0 (included) to 1 (excluded). */
export type Random = () => number

/** Where a runtime and its tools write their log lines. */
export interface Logger {
  info(message: string, details?: object): void
  warn(message: string, details?: object): void
  error(message: string, details?: object): void
}
