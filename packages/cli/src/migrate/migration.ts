// What a migration report holds: plain data, which is printed, kept as JSON and made into a page.
import type { Interval, Latency } from '@reprise/core'
import type { DefinedAgent } from '../models/agents-of.ts'
import type { OpenRun } from '../models/in-use.ts'
import type { KnownModel } from '../models/known-model.ts'
import type { Canary } from './canary.ts'
import type { Example } from './examples.ts'
import type { Month } from './month.ts'
import type { Rule, Verdict } from './verdict.ts'

/** Whether the agents that ask one model may ask another one. */
export interface Migration {
  readonly from: KnownModel
  readonly to: KnownModel
  /** Milliseconds since 1970. */
  readonly madeAt: number
  /** What the verdicts go by. */
  readonly rule: Rule
  readonly recordings: Recordings
  readonly agents: readonly AgentMigration[]
  /** Definitions of today's code that name the model. */
  readonly definitions: readonly DefinedAgent[]
  /** Runs that have not ended and go on with the model that they recorded. */
  readonly open: readonly OpenRun[]
  /** What the backtest itself asked for, in nano-dollars. */
  readonly asked: {
    readonly asks: number
    readonly reused: number
    readonly costNano: number
    readonly unpriced: number
  }
}

/** Which recorded runs were asked again. */
export interface Recordings {
  /** Milliseconds since 1970; null where all were looked at. */
  readonly since: number | null
  /** Runs in which the model answered. */
  readonly found: number
  /** Of those, the ones that were backtested. */
  readonly tried: number
  /** How many were left away, by why. */
  readonly left: readonly { readonly why: string; readonly runs: number }[]
}

/** What came of one agent. */
export interface AgentMigration {
  readonly agent: string
  readonly verdict: Verdict
  /** Runs of the backtest in which it answered. */
  readonly runs: {
    readonly of: number
    readonly same: number
    readonly changed: number
    readonly parted: number
    readonly failed: number
  }
  /** Turns of the recordings that the candidate's path could be compared with. */
  readonly coverage: { readonly turns: number; readonly of: number }
  /** The share of compared runs that came out the same, from 0 to 1. */
  readonly share: Interval | null
  /** Runs that made the same calls in another order: they count as the same. */
  readonly reordered: number
  /** In how many runs there is a change of a kind. */
  readonly changes: readonly { readonly kind: string; readonly runs: number }[]
  /** What went wrong, on either side. */
  readonly wrong: readonly Wrong[]
  readonly figures: readonly Figure[]
  readonly latency: { readonly recorded: Latency; readonly candidate: Latency }
  readonly month: Month
  readonly canary: Canary
  /** Every run in which it did something otherwise, worst first. */
  readonly examples: readonly Example[]
}

/** Something that a run should not have: on how many runs of each side it is. */
export interface Wrong {
  readonly what: string
  /** How many there are over the runs that were compared to their ends. */
  readonly recorded: number
  readonly candidate: number
  /** Runs that have more of it on the candidate's side, and on the recording's. */
  readonly up: number
  readonly down: number
  /** How often chance alone does as much, from 0 to 1. */
  readonly p: number
}

/** A figure of both sides, a run. */
export interface Figure {
  readonly what: string
  readonly unit: 'tokens' | 'usd' | 'ms' | 'number'
  readonly runs: number
  /** Means a run; null where there is none. */
  readonly recorded: number | null
  readonly candidate: number | null
  /** What the candidates have by what the recordings have: 1 is as much. */
  readonly ratio: Interval | null
}
