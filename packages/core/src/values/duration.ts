// Lengths of time as people write them in options, in the environment and on the command line.

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/**
 * Reads a length of time: a whole number of up to six digits and a unit, which is one of `s`, `m`, `h`, `d` and `w`.
 *
 * @returns milliseconds; undefined where the text is none.
 * @example
 * ```ts
 * import { parseDuration } from '@reprise/core'
 *
 * console.log(parseDuration('30d'), parseDuration('a month')) // 2592000000 undefined
 * ```
 */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * (UNITS[unit] ?? 0)
}
