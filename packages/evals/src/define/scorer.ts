import type { AnyDefinition, Entry, Outcome, Totals } from '@reprise/core'
import type { Call } from '../seen/calls.ts'
import type { Row } from './row.ts'

/** A run as a scorer sees it. */
export interface TrialRun<Output = unknown> {
  /** For `reprise show`, `replay` and `fork`. */
  readonly id: string
  readonly outcome: Outcome<Output>
  readonly entries: readonly Entry[]
  /** Of the run and all that came of it. */
  readonly totals: Totals
  /** All calls that models made in it and in the runs that came of it, in their order. */
  readonly calls: readonly Call[]
  /** Milliseconds from its first entry to its last; undefined where a process ended or rested in between. */
  readonly latencyMs: number | undefined
  /** US dollars; undefined where the price of any of it is not known, which is never zero. */
  readonly costUsd: number | undefined
}

/** One repeat of one question. */
export interface Trial<Output = unknown, Expected = unknown> {
  readonly row: Row<unknown, Expected>
  /** Which repeat, from 1. */
  readonly repeat: number
  readonly run: TrialRun<Output>
  /** Starts a run that belongs to this trial, as a judge does, or takes it up: the same `key` and input give the same run. */
  readonly ask: (definition: AnyDefinition, input: string, key: string) => Promise<Outcome>
}

/**
 * What a scorer says: a share from 0 (wrong) to 1 (right), `true` for 1 and `false` for 0; null where it cannot tell, which
 * counts in no mean, and is no success.
 */
export type Verdict = boolean | number | null | { readonly score: number | boolean | null; readonly why?: string }

/** Says how good a trial is. The same trial must be given the same score. */
export type Score<Output = unknown, Expected = unknown> = (trial: Trial<Output, Expected>) => Verdict | Promise<Verdict>

/** A scorer: a function, or one with agents of its own. */
export type Scorer<Output = unknown, Expected = unknown> =
  | Score<Output, Expected>
  | { readonly score: Score<Output, Expected>; readonly definitions: readonly AnyDefinition[] }
