import type { ChildEnding, Entry, RecordedError } from '../contracts/entry.ts'
import { CancelledError, StepError } from '../values/errors.ts'

/** An error as the code is given it: with a stack that says where in the code it stands, and is the same each time. */
export function placed<E extends Error>(error: E, key: string): E {
  error.stack = `${error.name}: ${error.message}\n    at ${key}`
  return error
}

/** Tells the code of a workflow what is recorded of an operation: live as on a resume, it gets the same. */
export function tellOutcome(entry: Entry, resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
  if (entry.kind === 'step.returned') return resolve(entry.body.result)
  if (entry.kind === 'step.failed') return reject(placed(stepError(entry.body.error), entry.key))
  if (entry.kind === 'child.ended') {
    const { runId, ending } = entry.body
    return tellEnding(runId, ending, resolve, (error) => reject(placed(error, entry.key)))
  }
  return resolve(undefined)
}

function tellEnding(
  runId: string,
  ending: ChildEnding,
  resolve: (value: unknown) => void,
  reject: (error: Error) => void,
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
