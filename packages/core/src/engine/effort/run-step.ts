// One attempt of a workflow's step. workflow-efforts.ts calls this when all before it is committed (invariant 2), and
// its session writes what it gives. The step is given the key of its place, the same for each attempt (invariant 3);
// what it returned is recorded as keep.ts says (invariant 7).
import type { Draft } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import { retryDelayMs } from '../../define/retry.ts'
import { idempotencyKey } from '../../journal/keys.ts'
import { RepriseError } from '../../values/errors.ts'
import type { Op } from '../../workflow/op.ts'
import { said } from '../../workflow/unsaid.ts'
import type { Engine } from '../engine.ts'
import { redactedLog } from './redacted-log.ts'
import { keep } from './keep.ts'
import { logThrown, recordThrown } from '../thrown.ts'
import { momentAfter } from '../../values/moment.ts'

/**
 * Runs one attempt of a step and says what is to be recorded.
 *
 * @throws the signal's reason when it aborted: the attempt may simply be made again.
 */
export async function runStep(
  engine: Engine,
  { id: runId, lineageId }: Pick<RunRow, 'id' | 'lineageId'>,
  { key, name, run, retry, after }: Extract<Op, { kind: 'step' }>,
  attempt: number,
  signal: AbortSignal,
): Promise<Draft> {
  const { services } = engine
  const secrets = engine.secretsOf(lineageId)
  const log = redactedLog(engine.log, secrets)
  try {
    const { reveal } = secrets
    const step = { runId, idempotencyKey: idempotencyKey(runId, key), signal, services, log, reveal }
    const { value } = await run(step)
    const kept = keep(engine, `Step "${name}"`, value)
    return { kind: 'step.returned', key, attempt, body: { name, ...kept, ...said(after) } }
  } catch (error) {
    signal.throwIfAborted()
    const final = RepriseError.is(error) && !error.retryable
    const delay = final ? null : retryDelayMs(retry, attempt, engine.random)
    const retryAt = delay === null ? null : momentAfter(engine.clock.now(), delay)
    logThrown(log, 'warn', `Step "${name}" of the run "${runId}" threw at ${key}, attempt ${attempt}`, error)
    const body = { name, error: recordThrown(engine, error, 'step_threw'), retryAt, ...said(after) }
    return { kind: 'step.failed', key, attempt, body }
  }
}
