/** A moment, in UTC to the second: `2026-11-22 11:14:03Z`. */
export function sayTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const

/** A span of time, to two figures or so: `340 ms`, `1.2 s`, `3 min 20 s`, `2 d 4 h`. */
export function saySpan(ms: number): string {
  if (ms < 1_000) return `${ms} ms`
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  const at = UNITS.findIndex(([, size]) => ms >= size)
  const [name, size] = UNITS[at] ?? UNITS[2]
  const [lower, part] = UNITS[at + 1] ?? ['s', 1_000]
  return `${Math.floor(ms / size)} ${name} ${Math.floor((ms % size) / part)} ${lower}`
}
