// A step is one piece: what its function asked of ctx would be recorded apart from it, and after a crash the step answers
// from the journal while nobody asks for the rest.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { StepContext } from '../define/workflow-context.ts'
import { DefinitionError } from '../values/errors.ts'
import { given } from '../values/thenable.ts'
import type { Execution } from './execution.ts'
import type { Op } from './op.ts'

type RunStep = Extract<Op, { kind: 'step' }>['run']

interface Within {
  readonly execution: Execution
  readonly name: string
  misuse?: DefinitionError
}

const steps = new AsyncLocalStorage<Within>()

/** Marks all that a step's function does as done within it; the step fails where that used ctx, whoever caught it. */
export function inStep(execution: Execution, name: string, run: (step: StepContext) => unknown): RunStep {
  return async (step) => {
    const within: Within = { execution, name }
    const result = await given(() => steps.run(within, () => run(step)))
    if (within.misuse) throw within.misuse
    return result
  }
}

/**
 * Checks that the code of a workflow asks for something outside of its steps.
 *
 * @throws DefinitionError with code `ctx_in_step`.
 */
export function checkNotInStep(execution: Execution, kind: string, name: string): void {
  const within = steps.getStore()
  // What a step starts in another run is that run's own.
  if (within?.execution !== execution) return
  const what = name ? `${kind} "${name}"` : kind
  within.misuse ??= new DefinitionError({
    code: 'ctx_in_step',
    message:
      `The workflow calls ${what} within the step "${within.name}", which is recorded as one: after a crash nobody would ask for it again. ` +
      `Call ctx.${kind} before the step and use its result in it, or call it after the step.`,
    details: { step: within.name, kind, name },
  })
  throw within.misuse
}
