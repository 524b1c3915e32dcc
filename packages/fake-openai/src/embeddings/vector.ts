/**
 * Makes a vector of length 1 of a text's tokens. Each token has a direction of its own, and a text that of their sum:
 * texts with many tokens in common are near each other, and that is all that it means.
 */
export function vectorOf(tokens: readonly number[], dimensions: number): Float32Array {
  const sum = new Float64Array(dimensions)
  for (const token of tokens) {
    const next = numbersOf(token)
    // A shorter vector is the beginning of the longer one.
    for (let at = 0; at < dimensions; at += 1) sum[at] = (sum[at] ?? 0) + next()
  }
  const length = Math.hypot(...sum) || 1
  return Float32Array.from(sum, (value) => value / length)
}

/** Numbers between -1 and 1 that follow from a token. */
function numbersOf(token: number): () => number {
  let state = Math.imul(token + 1, 0x9e37_79b1)
  return () => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1
  }
}
