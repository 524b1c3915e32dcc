import { addUsed, type Interval, NO_TOTALS, type Used } from '@reprise/core'

/** What an agent costs. Money in nano-dollars. */
export interface Month {
  /** A thousand runs, as they were compared; null where a price is unknown. */
  readonly perThousand: { readonly recorded: number; readonly candidate: number } | null
  /** A month of 30 days at the recorded use; null where that cannot be said. */
  readonly recorded: number | null
  readonly candidate: { readonly estimate: number; readonly low: number | null; readonly high: number | null } | null
  /** What the recorded use is: a sentence. */
  readonly basis: string
}

/** What an agent has used lately, as all journals tell. */
export interface RecentUse {
  readonly runs: number
  readonly used: Used
  /** Of its first reply, in milliseconds since 1970; null where there is none. */
  readonly first: number | null
}

/** Nothing was used. */
export const NO_USE: RecentUse = { runs: 0, used: NO_TOTALS, first: null }

/** Days that make a month here, and that are looked back. */
export const MONTH_DAYS = 30

const DAY_MS = 86_400_000

/** What was used before and in one run more. */
export function addUse(use: RecentUse, used: Used, first: number): RecentUse {
  return { runs: use.runs + 1, used: addUsed(use.used, used), first: Math.min(use.first ?? first, first) }
}

/** How many days of records there are: null where there is less than one, from which nothing is to be scaled up. */
export function recordedDays({ first }: RecentUse, now: number): number | null {
  const days = first === null ? 0 : Math.min(MONTH_DAYS, (now - first) / DAY_MS)
  return days < 1 ? null : days
}

/**
 * Says what an agent costs a month before and after.
 *
 * @param ratio of the candidate's cost to the recorded one, over the runs that were compared.
 */
export function monthOf(
  use: RecentUse,
  perRun: { readonly recorded: number | null; readonly candidate: number | null },
  ratio: Interval | null,
  now: number,
): Month {
  const days = recordedDays(use, now)
  const { used, runs } = use
  const perThousand =
    perRun.recorded === null || perRun.candidate === null
      ? null
      : { recorded: perRun.recorded * 1_000, candidate: perRun.candidate * 1_000 }
  const lately = `${runs.toLocaleString('en-US')} ${runs === 1 ? 'run' : 'runs'} in the last ${MONTH_DAYS} days`
  if (used.unpriced > 0)
    return {
      perThousand,
      recorded: null,
      candidate: null,
      basis: `${lately}; ${used.unpriced} replies have no known price.`,
    }
  if (days === null)
    return {
      perThousand,
      recorded: null,
      candidate: null,
      basis: `${lately}; less than a day of records is not scaled up to a month.`,
    }
  const recorded = (used.costNano * MONTH_DAYS) / days
  const scaled =
    days < MONTH_DAYS ? `, of which ${Number(days.toFixed(1))} have records: scaled up to ${MONTH_DAYS}` : ''
  return {
    perThousand,
    recorded,
    candidate: ratio && {
      estimate: recorded * ratio.estimate,
      low: ratio.low === undefined ? null : recorded * ratio.low,
      high: ratio.high === undefined ? null : recorded * ratio.high,
    },
    basis: `${lately}${scaled}.`,
  }
}
