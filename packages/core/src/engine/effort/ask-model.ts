// Asks the model once. session.ts calls this when all that led to the ask is committed (invariant 2), and writes down
// what it gives: nothing is written here. The reply carries the fingerprint of what was asked (invariant 4), and is
// held to its type by check-reply.ts. What leaves for the model has tokens for secrets, and the secrets in a reply are
// learned before it is written (invariant 10).
import type { Action } from '../../agent/decide/action.ts'
import { conversation, held } from '../../agent/state/fold.ts'
import type { AgentState } from '../../agent/state/state.ts'
import type { Draft } from '../../contracts/entry.ts'
import type { ModelReply, ModelRequest } from '../../contracts/model.ts'
import type { AgentPlan } from '../../define/plan.ts'
import { retryDelayMs } from '../../define/retry.ts'
import { summaryChain, summaryRequest } from '../../agent/state/summary-request.ts'
import { askDigest } from '../../journal/fingerprint.ts'
import { redactItems } from '../../journal/redact-items.ts'
import type { Secrets } from '../../journal/secrets.ts'
import { DefinitionError, ModelError, RepriseError } from '../../values/errors.ts'
import { checkReply, checkSpent } from './check-reply.ts'
import { distinctCallIds } from './call-ids.ts'
import type { Engine } from '../engine.ts'
import { redactedLog } from './redacted-log.ts'
import { redactArguments } from './redact-arguments.ts'
import { logThrown, recordThrown } from '../thrown.ts'
import { momentAfter } from '../../values/moment.ts'
import type { Spent } from '../../values/spent.ts'

/** What an ask stands on. */
export type AskEngine = Pick<Engine, 'model' | 'clock' | 'random' | 'log' | 'recordStacks' | 'emit'>

/** One ask: by whom, of what, and who hears of it on the way. */
export interface Asking {
  readonly engine: AskEngine
  readonly runId: string
  readonly state: AgentState
  readonly ask: Extract<Action, { kind: 'ask' }>
  /** All call ids of the run so far; the reply's are added. */
  readonly seen: Set<string>
  /** Of the agent that is asked. */
  readonly agentPlan: AgentPlan
  readonly secrets: Secrets
  readonly signal: AbortSignal
  /** Hears all that the model has said so far in this attempt. */
  readonly onSaid: (text: string) => void
  /** Hears what an ask may have cost that was given up, since its run was cancelled. */
  readonly onSpent: (spent: Spent) => void
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
  const { engine, runId, state, seen, agentPlan, secrets, signal } = asking
  const { key, attempt } = asking.ask
  const summary = secrets.redact(asking.ask.summary)
  const ofSummary = summary && { summary }
  let said = ''
  // A response that goes on without a listener is heard again, and charged once.
  let isKept = pendingOf(asking) !== null
  try {
    const reply = await collect(asking, {
      text: (delta) => {
        // A summary is for the next agent: whoever shows words as they come does not mean it.
        if (!summary) engine.emit({ kind: 'text.delta', runId, key, attempt, offset: said.length, delta })
        said += delta
        asking.onSaid(said)
      },
      accepted: () => (isKept = true),
    })
    const requestDigest = askDigest(summary ? summaryChain(state, summary) : state.requestChain)
    const distinct = distinctCallIds(reply.items, seen)
    const items = secrets.kept ? await redactArguments(distinct, agentPlan, secrets) : distinct
    return {
      kind: 'model.replied',
      key,
      attempt,
      body: { asked: requestDigest, reply: { ...reply, items }, ...ofSummary },
    }
  } catch (error) {
    if (isCancelled(signal)) asking.onSpent(await reserved(asking))
    signal.throwIfAborted()
    if (said !== '' && !summary) engine.emit({ kind: 'attempt.discarded', runId, key, attempt })
    const delay = isRetryable(error)
      ? retryDelayMs(agentPlan.agent.retry, attempt, engine.random, retryAfter(error))
      : null
    if (delay === null) throwMendable(error)
    // What a service fails with is recorded; anything else is a mistake in the model's own code.
    if (!RepriseError.is(error))
      logThrown(
        redactedLog(engine.log, secrets),
        'warn',
        `The model of the run "${runId}" threw at ${key}, attempt ${attempt}`,
        error,
      )
    const spent = isKept && !isOver(error) ? undefined : await spentOf(error, said, asking)
    const retryAt = delay === null ? null : momentAfter(engine.clock.now(), delay)
    return {
      kind: 'model.failed',
      key,
      attempt,
      body: { error: recordThrown(engine, error, 'model_threw'), retryAt, ...(spent && { spent }), ...ofSummary },
    }
  }
}

/** Hears of a reply that is under way. */
interface Heard {
  readonly text: (delta: string) => void
  readonly accepted: () => void
}

async function collect(asking: Asking, heard: Heard): Promise<ModelReply> {
  const { engine, ask, secrets, signal, report } = asking
  const words = secrets.stream()
  const tell = (text: string): void => {
    if (text !== '') heard.text(text)
  }
  for await (const event of engine.model.ask(requestOf(asking), signal)) {
    if (event.kind === 'reply') {
      tell(words.end())
      return checkReply(event.reply, engine.log)
    }
    if (event.kind === 'text') tell(words.push(event.delta))
    if (event.kind === 'accepted') {
      heard.accepted()
      report({ kind: 'model.asked', key: ask.key, attempt: ask.attempt, body: { responseId: event.responseId } })
    }
  }
  throw new ModelError({
    code: 'stream_cut',
    message: 'The reply ended before it was whole. It is asked again.',
    retryable: true,
    spent: 'unknown',
  })
}

/** What an ask was charged that failed: what the error says, and what it was to cost at most where nobody can say. */
async function spentOf(error: unknown, said: string, asking: Asking): Promise<Spent | undefined> {
  // What is no error of a model's tells nothing; words that were heard were charged.
  if (!RepriseError.is(error)) return said === '' ? undefined : reserved(asking)
  const spent = 'spent' in error ? (error as ModelError).spent : undefined
  return spent === 'unknown' ? reserved(asking) : spent && checkSpent(spent, asking.engine.log)
}

async function reserved(asking: Asking): Promise<Spent> {
  try {
    const most = await asking.engine.model.reserve?.(requestOf(asking))
    return most ? { ...checkSpent(most, asking.engine.log), estimated: true } : {}
  } catch {
    // That a guess cannot be made is no reason to lose the run.
    return {}
  }
}

function isCancelled({ aborted, reason }: AbortSignal): boolean {
  return aborted && RepriseError.is(reason) && reason.code === 'run_cancelled'
}

/** Whether the response that was accepted is over. */
function isOver(error: unknown): boolean {
  return RepriseError.is(error) && error.details['ended'] === true
}

function pendingOf({ state: { phase }, ask }: Pick<Asking, 'state' | 'ask'>): string | null {
  return phase.kind === 'asking' ? phase.pending : (ask.pending ?? null)
}

/** What a model is sent. */
export function requestOf({
  runId,
  state,
  secrets,
  ask,
}: Pick<Asking, 'runId' | 'state' | 'secrets' | 'ask'>): ModelRequest {
  const { allowedTools = ask.summary && [], toolChoice, summary, key } = ask
  const { card, instructions, items } = summary
    ? summaryRequest(state, key, secrets.redact(summary))
    : { ...held(state), items: conversation(state) }
  const pending = pendingOf({ state, ask })
  return {
    runId,
    card,
    instructions: secrets.redact(instructions),
    items: redactItems(items, secrets),
    // By what is recorded, so that the same request is made after a crash.
    today: dayOf(state.at),
    ...(allowedTools && { allowedTools }),
    ...(toolChoice && { toolChoice }),
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
