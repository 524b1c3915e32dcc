// A call of an agent or a workflow, carried out as a child run. run-tool.ts calls this; it starts the run by `engine.children` and
// waits for it, and writes nothing of its own. The child's id is the call's idempotency key (invariant 3), so a call
// that is made again comes to the same child.
import type { Action } from '../../agent/decide/action.ts'
import type { Rewound } from '../../contracts/rewound.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Schema } from '../../contracts/schema.ts'
import type { AnyDefinition } from '../../define/plan.ts'
import { isNotBegun } from '../../journal/not-begun.ts'
import { idempotencyKey } from '../../journal/keys.ts'
import { blockedEffect, blockedEffectOf } from '../../journal/blocked-effect.ts'
import { messageOf, RepriseError, ToolError } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'
import type { ChildEnding } from '../../contracts/entry.ts'
import type { InterruptedChild, Parent } from '../children.ts'
import type { Engine } from '../engine.ts'

/** A run that calls agents. */
export interface Caller extends Parent, Pick<RunRow, 'createdAt'> {
  /** The schemas that gave its context. */
  readonly contexts: readonly Schema[]
  /** The child that it goes on with at a key by now instead of the one that it began. */
  readonly rewoundAt: (key: string) => Rewound | undefined
}

/** A child run that waits for somebody, or was interrupted, and the call that it is of. */
export interface RestingChild {
  readonly kind: 'rests'
  readonly key: string
  readonly runId: string
  readonly interrupted?: InterruptedChild
}

/**
 * Runs a call of an agent or a workflow as a child run, and gives its output; undefined when it is to be taken up again.
 *
 * @param onEnded hears how many turns it has had, with those below it, whatever came of it.
 * @throws ToolError, told to the model, when the child run ended without one.
 */
export async function runChildTool(
  engine: Engine,
  parent: Caller,
  { tool, key, attempt, input }: Extract<Action, { kind: 'call' }>,
  context: Json,
  signal: AbortSignal,
  onEnded: (turns: number) => void,
): Promise<{ readonly kind: 'ended'; readonly output: Json } | RestingChild | undefined> {
  // Only agentTool makes such tools, of agents and teams, and workflowTool, of workflows.
  const definition = tool.child as AnyDefinition
  const given = definition.kind === 'workflow' ? input() : (input() as { readonly task: string }).task
  const rewound = parent.rewoundAt(key)
  // Its key is its place in its parent, as an idempotency key is.
  const runId = rewound?.to ?? idempotencyKey(parent.id, key)
  const cancel = (): void => {
    // A run that is cancelled takes its children along; a runtime that is closed leaves them to be resumed.
    if (!RepriseError.is(signal.reason) || signal.reason.code !== 'run_cancelled') return
    // Before the run ends, its session tells the child once more.
    engine.children
      .cancel(runId, signal.reason.message)
      .catch((error: unknown) => engine.log.warn(`The run "${runId}" could not be cancelled yet: ${messageOf(error)}`))
  }
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const start = {
      runId,
      definition,
      input: given,
      context: definition.kind === 'workflow' ? undefined : context,
      contextOf: parent.contexts,
      parent,
      parentKey: key,
      begun: () => {
        const body = { name: definition.name, runId }
        engine.emit({ kind: 'child.started', runId: parent.id, key, attempt, body })
      },
    }
    const standing = await (rewound ? engine.children.goOn(rewound, parent.worked) : engine.children.run(start))
    signal.throwIfAborted()
    if (standing.kind === 'stopped') return undefined
    if (standing.kind === 'rests') return { kind: 'rests', key, runId }
    if (standing.kind === 'interrupted') return { kind: 'rests', key, runId, interrupted: standing }
    onEnded(standing.totals.turns)
    return { kind: 'ended', output: outputOf(runId, definition, standing.ending) }
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** The output of a child run that has ended. */
function outputOf(runId: string, { kind }: AnyDefinition, ending: ChildEnding): Json {
  if (ending.kind === 'completed') return ending.output
  const what = 'error' in ending ? blockedEffectOf(ending.error) : undefined
  if (what !== undefined) throw new ToolError(blockedEffect(`${what} of its child run "${runId}"`))
  // It was not begun at all.
  if ('error' in ending && isNotBegun(ending)) throw new ToolError(ending.error)
  throw refused(
    runId,
    kind === 'workflow' ? 'workflow' : 'agent',
    ending.kind === 'cancelled'
      ? `was cancelled: ${ending.reason}`
      : `has no answer (${ending.kind}): ${ending.error.message}`,
  )
}

/** The code of the error of a child run that ended without an answer. */
export const CHILD_ENDED = 'child_run'

function refused(runId: string, who: string, why: string): ToolError {
  return new ToolError({ code: CHILD_ENDED, message: `The ${who} ${why}`, details: { runId } })
}
