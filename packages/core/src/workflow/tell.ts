import type { ChildEnding, Entry, RecordedError } from '../contracts/entry.ts'
import { CancelledError, StepError } from '../words/errors.ts'

/** Tells the code of a workflow what is recorded of an operation: live as on a resume, it gets the same. */
export function tellOutcome(entry: Entry, resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
  if (entry.kind === 'step.returned') return resolve(entry.body.result)
  if (entry.kind === 'step.failed') return reject(stepError(entry.body.error))
  if (entry.kind === 'child.ended') return tellEnding(entry.body.runId, entry.body.ending, resolve, reject)
  return resolve(undefined)
}

function tellEnding(
  runId: string,
  ending: ChildEnding,
  resolve: (value: unknown) => void,
  reject: (error: unknown) => void,
): void {
  switch (ending.kind) {
    case 'completed':
      return resolve(ending.output)
    case 'cancelled':
      return reject(
        new CancelledError({ code: 'child_cancelled', message: `The run "${runId}" was cancelled: ${ending.reason}` }),
      )
    case 'failed':
    case 'refused':
    case 'incomplete':
    case 'over-budget':
      return reject(stepError(ending.error, { outcome: ending.kind, runId }))
    default:
      return ending satisfies never
  }
}

function stepError(
  { code, message, details }: RecordedError,
  more: { outcome?: string; runId?: string } = {},
): StepError {
  return new StepError({ code, message, details: { ...details, ...more } })
}
