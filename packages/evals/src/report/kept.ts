import { DefinitionError } from '@reprise/core'
import type { EvalResult } from './result.ts'

/** What is kept of an evaluation from one time to the next: plain JSON. */
export interface KeptResults {
  readonly format: 1
  /** The newest last: two at most, so that an evaluation that is run again is still compared with the one before. */
  readonly results: readonly EvalResult[]
}

const NOTHING: KeptResults = { format: 1, results: [] }

/**
 * Finds what a result is to be compared with: the newest one that is kept and is not of the very same runs.
 *
 * @example
 * ```ts
 * import { type EvalResult, keepResult, lastOf, readKept } from '@reprise/evals'
 *
 * function better(now: EvalResult, file: string) {
 *   const kept = readKept(file, 'words.eval.json')
 *   return { last: lastOf(kept, now), next: JSON.stringify(keepResult(kept, now)) }
 * }
 * ```
 */
export function lastOf({ results }: KeptResults, { set }: EvalResult): EvalResult | undefined {
  return results.findLast((kept) => kept.set !== set)
}

/**
 * Keeps a result, in the place of one of the very same runs.
 *
 * @example
 * ```ts
 * import { type EvalResult, keepResult, readKept } from '@reprise/evals'
 *
 * const first = (result: EvalResult) => JSON.stringify(keepResult(readKept('', 'words.eval.json'), result))
 * ```
 */
export function keepResult({ results }: KeptResults, result: EvalResult): KeptResults {
  return { format: 1, results: [...results.filter(({ set }) => set !== result.set), result].slice(-2) }
}

/**
 * Reads what was kept; '' is nothing.
 *
 * @param where what messages call it.
 * @throws DefinitionError `bad_results` where it is none.
 * @example
 * ```ts
 * import { readKept } from '@reprise/evals'
 *
 * console.log(readKept('', 'words.eval.json').results.length) // 0
 * ```
 */
export function readKept(text: string, where: string): KeptResults {
  if (text === '') return NOTHING
  const held = parsed(text)
  // It was written by `keepResult`, whose format it says.
  const isKept = typeof held === 'object' && held !== null && 'format' in held && held.format === 1
  if (isKept && 'results' in held && Array.isArray(held.results)) return held as unknown as KeptResults
  const message = `${where} holds no results of an evaluation in the format 1. Delete it, or name another file.`
  throw new DefinitionError({ code: 'bad_results', message })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
