import type { Action } from '../agent/action.ts'
import type { Draft } from '../contracts/entry.ts'
import type { Reconciled } from '../define/tool.ts'
import { ToolError } from '../words/errors.ts'
import { findUnjson, type Json } from '../words/json.ts'
import type { Engine } from './engine.ts'
import { callContext, withTimeout } from './run-tool.ts'

/**
 * Asks a tool whether its call in doubt happened.
 *
 * @throws what the tool throws: the call stays in doubt.
 */
export async function reconcile(
  engine: Engine,
  runId: string,
  { tool, input, key, attempt }: Extract<Action, { kind: 'reconcile' }>,
  context: Json,
  signal: AbortSignal,
): Promise<Draft> {
  const ctx = callContext(engine, runId, key, context, signal)
  // The types of defineTool say what a reconcile gives.
  const answer = (await withTimeout(engine, tool, ctx, (limited) =>
    tool.reconcile?.(input, limited),
  )) as Reconciled<Json>
  const result = answer.happened ? (answer.result ?? null) : null
  const lost = findUnjson(result)
  if (lost)
    throw new ToolError({
      code: 'result_not_json',
      message: `reconcile of "${tool.name}" gave ${lost.found} at ${lost.path || 'its root'}. Give plain JSON.`,
    })
  return {
    kind: 'call.resolved',
    key,
    attempt,
    body: { name: tool.name, happened: answer.happened, result, by: 'reconcile' },
  }
}
