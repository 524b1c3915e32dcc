import { crypto } from '../crypto.ts'

const SHARE = 2 ** 32

/**
 * Makes a generator of numbers from 0 (included) to 1 (excluded), the same numbers for the same seed on every machine.
 * Not for secrets.
 *
 * @example
 * ```ts
 * import { seeded } from '@reprise/core'
 *
 * const random = seeded('sample 1')
 * const sample = ['a', 'b', 'c', 'd'].filter(() => random() < 0.5)
 * ```
 * @see David Blackman, Sebastiano Vigna, "Scrambled linear pseudorandom number generators" (2021): xoshiro128**
 */
export function seeded(seed: string): () => number {
  const bytes = crypto().hash('sha256', seed, 'buffer')
  const next = xoshiro([0, 4, 8, 12].map((at) => bytes.readUInt32LE(at)))
  return () => next() / SHARE
}

/** The whole numbers below 2^32 that follow from a state of four such numbers. */
export function xoshiro(state: readonly number[]): () => number {
  let [a = 0, b = 0, c = 0, d = 0] = state
  return () => {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotated(d, 11)
    return result
  }
}

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}
