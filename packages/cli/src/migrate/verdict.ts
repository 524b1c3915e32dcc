import { type Interval, interval, mcnemar } from '@reprise/core'

/** What the verdicts go by. */
export interface Rule {
  /** The share of runs, from 0 to 1, that must come out the same. */
  readonly sameAtLeast: number
  /** How sure a verdict must be, from 0 to 1. */
  readonly confidence: number
  /** The share of the recorded runs that must have been compared. */
  readonly comparedAtLeast: number
}

/** Whether an agent may move, and why. */
export interface Verdict {
  readonly kind: 'go' | 'no-go' | 'not-enough'
  /** Whole sentences, the weightiest first. */
  readonly why: readonly string[]
  /**
   * How many runs like these, those that are there among them, would be enough for a go at the share that was seen; null
   * where there is one already, where none ever would, or where not the number of runs is missing.
   */
  readonly runsNeeded: number | null
}

/** What a verdict is made of. Runs are those in which the agent answered. */
export interface Evidence {
  /** Runs that should have been compared. */
  readonly of: number
  /** Of the compared ones, those that came out the same, and the others. */
  readonly same: number
  readonly different: number
  /** Runs in which the candidate did something wrong and the recording nothing, and the other way round. */
  readonly worse: number
  readonly better: number
}

/** Beyond so many runs nobody counts. */
const MANY = 1_000_000

/**
 * Judges an agent. It may go where the share of runs that came out the same is surely what the rule wants, enough of the
 * recorded runs could be compared, and it is not worse beyond chance. It may not where that share is surely too small, or it
 * is worse beyond chance. Else there is not enough evidence.
 */
export function judge({ of, same, different, worse, better }: Evidence, rule: Rule): Verdict {
  const compared = same + different
  if (compared === 0) return { kind: 'not-enough', why: ['No run could be compared.'], runsNeeded: null }
  const { sameAtLeast, confidence, comparedAtLeast } = rule
  const { low, high } = shareOf(same, compared, confidence)
  const chance = mcnemar(better, worse)
  const isWorse = worse > better && chance.p < 1 - confidence
  const shares = `${same} of ${compared} compared runs came out the same: ${percent(same / compared)}, and at`
  const harm = `It did something wrong in ${runs(worse)} where the recording did not, and the recording in ${runs(better)} where it did not`
  if (isWorse || high < sameAtLeast) {
    const why = [
      ...(isWorse ? [`${harm}: chance alone does as much ${once(chance.p)}.`] : []),
      ...(high < sameAtLeast
        ? [
            `${shares} most ${percent(high)} at a confidence of ${percent(confidence)}. ${percent(sameAtLeast)} are asked for.`,
          ]
        : []),
    ]
    return { kind: 'no-go', why, runsNeeded: null }
  }
  const slips = worse > 0 ? [`${harm}: that may be chance.`] : []
  const enough = compared >= comparedAtLeast * of
  if (low >= sameAtLeast && enough)
    return {
      kind: 'go',
      why: [`${shares} least ${percent(low)} at a confidence of ${percent(confidence)}.`, ...slips],
      runsNeeded: null,
    }
  const uncompared = `Only ${compared} of ${of} runs could be compared; ${percent(comparedAtLeast)} are asked for.`
  if (low >= sameAtLeast) return { kind: 'not-enough', why: [uncompared, ...slips], runsNeeded: null }
  const runsNeeded = needed(same / compared, compared, rule)
  const rest =
    runsNeeded === null
      ? `At that share no number of runs is enough for the ${percent(sameAtLeast)} that are asked for: the changes must be mended, or accepted by a lower --same-at-least.`
      : `If it stays so, ${runs(runsNeeded)} in all are enough for the ${percent(sameAtLeast)} that are asked for.`
  return {
    kind: 'not-enough',
    why: [
      `${shares} least ${percent(low)} at a confidence of ${percent(confidence)}. ${rest}`,
      ...(enough ? [] : [uncompared]),
      ...slips,
    ],
    runsNeeded,
  }
}

/** Wilson's interval of a share. */
function shareOf(same: number, of: number, level: number): { readonly low: number; readonly high: number } {
  const values = Array.from({ length: of }, (_, at) => (at < same ? 1 : 0))
  const { low = 0, high = 1 }: Partial<Interval> = interval(values, { level }) ?? {}
  return { low, high }
}

/** The fewest runs at which a share is surely enough. */
function needed(share: number, from: number, { sameAtLeast, confidence }: Rule): number | null {
  if (share <= sameAtLeast) return null
  // Wilson's lower bound is what is asked for where (share - asked) ^ 2 * n = z ^ 2 * asked * (1 - asked).
  const z2 = zSquared(confidence)
  const n = Math.ceil((z2 * sameAtLeast * (1 - sameAtLeast)) / (share - sameAtLeast) ** 2)
  return n > MANY ? null : Math.max(n, from + 1)
}

/** The square of the point of the normal distribution that Wilson's interval goes by: of one yes, it is n / low - n. */
function zSquared(level: number): number {
  const { low } = shareOf(1, 1, level)
  return 1 / low - 1
}

function runs(number: number): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? 'run' : 'runs'}`
}

/** A share in words, to a tenth of a percent. */
export function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`
}

function once(p: number): string {
  return p < 0.001 ? 'less than once in 1,000 times' : `once in ${Math.round(1 / p)} times`
}
