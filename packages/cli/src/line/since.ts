import { parseDuration } from '@reprise/core'
import { InvalidArgumentError, Option } from 'commander'

/** The option `--since`: how long ago, or a day or a moment, as milliseconds since 1970. */
export function sinceOption(): Option {
  return new Option('--since <time>', 'only those created since then: 90s, 30m, 24h, 7d, 2w, or 2026-11-01').argParser(
    (text) => readSince(text, Date.now()),
  )
}

/**
 * Reads how long ago something was, or when, as milliseconds since 1970.
 *
 * @param now milliseconds since 1970.
 * @throws InvalidArgumentError when it is neither, or lies ahead.
 */
export function readSince(text: string, now: number): number {
  const ago = parseDuration(text)
  const at = ago === undefined ? Date.parse(isDated(text) ? text : '') : now - ago
  if (Number.isNaN(at)) throw new InvalidArgumentError('It must be 90s, 30m, 24h, 7d, 2w, a day or an ISO time.')
  if (at > now) throw new InvalidArgumentError('It lies ahead.')
  return at
}

/** Whether a text is a day or a moment by ISO 8601: whatever else `Date` takes is guesswork. */
export function isDated(text: string): boolean {
  return /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)
}
