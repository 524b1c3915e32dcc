/** How often each of a few names was met: a list, since every step copies it, and a map takes several times as long. */
export type Counts = readonly (readonly [name: string, times: number])[]

/** How often a name was met. */
export function timesOf(counts: Counts, name: string): number {
  return counts.find(([known]) => known === name)?.[1] ?? 0
}

/** The counts after one more. */
export function countUp(counts: Counts, name: string): Counts {
  const at = counts.findIndex(([known]) => known === name)
  return at === -1 ? [...counts, [name, 1]] : counts.with(at, [name, timesOf(counts, name) + 1])
}
