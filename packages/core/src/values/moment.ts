/** The last moment that a date can say, in milliseconds since 1970. */
const LAST = 8_640_000_000_000_000

/**
 * The moment that is so long after another, in whole milliseconds since 1970: never before its time. What is later than
 * any date is the last one.
 */
export function momentAfter(at: number, ms: number): number {
  return Math.min(Math.ceil(at + ms), LAST)
}

/** Tells whether a number is a moment in whole milliseconds since 1970, as stores keep them. */
export function isMoment(at: number): boolean {
  return Number.isSafeInteger(at) && Math.abs(at) <= LAST
}
