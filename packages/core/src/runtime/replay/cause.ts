/** What a change of code is that can keep a run from its recorded way. */
export type CauseKind =
  | 'agent-removed'
  | 'agent-renamed'
  | 'approval-changed'
  | 'arguments-changed'
  | 'arguments-tightened'
  | 'budget-lowered'
  | 'child-changed'
  | 'child-renamed'
  | 'damaged'
  | 'definition-removed'
  | 'definition-renamed'
  | 'effect-changed'
  | 'handoff-removed'
  | 'instructions-threw'
  | 'output-changed'
  | 'result-changed'
  | 'rule-added'
  | 'rule-removed'
  | 'step-added'
  | 'step-moved'
  | 'step-removed'
  | 'step-renamed'
  | 'text-stopped'
  | 'tool-removed'
  | 'tool-renamed'
  | 'wording'
  | 'workflow-changed'
  | 'unknown'

/** What is likely behind a divergence, or behind a run that could not be replayed. */
export interface LikelyCause {
  readonly kind: CauseKind
  /** What it is in a few words, with the names of what has changed: `the tool "pay" of agent "clerk" is gone`. */
  readonly said: string
}

/** What nothing explains that is looked at here. */
export const UNKNOWN: LikelyCause = { kind: 'unknown', said: 'nothing that is looked for explains it' }
