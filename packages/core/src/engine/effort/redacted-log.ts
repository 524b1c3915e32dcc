// The log that tools, steps and workflows write to, with secrets redacted (invariant 10). The files that run somebody's
// code call this; it writes to the runtime's own log.
import type { Logger } from '../../contracts/clock.ts'
import type { Secrets } from '../../journal/secrets.ts'
import { saysJson } from '../../values/json.ts'

/** The log as tools and steps are given it: secrets that they write there are hidden. */
export function redactedLog(log: Logger, secrets: Secrets): Logger {
  if (!secrets.kept) return log
  const { redact } = secrets
  const write = (level: keyof Logger) => (message: string, details?: object) =>
    log[level](redact(message), details && secrets.any ? (without(details, redact, []) as object) : details)
  return { info: write('info'), warn: write('warn'), error: write('error') }
}

/** How deep what is logged is looked into. */
const MOST_LEVELS = 20

/** A copy of what is logged as plain objects, since anything else may say what it holds in a way of its own. */
function without(value: unknown, redact: Secrets['redact'], above: readonly object[]): unknown {
  if (typeof value === 'string') return redact(value)
  if (typeof value !== 'object' || value === null) return value
  if (above.includes(value)) return '[a circle]'
  if (above.length === MOST_LEVELS) return '[too deep]'
  try {
    return inside(value, redact, [...above, value])
  } catch {
    return '[unreadable]'
  }
}

function inside(value: object, redact: Secrets['redact'], above: readonly object[]): unknown {
  if (value instanceof Date) return value
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  const part = (member: unknown): unknown => without(member, redact, above)
  if (Array.isArray(value) || value instanceof Set) return [...value].map(part)
  if (value instanceof Map) return [...value].map(part)
  if (saysJson(value)) return part(value.toJSON())
  const { name, message, stack, cause } = value instanceof Error ? value : {}
  const pairs = Object.entries({ name, message, stack, cause, ...value }).filter(([, member]) => member !== undefined)
  return Object.fromEntries(pairs.map(([key, member]) => [redact(key), part(member)]))
}
