// The error of an owner that has lost a run (invariant 8): one for all who find that out.
import { StoreError } from '../../values/errors.ts'

/** A run has another owner by now: this one stops at once (invariant 8). */
export function lostError(runId: string): StoreError {
  return new StoreError({
    code: 'run_lost',
    message: `The run "${runId}" was taken over by another process. It goes on there; this one has stopped.`,
    details: { runId },
  })
}
