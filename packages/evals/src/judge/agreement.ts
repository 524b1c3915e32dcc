import { bootstrap, DefinitionError, interval, type Interval, type IntervalOptions } from '@reprise/core'

/** How far two that judged the same things agree. */
export interface Agreement {
  readonly n: number
  /** The share of things on which they agree, from 0 to 1. */
  readonly share: Interval | undefined
  /**
   * Cohen's kappa, from -1 to 1: by how much they agree beyond what two would that judge by chance, as often yes and no as
   * these. 1 is always, 0 is no better than chance. Undefined where both always say the same one thing, which shows nothing.
   */
  readonly kappa: Interval | undefined
  /** What they disagree on, by its place: for people to look at. */
  readonly disagreed: readonly number[]
}

/** A label: a yes or no, or one of several words. */
export type Label = boolean | string | number

/**
 * Measures how far a judge agrees with people. The share alone flatters: where nine in ten answers are good, a judge that says
 * yes to everything agrees on nine in ten, and its kappa is 0.
 *
 * @param judgements what the judge said of each thing.
 * @param labels what a person said of the same things, in the same order.
 * @throws DefinitionError `bad_labels` where there are not as many of both.
 * @see Jacob Cohen, "A Coefficient of Agreement for Nominal Scales", Educational and Psychological Measurement 20 (1960):
 * kappa is (p_o - p_e) / (1 - p_e), with p_o the share of agreement, and p_e the sum over labels of the product of both shares
 *
 * @example
 * ```ts
 * import { agreement } from '@reprise/evals'
 *
 * const judge = [true, true, true, false, false, true]
 * const people = [true, true, false, false, false, true]
 * const { share, kappa, disagreed } = agreement(judge, people)
 * console.log(share?.estimate.toFixed(2), kappa?.estimate.toFixed(2), disagreed) // 0.83 0.67 [ 2 ]
 * ```
 */
export function agreement(
  judgements: readonly Label[],
  labels: readonly Label[],
  options: IntervalOptions = {},
): Agreement {
  if (judgements.length !== labels.length) {
    const message = `There are ${judgements.length} judgements and ${labels.length} labels. Give one of each for the same things, in the same order.`
    throw new DefinitionError({ code: 'bad_labels', message })
  }
  const pairs = judgements.map((said, at): Pair => [said, labels[at] ?? ''])
  return {
    n: pairs.length,
    share: interval(
      pairs.map(([one, other]) => (one === other ? 1 : 0)),
      options,
    ),
    kappa: bootstrap(pairs, kappaOf, options),
    disagreed: pairs.flatMap(([one, other], at) => (one === other ? [] : [at])),
  }
}

type Pair = readonly [Label, Label]

/** No number where chance alone agrees always. */
function kappaOf(pairs: readonly Pair[]): number {
  const n = pairs.length
  const observed = pairs.filter(([one, other]) => one === other).length / n
  const [ones, others] = [countsOf(pairs.map(([one]) => one)), countsOf(pairs.map(([, other]) => other))]
  const expected = [...ones].reduce((sum, [label, count]) => sum + (count / n) * ((others.get(label) ?? 0) / n), 0)
  return expected === 1 ? NaN : (observed - expected) / (1 - expected)
}

function countsOf(labels: readonly Label[]): ReadonlyMap<Label, number> {
  const counts = new Map<Label, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  return counts
}
