import type { Entry } from '../../contracts/entry.ts'
import type { ModelSettings } from '../../contracts/model.ts'
import type { RunFilter } from '../../contracts/run.ts'
import type { AnyDefinition } from '../../define/plan.ts'
import type { Unrecorded } from '../../engine/shadow/outside.ts'
import type { BacktestRun, BacktestSide } from './report.ts'
import type { BacktestResults } from './results.ts'
import type { JudgeVerdict } from './verdict.ts'

/**
 * Which runs are backtested: those of agents and teams that fit. A workflow is not run again, and stands for the runs of
 * agents and teams below it.
 */
export type BacktestFilter =
  | (Omit<RunFilter, 'after' | 'limit'> & {
      /** @default 'newest' first */
      readonly order?: RunFilter['order']
      /** The most runs: 1 or more. @default 100 */
      readonly limit?: number
    })
  /** These, by their ids. */
  | { readonly ids: readonly string[] }

/** One run as it was recorded, and as the candidate went through it. */
export interface BacktestPair {
  readonly runId: string
  readonly recorded: BacktestSide & { readonly entries: readonly Entry[] }
  readonly candidate: BacktestSide & { readonly entries: readonly Entry[] }
  /** What differs by itself, so far. */
  readonly run: Omit<BacktestRun, 'verdict'>
}

/** Compares what programs cannot: it may ask a model. */
export type Judge = (pair: BacktestPair, signal: AbortSignal) => Promise<JudgeVerdict> | JudgeVerdict

/** What `backtest` takes beside the filter. At least one of `model`, `settings` and `definitions` says what is tried. */
export interface BacktestOptions {
  /** The model that all agents ask, by the name that the runtime's models know. @default each agent's own */
  readonly model?: string
  /** Settings in the place of each agent's own: one that the model does not take is left away by `undefined`. */
  readonly settings?: { readonly [K in keyof ModelSettings]?: ModelSettings[K] | undefined }
  /**
   * Texts, tools, settings and models of these definitions, or of the newest ones that the runtime has (`'today'`).
   * @default those that each run has recorded
   */
  readonly definitions?: 'today' | readonly AnyDefinition[]
  /** What becomes of a call that the recording does not have. @default 'stop' */
  readonly unrecorded?: Unrecorded
  /**
   * Places that hold words, and may be written otherwise: `tool.path` of arguments and `output.path` of answers, as
   * `refund.reason`, `output.items[].note`, in which `[]` stands for every index. Calls that differ there alone are equal.
   */
  readonly ignore?: readonly string[]
  /** Judges each run that was compared to its end and is not the same to the letter. */
  readonly judge?: Judge
  /** How many runs go on at a time: 1 to 1,000. @default 4 */
  readonly concurrency?: number
  /**
   * The most that all asks together may cost, in dollars, above 0. No ask begins that might go beyond it, so far as the model
   * says what an ask may cost at most; else none begins once it is spent.
   */
  readonly budget?: { readonly usd: number }
  /** Whether the journals of both sides are kept in the report. @default false */
  readonly keep?: boolean
  /** Keeps what was paid for, so that a backtest that was broken off goes on where it was. @default nothing is kept */
  readonly results?: BacktestResults
  /** Hears of each run when it is done. */
  readonly onRun?: (run: BacktestRun) => void
  /** Ends the backtest when it aborts: `backtest` then rejects with its reason. */
  readonly signal?: AbortSignal
}
