/** Beyond it a share is 0 or 1 within what a number holds. */
const FAR = 8

/**
 * The share of a standard normal distribution below `z`, from 0 to 1.
 * @see George Marsaglia, "Evaluating the Normal Distribution", Journal of Statistical Software 11 (2004)
 */
export function shareBelow(z: number): number {
  if (z < -FAR) return 0
  if (z > FAR) return 1
  let sum = z
  let term = z
  for (let odd = 3, before = 0; sum !== before; odd += 2) {
    before = sum
    term *= (z * z) / odd
    sum += term
  }
  return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI)
}

/** The point of a standard normal distribution that has `share` of it below, for shares between 0 and 1. */
export function pointAt(share: number): number {
  let [low, high] = [-FAR, FAR]
  // Each round halves sixteen: after 60 of them nothing is left between the two.
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2
    if (shareBelow(middle) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}
