// Messages of people about calls, and the entries that they make. runtime/mail/mail.ts leaves the messages, and session.ts
// reads them here: only the owner of a run turns a message into an entry (invariant 8). Pure: a word on another
// attempt, or one that came too late, makes none.
import { counts, sayEdited, sayNotAllowed } from '../../agent/rules/ask-approval.ts'
import { callAt, callsOf } from '../../agent/state/calls-of.ts'
import type { AgentState } from '../../agent/state/state.ts'
import type { Draft } from '../../contracts/entry.ts'
import type { InboxMessage } from '../../contracts/message.ts'
import type { Json, JsonObject } from '../../values/json.ts'

/** The body of a message that resolves a call in doubt. */
export interface ResolveBody {
  readonly key: string
  /** Which attempt is meant: a word that comes late says nothing of the next one. */
  readonly attempt: number
  readonly by: string
  readonly happened: boolean
  readonly result: Json
}

/** The body of a message that allows a call, or does not. */
export interface ApprovalBody {
  readonly key: string
  /** Which ask is meant: there is another once the tool has changed. */
  readonly attempt: number
  readonly by: string
  /** Where they are known from; absent in what was left by a release of before. */
  readonly source?: string
  readonly approved: boolean
  /** Why, or why not. */
  readonly reason: string
  /** With which other arguments, and the fingerprint of the call with these. */
  readonly edited?: { readonly arguments: JsonObject; readonly asked: string }
}

/** The body of a message that answers a call. */
export interface AnswerBody {
  readonly key: string
  readonly attempt: number
  readonly by: string
  readonly source: string
  /** As the tool's schema made it. */
  readonly result: Json
}

/** The entry that a person's word on a call makes, or undefined where no call waits for it. */
export function messageDraft(state: AgentState, message: InboxMessage): Draft | undefined {
  // Only the runtime writes these bodies.
  if (message.kind === 'resolve') return resolveDraft(state, message.body as unknown as ResolveBody)
  if (message.kind === 'answer') return answerDraft(state, message.body as unknown as AnswerBody, message.at)
  if (message.kind !== 'approval') return undefined
  return approvalDraft(state, message.body as unknown as ApprovalBody, message.at)
}

function resolveDraft(state: AgentState, { key, attempt, by, happened, result }: ResolveBody): Draft | undefined {
  const call = callsOf(state).find((candidate) => candidate.key === key)
  if (call?.stage.kind !== 'doubted' || call.stage.attempt !== attempt) return undefined
  const body = { name: call.call.name, happened, result, by }
  return { kind: 'call.resolved', key, attempt, body }
}

function answerDraft(state: AgentState, said: AnswerBody, at: number): Draft | undefined {
  const { key, attempt, by, source, result } = said
  const call = callAt(state, key)
  if (call?.stage.kind !== 'asked' || call.stage.attempt !== attempt) return undefined
  // One that was left in time counts, however late it is read.
  if (call.stage.until !== null && at >= call.stage.until) return undefined
  const body = { name: call.call.name, asked: call.stage.callDigest, result, by, source }
  return { kind: 'call.returned', key, attempt, body }
}

function approvalDraft(state: AgentState, said: ApprovalBody, at: number): Draft | undefined {
  const { key, attempt, by, source, approved, reason, edited } = said
  const call = callsOf(state).find((candidate) => candidate.key === key)
  if (call?.stage.kind !== 'unapproved' || call.stage.attempt !== attempt) return undefined
  // One that was left in time counts, however late it is read.
  if (call.stage.until !== null && at >= call.stage.until) return undefined
  if (approved && counts(call.stage, { id: by, source }) !== 'counts') return undefined
  const { name } = call.call
  const why = `${by} did not allow ${name} with these arguments${reason ? `: ${reason.replace(/\.$/, '')}` : ''}`
  const told = !approved ? sayNotAllowed(call.begun, why) : edited && sayEdited(by, edited.arguments)
  const more = {
    ...(source !== undefined && { source }),
    ...(reason !== '' && { reason }),
    ...(edited && { edited }),
    ...(told !== undefined && { told }),
  }
  const body = { name, asked: call.stage.callDigest, approved, by, ...more }
  return { kind: 'approval.given', key, attempt, body }
}
