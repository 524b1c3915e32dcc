/**
 * How long a server asks to wait, in milliseconds: `retry-after-ms`, else `retry-after` as seconds or as a date.
 * A date is held against the server's own `date`, so that the two clocks need not agree.
 *
 * @returns undefined where it asks for nothing that can be read; never negative.
 */
export function retryAfterMs(headers: Headers): number | undefined {
  const milliseconds = number(headers.get('retry-after-ms'))
  if (milliseconds !== undefined) return Math.max(0, milliseconds)
  const after = headers.get('retry-after')
  const seconds = number(after)
  if (seconds !== undefined) return Math.max(0, seconds * 1000)
  // A date in either that cannot be read is NaN, and so is the difference.
  const wait = Date.parse(after ?? '') - Date.parse(headers.get('date') ?? '')
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}

function number(text: string | null): number | undefined {
  return text !== null && /^\s*-?\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined
}
