import type { Scorer } from '../define/scorer.ts'
import { canonical } from '../seen/canonical.ts'
import { outputOf } from './output.ts'

/** How `exact` compares. */
export interface ExactOptions {
  /** Makes a value that compares as the same for what counts as the same. @default the value itself */
  readonly normalize?: (value: unknown) => unknown
}

/**
 * Scores 1 where the output is what the row expects, as JSON: the order of keys does not matter, and a member that is null is
 * like one that is not there.
 *
 * @example
 * ```ts
 * import { exact } from '@reprise/evals'
 *
 * const scorers = { exact: exact({ normalize: (value) => String(value).trim().toLowerCase() }) }
 * ```
 */
export function exact({ normalize = (value) => value }: ExactOptions = {}): Scorer {
  return ({ row, run }) => {
    const { output, why } = outputOf(run)
    if (why !== undefined) return { score: 0, why }
    const [said, wanted] = [canonical(normalize(output)), canonical(normalize(row.expected))]
    return said === wanted ? true : { score: 0, why: `expected ${wanted}, and it is ${said}` }
  }
}
