import type { Action } from '../agent/action.ts'
import type { Draft } from '../contracts/entry.ts'
import type { RunRow } from '../contracts/run.ts'
import type { Reconciled } from '../define/tool.ts'
import { messageOf } from '../words/errors.ts'
import { findUnjson, type Json } from '../words/json.ts'
import type { Engine } from './engine.ts'
import { callContext, inputOf } from './run-tool.ts'
import { withTimeout } from './with-timeout.ts'

/**
 * Asks a tool whether its call in doubt happened. One that does not know leaves the call to a person.
 *
 * @throws the signal's reason when it aborts.
 */
export async function reconcile(
  engine: Engine,
  run: Pick<RunRow, 'id' | 'lineageId'>,
  action: Extract<Action, { kind: 'reconcile' }>,
  context: Json,
  signal: AbortSignal,
): Promise<Draft> {
  const { tool, key, attempt } = action
  const { name } = tool
  const doubt = (reason: string): Draft => ({ kind: 'call.doubted', key, attempt, body: { name, reason, asked: true } })
  try {
    const ctx = callContext(engine, run, key, context, signal)
    // The types of defineTool say what a reconcile gives.
    const answer = (await withTimeout(engine, tool, ctx, async (limited) =>
      tool.reconcile?.(inputOf(engine, run, action), limited),
    )) as Reconciled<Json>
    const result = answer.happened ? (answer.result ?? null) : null
    const lost = findUnjson(result)
    if (lost) return doubt(`reconcile gave what a journal cannot keep: ${lost.path || 'it'} is ${lost.found}`)
    return { kind: 'call.resolved', key, attempt, body: { name, happened: answer.happened, result, by: 'reconcile' } }
  } catch (error) {
    signal.throwIfAborted()
    return doubt(`reconcile failed: ${messageOf(error)}`)
  }
}
