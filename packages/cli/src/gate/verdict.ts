import type { ReplayProblem, RunReplay } from '@reprise/core'

/** What a replay of one run means to whoever is about to deploy, the worst first. */
export const VERDICTS = ['breaks', 'unreadable', 'parts', 'gone', 'differs', 'well'] as const

/**
 * `breaks`: it has not ended and would not go on. `unreadable`: nobody can say what it would do. `parts`: it would go another
 * way. `gone`: it has ended, and nobody has its definition any more. `differs`: its texts are others.
 */
export type Verdict = (typeof VERDICTS)[number]

/** What is found of one run, in words. */
export interface Finding {
  readonly verdict: Verdict
  readonly problem?: ReplayProblem
}

/** Judges the replay of one run. */
export function findingOf(replay: RunReplay): Finding {
  if (replay.broken) return { verdict: 'breaks', problem: replay.broken }
  if (replay.status === 'failed') {
    const { kind } = replay.error.cause
    const isGone = kind === 'definition-removed' || kind === 'definition-renamed'
    return { verdict: isGone ? 'gone' : 'unreadable', problem: replay.error }
  }
  const { divergence, cause } = replay
  if (divergence && cause) {
    const message = `Entry ${divergence.seq} is ${divergence.recorded}, and today's code would ${divergence.today}`
    return { verdict: 'parts', problem: { code: 'diverged', message, cause } }
  }
  return { verdict: replay.differences.length > 0 ? 'differs' : 'well' }
}

/** Whether a gate stays shut for it: what breaks nobody passes, unless it is to be strict. */
export function shutsGate(verdict: Verdict, strict: boolean): boolean {
  return verdict === 'breaks' || verdict === 'unreadable' || (strict && verdict !== 'well')
}
