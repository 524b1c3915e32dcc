import { statSync } from 'node:fs'
import type { BigIntStats } from 'node:fs'

/** What tells a file from every other one of this machine: its device and its number there; undefined where there is none. */
export function fileNumber(path: string): string | undefined {
  const stats = statsOf(path)
  return stats && numberOf(stats)
}

/** What stands at a path; undefined where nothing does. */
export function statsOf(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })
}

/** The number of a file whose stats are there. */
export function numberOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`
}
