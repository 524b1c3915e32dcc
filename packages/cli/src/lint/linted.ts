import type { LintFinding } from '@reprise/evals'

/** A finding, and the file that it stands in, as it was named; null of an agent. */
export interface FoundIn extends LintFinding {
  readonly file: string | null
}

/** What was looked at, and found. */
export interface Linted {
  readonly findings: readonly FoundIn[]
  /** The agents, or the files, that were looked at. */
  readonly looked: readonly string[]
  /** Agents whose instructions could not be made, and why. */
  readonly unread: readonly { readonly agent: string; readonly problem: string }[]
  /** The path of the config, where agents were looked at. */
  readonly config: string | undefined
}
