// The error of a path that today's code would not take (invariant 5). Whoever walks a journal, an agent's or a
// workflow's, finds the place and says it here.
import type { DefinitionRef } from '../contracts/entry.ts'
import { DivergenceError } from '../values/errors.ts'

/** The first entry that today's code would not have written. */
export interface Divergence {
  readonly seq: number
  readonly key: string
  /** What the journal says. */
  readonly recorded: string
  /** What today's code would do there. */
  readonly today: string
}

/** Says where today's code leaves the recorded path, and what can be done: pin, patch or fork. */
export function divergenceError(
  runId: string,
  { kind, name, version }: DefinitionRef,
  { seq, key, recorded, today }: Divergence,
): DivergenceError {
  const which = `${kind} "${name}", version ${version}`
  const patch =
    kind === 'workflow'
      ? `or patch it: let the code go the old way where ctx.patched("an id") is false`
      : `or patch it: give the ${kind} back what took that step`
  const fork = seq > 0 ? `; or fork it before that step: runtime.fork("${runId}", { at: ${seq} })` : ''
  return new DivergenceError({
    code: 'diverged',
    message:
      `The run "${runId}" cannot go on under today's code of ${which}: its entry ${seq} is ${recorded}, and today's code would ${today}. ` +
      `Pin it: give createRuntime the version that wrote it beside today's; ${patch}${fork}.`,
    details: { runId, kind, name, version, seq, key, recorded, today },
  })
}
