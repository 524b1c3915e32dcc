// Asks a tool whether its call in doubt happened. session.ts calls this for a `once` call whose result is not known,
// and writes what it gives. What the tool said is recorded as any result is (invariant 7); where it does not know, the
// doubt stays for a person.
import type { Action } from '../../agent/decide/action.ts'
import type { Draft } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Reconciled } from '../../define/tool.ts'
import { messageOf } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'
import type { Engine } from '../engine.ts'
import { expectResult, keepResult, type KeptResult } from './keep-result.ts'
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
    // The types of defineTool say what a reconcile gives; what it does give is looked at here.
    const answer = (await withTimeout(engine, tool, ctx, async (limited) =>
      tool.reconcile?.(inputOf(engine, run, action), limited),
    )) as Partial<Reconciled<unknown>> | null | undefined
    const happened: unknown = answer?.happened
    if (typeof happened !== 'boolean')
      return doubt('reconcile did not say whether it happened: { happened: true or false }')
    const result = happened && answer && 'result' in answer ? answer.result : null
    if (tool.output) await expectResult(engine, run, tool)
    const kept = happened ? keepResult(engine, run, tool, result) : { result: null }
    return { kind: 'call.resolved', key, attempt, body: { name, happened, by: 'reconcile', ...withoutParts(kept) } }
  } catch (error) {
    signal.throwIfAborted()
    return doubt(`reconcile failed: ${messageOf(error)}`)
  }
}

/** A word on what has happened shows nothing. */
function withoutParts(given: KeptResult): Omit<KeptResult, 'parts'> {
  const { parts: _, ...kept } = given
  return kept
}
