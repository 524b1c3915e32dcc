import { hash } from 'node:crypto'

/** Dice that fall the same way whenever the same words are said over them: chance without memory. */
export type Dice = (...words: readonly (string | number)[]) => number

/** Makes dice for a seed; each roll is from 0 (included) to 1 (excluded). */
export function dice(seed: number | string): Dice {
  return (...words) => parseInt(hash('sha256', JSON.stringify([seed, ...words]), 'hex').slice(0, 8), 16) / 2 ** 32
}

/** Takes one of a list by a roll. */
export function pick<T>(list: readonly [T, ...T[]], roll: number): T {
  return list[Math.floor(roll * list.length)] ?? list[0]
}
