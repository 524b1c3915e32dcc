/** How a loss would show in a part of the traffic. */
export interface Canary {
  /** The share of recorded runs that were well, from 0 to 1; null where none is known. */
  readonly well: number | null
  /** Runs a day that the agent has had; null where that is not known. */
  readonly runsPerDay: number | null
  readonly losses: readonly CanaryLoss[]
}

/** What it takes to see one loss. */
export interface CanaryLoss {
  /** Of the share of runs that are well, from 0 to 1: 0.05 is five points. */
  readonly loss: number
  /** Runs on each model; null where the share cannot fall so far. */
  readonly runs: number | null
  /** Days at a share of the traffic, in the order of `CANARY_SHARES`; null where they are not known. */
  readonly days: readonly (number | null)[]
}

/** The shares of the traffic that are reckoned with. */
export const CANARY_SHARES = [0.05, 0.2, 0.5] as const

const LOSSES = [0.02, 0.05, 0.1] as const

/** The points of the normal distribution for an error of 5 % on one side, and for seeing four losses of five. */
const Z_ALPHA = 1.6449
const Z_POWER = 0.8416

/** From a share of 1 no variance follows: as if one more run had failed. */
const NEXT_TO_ALL = 0.995

/**
 * Says how many runs a canary takes to see a loss, in four cases of five, at a false alarm in twenty: two shares side by side,
 * on one side.
 *
 * @see Joseph L. Fleiss, "Statistical Methods for Rates and Proportions" (2nd edition, 1981), section 3.2
 */
export function canary(well: number | null, runsPerDay: number | null): Canary {
  const losses = LOSSES.map((loss): CanaryLoss => {
    const runs = well === null ? null : runsFor(Math.min(well, NEXT_TO_ALL), loss)
    const days = CANARY_SHARES.map((share) =>
      runs === null || !runsPerDay ? null : Math.ceil(runs / (share * runsPerDay)),
    )
    return { loss, runs, days }
  })
  return { well, runsPerDay, losses }
}

function runsFor(well: number, loss: number): number | null {
  const after = well - loss
  if (after <= 0) return null
  const middle = (well + after) / 2
  const alike = Z_ALPHA * Math.sqrt(2 * middle * (1 - middle))
  const apart = Z_POWER * Math.sqrt(well * (1 - well) + after * (1 - after))
  return Math.ceil(((alike + apart) / loss) ** 2)
}
