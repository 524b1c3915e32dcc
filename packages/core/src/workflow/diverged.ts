import type { Divergence } from '../agent/walk.ts'
import { DivergenceError } from '../words/errors.ts'

/** Says where a workflow's code leaves the recorded path, and what can be done. */
export function diverged(runId: string, { seq, key, recorded, today }: Divergence): DivergenceError {
  return new DivergenceError({
    code: 'diverged',
    message:
      `The run "${runId}" cannot go on under today's code: its entry ${seq} is ${recorded}, and today's code would ${today}. ` +
      `Bring the code back that wrote it, put what is new behind if (ctx.patched('a-name')), so that this run keeps the old way, or cancel the run and start it anew.`,
    details: { runId, seq, key, recorded, today },
  })
}
