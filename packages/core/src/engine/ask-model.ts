import type { Action } from '../agent/action.ts'
import { conversation, held } from '../agent/fold.ts'
import type { AgentState } from '../agent/state.ts'
import type { Draft } from '../contracts/entry.ts'
import type { ModelReply } from '../contracts/model.ts'
import { type RetryPolicy, retryDelayMs } from '../define/retry.ts'
import { askDigest } from '../journal/fingerprint.ts'
import { ModelError, RepriseError } from '../words/errors.ts'
import { distinctCallIds } from './call-ids.ts'
import type { Engine } from './engine.ts'
import { recordError } from './record-error.ts'

type Ask = Extract<Action, { kind: 'ask' }>

/**
 * Asks the model once and says what is to be recorded: the reply, or the failure with the time of the next attempt.
 *
 * @throws the signal's reason when it aborts: then nothing is to be recorded.
 */
export async function askModel(
  engine: Engine,
  runId: string,
  state: AgentState,
  ask: Ask,
  seen: Set<string>,
  retry: RetryPolicy,
  signal: AbortSignal,
): Promise<Draft> {
  const { key, attempt } = ask
  let offset = 0
  try {
    const reply = await collect(engine, runId, state, ask, signal, (delta) => {
      engine.emit({ kind: 'text.delta', runId, key, attempt, offset, delta })
      offset += delta.length
    })
    const asked = askDigest(held(state).digest, state.heard)
    return {
      kind: 'model.replied',
      key,
      attempt,
      body: { asked, reply: { ...reply, items: distinctCallIds(reply.items, seen) } },
    }
  } catch (error) {
    signal.throwIfAborted()
    if (offset > 0) engine.emit({ kind: 'attempt.discarded', runId, key, attempt })
    const delay = isRetryable(error) ? retryDelayMs(retry, attempt, engine.random, retryAfter(error)) : null
    const retryAt = delay === null ? null : engine.clock.now() + delay
    return { kind: 'model.failed', key, attempt, body: { error: recordError(error, 'model_threw'), retryAt } }
  }
}

async function collect(
  engine: Engine,
  runId: string,
  state: AgentState,
  { allowedTools }: Ask,
  signal: AbortSignal,
  onText: (delta: string) => void,
): Promise<ModelReply> {
  const { card, instructions } = held(state)
  const request = { runId, card, instructions, items: conversation(state), ...(allowedTools && { allowedTools }) }
  for await (const event of engine.model.ask(request, signal)) {
    if (event.kind === 'reply') return event.reply
    if (event.kind === 'text') onText(event.delta)
  }
  throw new ModelError({
    code: 'stream_cut',
    message: 'The reply ended before it was whole. It is asked again.',
    retryable: true,
  })
}

function isRetryable(error: unknown): boolean {
  return RepriseError.is(error) && error.retryable
}

function retryAfter(error: unknown): number | undefined {
  // By its brand: the error may come from another copy of this package.
  return RepriseError.is(error) && 'retryAfterMs' in error ? (error as ModelError).retryAfterMs : undefined
}
