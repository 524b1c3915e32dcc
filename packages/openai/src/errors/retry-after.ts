/** Seconds that are a moment since 1970 and no time to wait: they would be thirty years. Some gateways send these. */
const MOMENT_S = 1_000_000_000

/**
 * How long a server asks to wait, in milliseconds: `retry-after-ms`, else `retry-after` as seconds or as a date.
 * A date is held against the server's own `date`, so that the two clocks need not agree.
 *
 * @returns undefined where it asks for nothing that can be read, or for less than nothing.
 */
export function retryAfterMs(headers: Headers): number | undefined {
  const milliseconds = number(headers.get('retry-after-ms'))
  if (milliseconds !== undefined) return wait(milliseconds / 1000, headers)
  const after = headers.get('retry-after')
  const seconds = number(after)
  if (seconds !== undefined) return wait(seconds, headers)
  // A date in either that cannot be read is NaN, and so is the difference.
  const left = Date.parse(after ?? '') - dateOf(headers)
  return Number.isNaN(left) ? undefined : Math.max(0, left)
}

function wait(seconds: number, headers: Headers): number | undefined {
  if (seconds < 0) return undefined
  if (seconds < MOMENT_S) return seconds * 1000
  const moment = seconds < MOMENT_S * 1000 ? seconds * 1000 : seconds
  const left = moment - dateOf(headers)
  return Number.isNaN(left) ? undefined : Math.max(0, left)
}

/** The server's own clock. */
function dateOf(headers: Headers): number {
  return Date.parse(headers.get('date') ?? '')
}

function number(text: string | null): number | undefined {
  return text !== null && /^\s*-?\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined
}
