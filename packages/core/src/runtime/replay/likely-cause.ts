// What is likely behind a place where today's code goes another way. Whoever changed the code knows best: this only looks at
// what differs there between the definition that is recorded and today's, and says the first thing that explains it.
import type { Entry } from '../../contracts/entry.ts'
import type { AnyDefinition } from '../../define/plan.ts'
import type { Divergence } from '../../journal/divergence.ts'
import { agentCause } from './agent-cause.ts'
import { type LikelyCause, UNKNOWN } from './cause.ts'
import { workflowCause } from './workflow-cause.ts'

/**
 * Says what is likely behind a divergence. Nothing is written, and nothing done that code asks for.
 *
 * @param entries of the run, all of them.
 * @param definition under which they diverge.
 */
export async function likelyCause(
  runId: string,
  divergence: Divergence,
  entries: readonly Entry[],
  definition: AnyDefinition,
): Promise<LikelyCause> {
  try {
    return definition.kind === 'workflow'
      ? await workflowCause(runId, divergence, entries, definition)
      : agentCause(divergence, entries, definition)
  } catch {
    // What code of the user's throws on the way is told by the divergence itself.
    return UNKNOWN
  }
}
