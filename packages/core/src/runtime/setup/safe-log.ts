import type { Logger } from '../../contracts/clock.ts'
import { isThenable } from '../../values/thenable.ts'

/** A log that never throws, also later: what a logger cannot write is lost, and holds up no run. */
export function safeLog(log: Logger): Logger {
  const write =
    (level: keyof Logger): Logger['info'] =>
    (message, details) => {
      try {
        const written: unknown = log[level](message, details)
        if (isThenable(written)) written.then(undefined, () => undefined)
      } catch {
        // There is nowhere else to say it.
      }
    }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}
