/** Numbers from 0 to 1 that are the same in each run. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Cuts bytes at random places, inside characters of several bytes and inside line ends more often than not. */
export function cutAtRandom(bytes: Uint8Array, random: () => number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let from = 0
  for (const [at, byte] of bytes.entries()) {
    const likely = byte >= 0x80 || byte === 0x0a || byte === 0x0d
    if (random() > (likely ? 0.6 : 0.005)) continue
    pieces.push(bytes.subarray(from, at + 1))
    from = at + 1
  }
  return [...pieces, bytes.subarray(from)].filter((piece) => piece.length > 0)
}

/** Where cuts lie that are the hardest to mend. */
export interface HardCuts {
  /** Inside a character of several bytes. */
  readonly characters: number
  /** Between the two bytes of a line end. */
  readonly lineEnds: number
}

/** Counts the cuts that lie inside what belongs together. */
export function hardCuts(pieces: readonly Uint8Array[]): HardCuts {
  const count = (isInside: (last: number, first: number) => boolean): number =>
    pieces.filter((piece, index) => isInside(pieces[index - 1]?.at(-1) ?? 0, piece[0] ?? 0)).length
  return {
    characters: count((_last, first) => first >= 0x80 && first < 0xc0),
    lineEnds: count((last, first) => last === 0x0d && first === 0x0a),
  }
}
