import { mcnemar } from '../../values/stats/sign-test.ts'
import type { Chance } from './report.ts'

/** From which probability on a difference is not called chance. */
const SURE = 0.05

/** The most runs that are asked for: beyond that, nothing is to be seen. */
const MOST = 1_000_000

/**
 * How likely so uneven a split is, if both sides are alike.
 *
 * @param up in how many runs the candidate has more, and `down` less.
 * @param runs all of them, those that are even among them.
 * @param what is more, as a sentence ends: `costs more`.
 */
export function chanceOf(up: number, down: number, runs: number, what: readonly [more: string, less: string]): Chance {
  const { p } = mcnemar(up, down)
  return { up, down, p, words: say(up, down, runs, p, what), runsNeeded: p < SURE ? null : needed(up, down, runs) }
}

/** How many runs like these would show the difference, with as uneven a split and as many that are even. */
function needed(up: number, down: number, runs: number): number | null {
  const apart = up + down
  if (up === down) return null
  const [low, high] = [Math.floor, Math.ceil]
  // The smallest number is looked for between one that is too small and one that is enough.
  const isEnough = (n: number): boolean => {
    const ups = Math.round((n * up) / apart)
    return mcnemar(ups, n - ups).p < SURE
  }
  let [least, most] = [apart, apart]
  while (!isEnough(most)) if ((most *= 2) > MOST) return null
  while (most - least > 1) {
    const middle = low((least + most) / 2)
    if (isEnough(middle)) most = middle
    else least = middle
  }
  return high((most * runs) / apart)
}

function say(up: number, down: number, runs: number, p: number, [more, less]: readonly [string, string]): string {
  const apart = up + down
  if (runs === 0) return 'No run could be compared.'
  if (apart === 0) return `In none of ${countOf(runs)} is there a difference.`
  if (up === down) return `In ${countOf(up)} the candidate ${more}, and in as many it ${less}.`
  const [count, said] = up > down ? [up, more] : [down, less]
  const share = p < 0.0001 ? 'fewer than one' : Number((p * 100).toPrecision(2))
  const often = p < 0.0001 ? `${share} in 10,000` : `${share} in 100`
  return (
    `The candidate ${said} in ${count} of the ${countOf(apart)} that differ. ` +
    `If it were chance, each of them might as well have come out the other way, and so uneven a split, or more so, would be seen in ${often} such backtests.`
  )
}

function countOf(runs: number): string {
  return `${runs} ${runs === 1 ? 'run' : 'runs'}`
}
