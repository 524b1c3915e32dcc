// Which places of two lists go together. Pure.

/** A place of the first list and the one of the second that goes with it. */
export type Match = readonly [a: number, b: number]

/** The largest table that the longest common subsequence is looked up in: what is larger is put together by hand. */
const MOST_CELLS = 1_000_000

/**
 * Finds a common subsequence of two lists of words: the longest where what lies between their equal beginnings and ends is
 * small; else one that puts the first of each word together with the first, the second with the second, and so on.
 *
 * Time and memory grow with the lists, and hardly more: two runs of 10,000 steps are no table of 100,000,000.
 */
export function align(a: readonly string[], b: readonly string[]): readonly Match[] {
  return alignWithin(a, b, [0, a.length], [0, b.length], MOST_ROUNDS)
}

/** How often what lies between matches is looked through again where it is large. */
const MOST_ROUNDS = 4

type Part = readonly [from: number, to: number]

function alignWithin(
  a: readonly string[],
  b: readonly string[],
  [a0, a1]: Part,
  [b0, b1]: Part,
  rounds: number,
): Match[] {
  let head = 0
  while (a0 + head < a1 && b0 + head < b1 && a[a0 + head] === b[b0 + head]) head++
  let tail = 0
  while (a1 - tail > a0 + head && b1 - tail > b0 + head && a[a1 - tail - 1] === b[b1 - tail - 1]) tail++
  const inA: Part = [a0 + head, a1 - tail]
  const inB: Part = [b0 + head, b1 - tail]
  return [
    ...Array.from({ length: head }, (_, at): Match => [a0 + at, b0 + at]),
    ...middle(a, b, inA, inB, rounds),
    ...Array.from({ length: tail }, (_, at): Match => [a1 - tail + at, b1 - tail + at]),
  ]
}

function middle(a: readonly string[], b: readonly string[], inA: Part, inB: Part, rounds: number): readonly Match[] {
  const [rows, columns] = [inA[1] - inA[0], inB[1] - inB[0]]
  if (rows === 0 || columns === 0) return []
  if (rows * columns <= MOST_CELLS) return longest(a, b, inA, inB)
  if (rounds === 0) return []
  const anchors = increasing(sameOccurrences(a, b, inA, inB))
  if (anchors.length === 0) return []
  const found: Match[] = []
  let [fromA, fromB] = [inA[0], inB[0]]
  for (const anchor of [...anchors, [inA[1], inB[1]] as const]) {
    const [toA, toB] = anchor
    for (const match of alignWithin(a, b, [fromA, toA], [fromB, toB], rounds - 1)) found.push(match)
    if (toA < inA[1]) found.push(anchor)
    ;[fromA, fromB] = [toA + 1, toB + 1]
  }
  return found
}

/** The longest common subsequence, by a table of the lengths of all that are left. */
function longest(a: readonly string[], b: readonly string[], [a0, a1]: Part, [b0, b1]: Part): Match[] {
  const width = b1 - b0 + 1
  // The least of the two lists is no longer than a thousand: so is what they have in common.
  const lengths = new Uint16Array((a1 - a0 + 1) * width)
  const at = (i: number, j: number): number => lengths[(i - a0) * width + (j - b0)] ?? 0
  for (let i = a1 - 1; i >= a0; i--)
    for (let j = b1 - 1; j >= b0; j--)
      lengths[(i - a0) * width + (j - b0)] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const found: Match[] = []
  for (let i = a0, j = b0; i < a1 && j < b1;) {
    if (a[i] === b[j]) found.push([i++, j++])
    else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return found
}

/** The places of each word of the first list with those of the same occurrence in the second, in the order of the first. */
function sameOccurrences(a: readonly string[], b: readonly string[], [a0, a1]: Part, [b0, b1]: Part): Match[] {
  const places = new Map<string, number[]>()
  for (let j = b1 - 1; j >= b0; j--) {
    const word = b[j] ?? ''
    const known = places.get(word)
    if (known) known.push(j)
    else places.set(word, [j])
  }
  const found: Match[] = []
  for (let i = a0; i < a1; i++) {
    const j = places.get(a[i] ?? '')?.pop()
    if (j !== undefined) found.push([i, j])
  }
  return found
}

/** The most matches that rise in both lists, out of some that rise in the first. */
function increasing(matches: readonly Match[]): Match[] {
  /** Where the best rising row of each length ends. */
  const ends: number[] = []
  const before: number[] = []
  for (const [index, [, b]] of matches.entries()) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const half = (low + high) >> 1
      if ((matches[ends[half] ?? 0]?.[1] ?? 0) < b) low = half + 1
      else high = half
    }
    before[index] = ends[low - 1] ?? -1
    ends[low] = index
  }
  const found: Match[] = []
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const match = matches[index]
    if (match) found.push(match)
  }
  return found.toReversed()
}
