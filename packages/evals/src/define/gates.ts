import { DefinitionError } from '@reprise/core'

/** Bounds of a mean. */
export interface Bounds {
  /** The least that it may be. */
  readonly min?: number
  /** The most that it may be. */
  readonly max?: number
}

/** What is measured of every trial beside its scores. */
export const MEASURES = ['costUsd', 'latencyMs', 'turns', 'inputTokens', 'outputTokens'] as const

/** What is measured of every trial beside its scores. */
export type Measure = (typeof MEASURES)[number]

/** What an evaluation must keep to: where it does not, `reprise eval` exits with 1. */
export type Gates<Scorers extends string = never> = {
  /** Of the mean of a scorer, a measure, or pass^k: `passHat4`. */
  readonly [K in Scorers | Measure | `passHat${number}`]?: Bounds
} & {
  /**
   * No scorer may be worse than in the last result: where it fell, and chance alone does that to so many rows less than once
   * in twenty times. With `by`, also where the mean fell by more than that. Where there is no last result it holds.
   */
  readonly noWorseThan?: 'last' | { readonly last: true; readonly by: number }
}

/**
 * Checks gates when an evaluation is defined.
 *
 * @throws DefinitionError with code `bad_gate`.
 */
export function checkGates(where: string, gates: Gates, scorers: readonly string[], repeat: number): void {
  for (const [name, gate] of Object.entries(gates)) {
    if (name === 'noWorseThan') {
      // A program without types may give null.
      const given: unknown = gate
      if (given === 'last' || (typeof given === 'object' && given !== null && 'by' in given && Number(given.by) >= 0))
        continue
      throw badGate(
        `${where}: the gate noWorseThan is ${JSON.stringify(gate)}. Give 'last', or { last: true, by: 0.02 }.`,
      )
    }
    const hat = /^passHat(\d+)$/.exec(name)
    if (hat && (Number(hat[1]) < 1 || Number(hat[1]) > repeat))
      throw badGate(
        `${where}: the gate ${name} needs ${hat[1]} repeats, and each row is repeated ${repeat} times. Raise repeat.`,
      )
    if (!hat && !scorers.includes(name) && !(MEASURES as readonly string[]).includes(name))
      throw badGate(
        `${where}: the gate "${name}" is about nothing that is measured. There are: ${[...scorers, ...MEASURES].join(', ')}, passHat1 to passHat${repeat}, noWorseThan.`,
      )
    const { min, max } = (gate ?? {}) as Bounds
    const bounds = [min, max].filter((bound) => bound !== undefined)
    if (bounds.length === 0 || !bounds.every(Number.isFinite) || (min ?? -Infinity) > (max ?? Infinity))
      throw badGate(
        `${where}: the gate "${name}" has min ${String(min)} and max ${String(max)}. Give { min } or { max }, or both, as numbers. The least may not be above the most.`,
      )
  }
}

function badGate(message: string): DefinitionError {
  return new DefinitionError({ code: 'bad_gate', message })
}
