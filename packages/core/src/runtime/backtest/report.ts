import type { CallChange, CallComparison } from '../../agent/compare/compare-calls.ts'
import type { BacktestOutcome, EndComparison } from '../../agent/compare/compare-ends.ts'
import type { BacktestFigures } from '../../agent/compare/figures.ts'
import type { DefinitionRef, Entry } from '../../contracts/entry.ts'
import type { ModelSettings } from '../../contracts/model.ts'
import type { Used } from '../../contracts/totals.ts'
import type { NanoUsd } from '../../values/money.ts'
import type { Interval } from '../../values/stats/bca.ts'
import type { JudgeVerdict } from './verdict.ts'

/**
 * What came of one run. `same`: the same calls with equal arguments, in whatever order, the same end, and, where a schema
 * holds the answer, the same answer; words that no schema holds may differ. `changed`: it could be compared to its end, and
 * something of that is different. `parted`: the candidate wanted what the recording does not have, and was stopped there.
 * `failed`: the candidate's model did not answer. `skipped`: it could not be backtested at all.
 */
export type BacktestStatus = 'same' | 'changed' | 'parted' | 'failed' | 'skipped'

/** Why a run is `failed` or `skipped`. */
export interface BacktestProblem {
  readonly code: string
  readonly message: string
}

/**
 * Why the candidate could not go on from the recording: it made a call that is not in it; one of which the recording does
 * not say what came of it, since it is in doubt or was never allowed; or one that somebody must allow today, and of which
 * nobody has said anything.
 */
export type PartedWhy = 'call not recorded' | 'result not recorded' | 'approval not recorded'

/** The first place where the candidate wanted what the recording does not have. */
export interface Parted {
  /** Of the recorded entry that the recording went on with: the reply of the first turn that is not covered, or the last entry. */
  readonly seq: number
  /** Of the candidate's call. */
  readonly key: string
  /** The candidate's agent. */
  readonly agent: string
  readonly why: PartedWhy
  /** What the recording did there, in words. */
  readonly recorded: string
  /** What the candidate wanted there, in words. */
  readonly candidate: string
  /** What it was answered by, where it went on: the declared `simulate`, or its tool, which only reads. Null where it stopped. */
  readonly wentOn: 'simulated' | 'live' | null
}

/** One side of a backtested run. */
export interface BacktestSide extends BacktestFigures {
  /** The models that were asked, by the names that agents have. */
  readonly models: readonly string[]
  readonly outcome: BacktestOutcome
  /** The agent that held it last, and answers for its end; null where none did. */
  readonly lastAgent: string | null
  /** The share of each agent that held the run. */
  readonly byAgent: Readonly<Record<string, BacktestFigures>>
  /** The journal, with tokens for secrets: where `keep` asks for it. The candidate's is in no store. */
  readonly entries?: readonly Entry[]
}

/** What came of one run. */
export interface BacktestRun {
  readonly runId: string
  readonly definition: DefinitionRef
  readonly status: BacktestStatus
  /** There where it is `failed` or `skipped`. */
  readonly problem: BacktestProblem | null
  /**
   * How many turns of the recording the candidate's path can be compared with: all of them, where it came to its end, or to
   * where the recording ends; else the first ones of which it had made all calls when the ways parted.
   */
  readonly coverage: { readonly turns: number; readonly of: number }
  readonly parted: Parted | null
  readonly calls: CallComparison
  /** Null where one side has not ended of itself: then nobody scores how it ends. */
  readonly end: EndComparison | null
  readonly recorded: BacktestSide
  readonly candidate: BacktestSide
  /** Null where no judge was given, or nothing was to be judged. */
  readonly verdict: JudgeVerdict | null
}

/** How likely the difference is chance. */
export interface Chance {
  /** Runs in which the candidate's figure is higher, and lower. The others say nothing. */
  readonly up: number
  readonly down: number
  /**
   * How often a split at least as uneven would come about if both were alike, from 0 to 1: the exact sign test, which is
   * McNemar's where the figure is yes or no.
   */
  readonly p: number
  /** What would have to be true for it to be chance. */
  readonly words: string
  /** How many runs like these, those that are there among them, would show it if it is none; null where they do, or nothing differs. */
  readonly runsNeeded: number | null
}

/** A figure of both sides, over the runs that could be compared to their ends. */
export interface PairedFigure {
  /** How many runs it stands on. */
  readonly runs: number
  /** Means a run; undefined where there is none. */
  readonly recorded: number | undefined
  readonly candidate: number | undefined
  /** The mean of what is more on the candidate's side. */
  readonly difference: Interval | undefined
  /** What the candidates have in all, by what the recordings have in all; undefined where that is nothing. */
  readonly ratio: Interval | undefined
  readonly chance: Chance
}

/** What is compared of each run. Money in nano-dollars, latency (the median of a run's replies) in milliseconds. */
export type BacktestFigure =
  | 'costNano'
  | 'inputTokens'
  | 'cachedTokens'
  | 'outputTokens'
  | 'turns'
  | 'calls'
  | 'latencyMs'
  | 'refused'
  | 'sentBack'
  | 'unusable'
  /** Whether it was completed: 1 or 0. */
  | 'completed'

/** How long replies took, in milliseconds. Runs in which all took no time do not count: no time was recorded there. */
export interface Latency {
  readonly replies: number
  readonly p50: number | undefined
  readonly p95: number | undefined
}

/** What the judge said. */
export interface VerdictSummary {
  readonly better: number
  readonly equal: number
  readonly worse: number
  /** From 0 to 1: 0.5 where both sides are as good. */
  readonly score: Interval | undefined
  readonly chance: Chance
  /** Runs that the judge could not judge. */
  readonly failed: number
}

/** What came of several runs. Of an agent: what it did in them itself. */
export interface BacktestSummary {
  /** Those that were not skipped. */
  readonly runs: number
  readonly same: number
  readonly changed: number
  readonly parted: number
  readonly failed: number
  /** Those that went on with answers that are not recorded. */
  readonly wentOn: number
  /** Those whose answers differ in words alone that no schema holds. */
  readonly reworded: number
  /** Turns of the recordings. */
  readonly coverage: { readonly turns: number; readonly of: number }
  /** The share of those that are the same, among those that are the same, changed or parted. */
  readonly share: Interval | undefined
  /** In how many runs there is a change of each kind. */
  readonly changes: Readonly<Record<ChangeKind, number>>
  readonly figures: Readonly<Record<BacktestFigure, PairedFigure>>
  readonly latency: { readonly recorded: Latency; readonly candidate: Latency }
  /** Runs whose cost is not known, for want of a price: `costNano` leaves them out. */
  readonly unpriced: { readonly recorded: number; readonly candidate: number }
  /** Null where no judge was given. */
  readonly verdicts: VerdictSummary | null
}

/** What may have changed in a run: its calls, its answer, how it ended, and where it parted. */
export type ChangeKind = CallChange['kind'] | 'answer' | 'end' | 'parted'

/** What was tried. */
export interface BacktestCandidate {
  /** The model that all agents were given; null where each has its own. */
  readonly model: string | null
  readonly settings: ModelSettings | null
  /** Whose texts, tools and settings: those of the recordings, or those of definitions. */
  readonly texts: 'recorded' | 'definitions'
}

/**
 * Why runs are left that fit the filter: the budget is spent, or the model cannot be asked just now (its key, its account, its
 * name), as `problem` says.
 */
export interface BacktestPartial {
  readonly why: 'budget' | 'model'
  readonly problem: BacktestProblem
  /** How many runs. */
  readonly left: number
}

/** What came of a backtest. It is JSON. */
export interface BacktestReport {
  readonly candidate: BacktestCandidate
  /** In the order of the filter. */
  readonly runs: readonly BacktestRun[]
  readonly all: BacktestSummary
  /** By the name of the agent. */
  readonly byAgent: Readonly<Record<string, BacktestSummary>>
  /** Runs that were skipped, by the code of why. */
  readonly skipped: Readonly<Record<string, number>>
  /** What was asked of models for it, without what the judge asks. */
  readonly asked: {
    /** Asks, those that failed among them. */
    readonly asks: number
    /** Replies that stood in `results` and were not asked for again. */
    readonly reused: number
    readonly costNano: NanoUsd
    /** Asks without a known price: where this is not 0, `costNano` is not the whole cost. */
    readonly unpriced: number
  }
  /** Null where no run is left. */
  readonly partial: BacktestPartial | null
}

/** What a backtest would ask for. */
export interface BacktestEstimate {
  readonly candidate: BacktestCandidate
  readonly runs: number
  /** Runs that would be skipped, by the code of why. */
  readonly skipped: Readonly<Record<string, number>>
  /** As many as the recordings have turns: the candidate may need fewer, or more. */
  readonly asks: number
  /** What the recordings read and wrote, and cost. */
  readonly recorded: Used
  /**
   * What these asks would cost at most, in nano-dollars: with all that is read, and as much written as is allowed. Undefined
   * where the model cannot say.
   */
  readonly atMostNano: NanoUsd | undefined
}
