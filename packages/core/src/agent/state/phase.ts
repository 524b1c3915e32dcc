// What a run does next, as a reply, a failure or a fork leaves it.
import type { EntryOf } from '../../contracts/entry.ts'
import type { ModelReply } from '../../contracts/model.ts'
import { callKey } from '../../journal/keys.ts'
import { openCall, reopen } from './call.ts'
import type { Phase } from './state.ts'

/** The model is to be asked, for the first time. */
export const ASK: Phase = { kind: 'asking', attempt: 1, retryAt: null, pending: null }

/** The phase after a reply. */
export function phaseAfterReply(reply: ModelReply, key: string): Phase {
  const text = answerOf(reply)
  const refusal = reply.items.find((item) => item.kind === 'refusal')
  if (refusal) return { kind: 'stopped', outcome: 'refused', text: refusal.text, why: 'refusal' }
  // Calls of a reply that was cut short may lack half of their arguments: none of them is run.
  const { finish, finishWord: word } = reply
  if (finish !== 'stop') return { kind: 'stopped', outcome: 'incomplete', text, why: finish, ...(word && { word }) }
  const calls = reply.items.filter((item) => item.kind === 'call')
  if (calls.length === 0) return { kind: 'answered', text }
  return { kind: 'calling', calls: calls.map((call, ordinal) => openCall(call, callKey(key, ordinal))) }
}

/** The words of a reply; where the model tells its answer from what it says on the way, the answer alone. */
export function answerOf({ items }: ModelReply): string {
  const said = items.filter((item) => item.kind === 'assistant')
  const final = said.filter(({ phase }) => phase === 'final_answer')
  return (final.length > 0 ? final : said).map(({ text }) => text).join('')
}

/** The phase after the model's service has failed. */
export function phaseAfterFailure(
  before: Phase,
  { attempt, body: { error, retryAt } }: EntryOf<'model.failed'>,
): Phase {
  if (retryAt === null) return { kind: 'unanswered', error }
  // A response that is over cannot be heard again.
  const pending = before.kind === 'asking' && error.details?.['ended'] !== true ? before.pending : null
  return { kind: 'asking', attempt: attempt + 1, retryAt, pending }
}

/** The phase of a fork, in which nothing has begun yet. */
export function unbegun(phase: Phase): Phase {
  if (phase.kind === 'asking') return ASK
  return phase.kind === 'calling' ? { kind: 'calling', calls: phase.calls.map(reopen) } : phase
}
