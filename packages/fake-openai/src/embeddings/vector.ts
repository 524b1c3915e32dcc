/**
 * Makes a vector of length 1 of a text's tokens. Each token has a direction of its own, and a text that of their sum:
 * texts with many tokens in common are near each other, and that is all that it means.
 */
export function vectorOf(tokens: readonly number[], dimensions: number): Float32Array {
  const sum = new Float64Array(dimensions)
  const counts = new Map<number, number>()
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
  for (const [token, count] of counts) addDirection(sum, token, count)
  const length = Math.hypot(...sum) || 1
  return Float32Array.from(sum, (value) => value / length)
}

/** Adds numbers between -1 and 1 that follow from a token: those of a shorter vector are the first of a longer one's. */
function addDirection(sum: Float64Array, token: number, times: number): void {
  let state = Math.imul(token + 1, 0x9e37_79b1)
  for (let at = 0; at < sum.length; at += 1) {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    sum[at] = (sum[at] ?? 0) + times * (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1)
  }
}
