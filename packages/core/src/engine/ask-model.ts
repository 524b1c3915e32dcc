import type { Action } from '../agent/action.ts'
import { conversation, held } from '../agent/fold.ts'
import type { AgentState } from '../agent/state.ts'
import type { Draft } from '../contracts/entry.ts'
import type { ModelReply, ModelRequest } from '../contracts/model.ts'
import type { Post } from '../define/plan.ts'
import { retryDelayMs } from '../define/retry.ts'
import { askDigest } from '../journal/fingerprint.ts'
import { hideItems } from '../journal/hide-items.ts'
import type { Secrets } from '../journal/secrets.ts'
import { DefinitionError, ModelError, RepriseError } from '../words/errors.ts'
import { distinctCallIds } from './call-ids.ts'
import type { Engine } from './engine.ts'
import { hideArguments } from './hide-arguments.ts'
import { recordError } from './record-error.ts'
import { momentAfter } from '../words/moment.ts'

/** One ask: by whom, of what, and who hears of it on the way. */
export interface Asking {
  readonly engine: Engine
  readonly runId: string
  readonly state: AgentState
  readonly ask: Extract<Action, { kind: 'ask' }>
  /** All call ids of the run so far; the reply's are added. */
  readonly seen: Set<string>
  /** Of the agent that is asked. */
  readonly post: Post
  readonly secrets: Secrets
  readonly signal: AbortSignal
  /** Hears all that the model has said so far in this attempt. */
  readonly onSaid: (text: string) => void
  /** Takes what is to be recorded while the model answers. */
  readonly report: (draft: Draft) => void
}

/**
 * Asks the model once and says what is to be recorded: the reply, or the failure with the time of the next attempt.
 *
 * @throws the signal's reason when it aborts, and, once no attempt is left, what an operator can mend: then nothing is to
 * be recorded, and whoever takes the run up asks again.
 */
export async function askModel(asking: Asking): Promise<Draft> {
  const { engine, runId, state, seen, post, secrets, signal } = asking
  const { key, attempt } = asking.ask
  let said = ''
  try {
    const reply = await collect(asking, (delta) => {
      engine.emit({ kind: 'text.delta', runId, key, attempt, offset: said.length, delta })
      said += delta
      asking.onSaid(said)
    })
    const asked = askDigest(state.heard)
    const distinct = distinctCallIds(reply.items, seen)
    const items = secrets.kept ? await hideArguments(distinct, post, secrets) : distinct
    return { kind: 'model.replied', key, attempt, body: { asked, reply: { ...reply, items } } }
  } catch (error) {
    signal.throwIfAborted()
    if (said !== '') engine.emit({ kind: 'attempt.discarded', runId, key, attempt })
    const delay = isRetryable(error) ? retryDelayMs(post.agent.retry, attempt, engine.random, retryAfter(error)) : null
    if (delay === null) throwMendable(error)
    const retryAt = delay === null ? null : momentAfter(engine.clock.now(), delay)
    return { kind: 'model.failed', key, attempt, body: { error: recordError(error, 'model_threw'), retryAt } }
  }
}

async function collect(asking: Asking, onText: (delta: string) => void): Promise<ModelReply> {
  const { engine, ask, secrets, signal, report } = asking
  const words = secrets.stream()
  const tell = (text: string): void => {
    if (text !== '') onText(text)
  }
  for await (const event of engine.model.ask(requestOf(asking), signal)) {
    if (event.kind === 'reply') {
      tell(words.end())
      return event.reply
    }
    if (event.kind === 'text') tell(words.push(event.delta))
    if (event.kind === 'accepted') {
      report({ kind: 'model.asked', key: ask.key, attempt: ask.attempt, body: { responseId: event.responseId } })
    }
  }
  throw new ModelError({
    code: 'stream_cut',
    message: 'The reply ended before it was whole. It is asked again.',
    retryable: true,
  })
}

function requestOf({ runId, state, secrets, ask: { allowedTools } }: Asking): ModelRequest {
  const { card, instructions } = held(state)
  const pending = state.phase.kind === 'asking' ? state.phase.pending : null
  return {
    runId,
    card,
    instructions: secrets.hide(instructions),
    items: hideItems(conversation(state), secrets),
    // By what is recorded, so that the same request is made after a crash.
    today: dayOf(state.at),
    ...(allowedTools && { allowedTools }),
    ...(pending !== null && { pending: { responseId: pending } }),
  }
}

/** That nobody can ask just now, or not from here, says nothing of the run. */
function throwMendable(error: unknown): void {
  if (!RepriseError.is(error)) return
  if (error.mendable) throw error
  // By its name: the error may come from another copy of this package. The model was not set up to ask.
  if (error.name !== 'DefinitionError') return
  const { code, message, details } = error
  throw new DefinitionError({ code, message, details, mendable: true, cause: error })
}

const DAY_MS = 86_400_000

/** The day that was asked for last: a run asks for the same again and again. */
let last = { day: Number.NaN, text: '' }

function dayOf(at: number): string {
  const day = Math.floor(at / DAY_MS)
  if (day !== last.day) last = { day, text: new Date(at).toISOString().slice(0, 10) }
  return last.text
}

function isRetryable(error: unknown): boolean {
  return RepriseError.is(error) && error.retryable
}

function retryAfter(error: unknown): number | undefined {
  // By its brand: the error may come from another copy of this package.
  return RepriseError.is(error) && 'retryAfterMs' in error ? (error as ModelError).retryAfterMs : undefined
}
