/** Numbers from 0 to 1 that are the same in each run. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Cuts bytes at random places, inside characters and line ends too. */
export function cutAtRandom(bytes: Uint8Array, random: () => number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    const size = random() < 0.5 ? 1 + Math.floor(random() * 3) : 1 + Math.floor(random() * 400)
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}
