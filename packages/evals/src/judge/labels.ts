import { jsonLines } from '../data/jsonl.ts'
import { badRow } from '../define/row.ts'
import type { EvalResult } from '../report/result.ts'
import { type Agreement, agreement } from './agreement.ts'

/** What a person said of a trial. */
export interface PersonsLabel {
  /** The trial's run. */
  readonly run: string
  /** The scorer that said something of the same. */
  readonly scorer: string
  /** Whether the person would have given it a 1. */
  readonly label: boolean
}

/**
 * Reads what people said of trials: JSON lines, each `{ "run": "eval:…", "scorer": "kind", "label": true }`.
 *
 * @param path of a file in UTF-8, from where the process runs.
 * @throws DefinitionError `bad_row` naming the line.
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs'
 * import { readLabels } from '@reprise/evals'
 *
 * writeFileSync('labels.jsonl', '{"run":"eval:tone:abc:ship:1","scorer":"kind","label":true}\n')
 * console.log((await readLabels('labels.jsonl')).length) // 1
 * ```
 */
export async function readLabels(path: string): Promise<readonly PersonsLabel[]> {
  return (await jsonLines(path)).map(({ where, held }) => {
    const { run, scorer, label } = { ...(held as object) } as Readonly<Record<string, unknown>>
    if (typeof run === 'string' && typeof scorer === 'string' && typeof label === 'boolean')
      return { run, scorer, label }
    throw badRow(`${where} is no label. Give {"run": "eval:...", "scorer": "kind", "label": true}.`)
  })
}

/**
 * Measures how far scorers agree with people, over the trials that both said something of. A scorer says yes where it gave 1.
 *
 * @returns by scorer.
 * @example
 * ```ts
 * import { type EvalResult, labelAgreement, readLabels } from '@reprise/evals'
 *
 * async function trusted(result: EvalResult) {
 *   const kind = labelAgreement(result, await readLabels('labels.jsonl')).get('kind')
 *   return (kind?.kappa?.low ?? 0) > 0.6
 * }
 * ```
 */
export function labelAgreement({ rows }: EvalResult, labels: readonly PersonsLabel[]): ReadonlyMap<string, Agreement> {
  const trials = new Map(rows.flatMap((row) => row.trials).map((trial) => [trial.run, trial]))
  const known = labels.flatMap(({ run, scorer, label }) => {
    const score = trials.get(run)?.scores[scorer]
    return score === undefined || score === null ? [] : [{ scorer, label, said: score === 1 }]
  })
  const byScorer = Map.groupBy(known, ({ scorer }) => scorer)
  return new Map(
    [...byScorer].map(([scorer, all]) => [
      scorer,
      agreement(
        all.map(({ said }) => said),
        all.map(({ label }) => label),
      ),
    ]),
  )
}
