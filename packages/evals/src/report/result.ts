import type { Digest, Outcome } from '@reprise/core'
import type { Measure } from '../define/gates.ts'

/** What one trial came to. */
export interface TrialResult {
  /** The run, for `reprise show`. */
  readonly run: string
  /** When it ended, in milliseconds since 1970. */
  readonly at: number
  readonly outcome: Outcome['kind']
  /** By the names of scorers: 0 to 1; null where one could not tell. */
  readonly scores: Readonly<Record<string, number | null>>
  /** What scorers said of it. */
  readonly why: Readonly<Record<string, string>>
  /** What was measured; null where it is not known. */
  readonly measures: Readonly<Record<Measure, number | null>>
  readonly success: boolean
  /** US dollars of the trial and of those that judged it; null where a price is not known. */
  readonly spentUsd: number | null
}

/** What one row came to. */
export interface RowResult {
  readonly id: string
  /** Of what it asked and expected: a row that is changed is compared with none. */
  readonly asked: Digest
  readonly trials: readonly TrialResult[]
}

/** What an evaluation came to: plain JSON, kept to compare the next one with. */
export interface EvalResult {
  readonly format: 1
  readonly name: string
  /** Of the ids of all runs: the same where nothing has changed. */
  readonly set: Digest
  /** When the last of its trials ended, in milliseconds since 1970; 0 where none did. */
  readonly at: number
  readonly repeat: number
  readonly scorers: readonly string[]
  readonly rows: readonly RowResult[]
  /** Trials that could not be brought to an end here, with why: then nothing is judged. */
  readonly unfinished: readonly { readonly run: string; readonly why: string }[]
}
