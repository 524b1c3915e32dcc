// One call of a reply: how it begins, and what an entry makes of it.
import type { Entry, EntryKind, EntryOf, RunFormat } from '../../contracts/entry.ts'
import type { CallItem } from '../../contracts/item.ts'
import { blockedEffectOf } from '../../journal/blocked-effect.ts'
import type { CallStage, CallState, CallVerdict } from './state.ts'

/** An entry that says something of a call of the current reply: by its kind, so that a new one is one of these. */
export type CallEntry = EntryOf<Extract<EntryKind, `${'call' | 'approval' | 'answer'}.${string}`>>

const CALL_KINDS: { readonly [K in CallEntry['kind']]: true } = {
  'call.judged': true,
  'approval.asked': true,
  'approval.given': true,
  'answer.asked': true,
  'call.intended': true,
  'call.returned': true,
  'call.failed': true,
  'call.doubted': true,
  'call.resolved': true,
}

/** Tells whether an entry says something of a call of the current reply. */
export function isOfCall(entry: Entry): entry is CallEntry {
  return entry.kind in CALL_KINDS
}

/** Tells whether rules have refused a call. */
export function isRefusal(entry: CallEntry): boolean {
  return entry.kind === 'call.judged' && !entry.body.allowed
}

/** A call as a reply asks for it. */
export function openCall(call: CallItem, key: string): CallState {
  const stage = { kind: 'open', judged: false, attempt: 1, retryAt: null } as const
  return { call, key, stage, verdict: null, begun: false, approved: null, ran: false, asks: 0, edited: null }
}

/**
 * A call in the fork of a run: the verdict holds, and so does a summary; whoever allowed the call allowed the other run's.
 */
export function reopen(call: CallState): CallState {
  const { stage, verdict, edited } = call
  const anew = openCall(call.call, call.key)
  if (stage.kind === 'settled' || stage.kind === 'summarised') return { ...anew, stage, verdict, edited }
  // What somebody has changed they changed in the other run: the verdict was on that.
  if (edited) return anew
  const judged = stage.kind !== 'open' || stage.judged
  return { ...anew, verdict, stage: { kind: 'open', judged, attempt: 1, retryAt: null } }
}

/**
 * Gives a call after one more entry of it.
 *
 * @param told what the model hears of it, where it is settled by that.
 */
export function callAfter(call: CallState, entry: CallEntry, format: RunFormat, told: string): CallState {
  const edited = editedAfter(call, entry)
  return {
    ...call,
    edited,
    asks: entry.kind === 'approval.asked' ? entry.attempt : call.asks,
    stage: noted(stageAfter(call, entry, told), edited),
    verdict: format > 1 ? verdictAfter(call, entry) : null,
    begun: begunAfter(call, entry),
    approved: approvalAfter(call, entry),
    ran: call.ran || (entry.kind === 'call.failed' && entry.body.ran === true),
  }
}

/** What was changed comes first in what the model hears. */
function noted(stage: CallStage, edited: CallState['edited']): CallStage {
  return edited && stage.kind === 'settled' ? { ...stage, told: `${edited.told}\n${stage.told}` } : stage
}

function editedAfter({ call, edited }: CallState, { kind, body }: CallEntry): CallState['edited'] {
  if (kind !== 'approval.given' || !body.edited) return edited
  const { by, told = '' } = body
  return { call: { ...call, arguments: JSON.stringify(body.edited.arguments) }, by, told }
}

/** Whether a call may run after somebody's word on it; one that they have changed is judged first. */
function isAllowed(stage: CallStage, { approved, by }: EntryOf<'approval.given'>['body']): boolean {
  if (!approved || stage.kind !== 'unapproved') return approved
  return new Set([...stage.by, by]).size >= stage.approvers
}

/** The verdict that an entry says, or that it follows from: what has run was allowed, and needed nobody's word. */
export function verdictAfter({ verdict }: Pick<CallState, 'verdict'>, entry: CallEntry): CallVerdict | null {
  // With other arguments it is another call.
  if (entry.kind === 'approval.given' && entry.body.edited) return null
  if (entry.kind === 'call.judged') {
    const { allowed, asked, approval = false } = entry.body
    if (!allowed) return verdict
    const { input } = entry.body
    return { approval, ...(asked !== undefined && { callDigest: asked }), ...(input !== undefined && { input }) }
  }
  // What cannot be run at all was not judged.
  if (verdict || (entry.kind === 'call.failed' && entry.body.asked === undefined)) return verdict
  const approval = entry.kind === 'approval.asked'
  return 'asked' in entry.body && typeof entry.body.asked === 'string'
    ? { approval, callDigest: entry.body.asked }
    : { approval }
}

function begunAfter({ begun, stage }: CallState, entry: CallEntry): boolean {
  switch (entry.kind) {
    case 'call.judged':
    case 'answer.asked':
      return begun
    case 'approval.asked':
      return begun || entry.body.begun === true
    case 'approval.given':
      return begun || isAllowed(stage, entry.body)
    case 'call.intended':
    case 'call.returned':
    case 'call.failed':
    case 'call.doubted':
      return true
    case 'call.resolved':
      return entry.body.happened || (stage.kind !== 'doubted' && begun)
    default:
      return entry satisfies never
  }
}

function approvalAfter({ approved, stage }: CallState, { kind, body }: CallEntry): CallState['approved'] {
  if (kind === 'approval.asked') return null
  if (kind !== 'approval.given' || stage.kind !== 'unapproved') return approved
  // The others have allowed other arguments: they are asked about these.
  if (!isAllowed(body.edited ? { ...stage, by: [] } : stage, body)) return null
  return { attempt: stage.attempt, tool: stage.tool }
}

function stageAfter(call: CallState, entry: CallEntry, told: string): CallStage {
  const { stage } = call
  switch (entry.kind) {
    case 'call.judged':
      return entry.body.allowed
        ? { kind: 'open', judged: true, attempt: 1, retryAt: null }
        : { kind: 'settled', ok: false, told }
    case 'approval.asked':
      return {
        kind: 'unapproved',
        attempt: entry.attempt,
        callDigest: entry.body.asked,
        tool: entry.body.tool,
        until: entry.body.until ?? null,
        approvers: entry.body.approvers ?? 1,
        // Whoever has changed the arguments has allowed what they are now.
        by: stage.kind === 'open' && call.edited && !call.approved ? [call.edited.by] : [],
      }
    case 'approval.given':
      return stageAfterWord(stage, entry.body, told)
    case 'answer.asked': {
      const { asked: callDigest, until = null, of } = entry.body
      return { kind: 'asked', attempt: entry.attempt, callDigest, until, of: of?.asked ?? null }
    }
    case 'call.intended':
      return { kind: 'intended', attempt: entry.attempt, owner: entry.body.owner ?? null }
    case 'call.returned': {
      const { parts } = entry.body
      return { kind: 'settled', ok: true, told, ...(parts && { parts }) }
    }
    case 'call.failed':
      return stageAfterFailure(entry, told)
    case 'call.doubted':
      return {
        kind: 'doubted',
        attempt: entry.attempt,
        asked: entry.body.asked,
        running: entry.body.running ?? null,
      }
    case 'call.resolved':
      return entry.body.happened
        ? { kind: 'settled', ok: true, told }
        : { kind: 'open', judged: true, attempt: 'attempt' in stage ? stage.attempt + 1 : 1, retryAt: null }
    default:
      return entry satisfies never
  }
}

function stageAfterWord(stage: CallStage, body: EntryOf<'approval.given'>['body'], told: string): CallStage {
  if (!body.approved) return { kind: 'settled', ok: false, told }
  if (body.edited) return { kind: 'open', judged: false, attempt: 1, retryAt: null }
  if (stage.kind === 'unapproved' && !isAllowed(stage, body))
    return { ...stage, by: [...new Set([...stage.by, body.by])] }
  return { kind: 'open', judged: true, attempt: 1, retryAt: null }
}

function stageAfterFailure({ attempt, body: { error, retryAt } }: EntryOf<'call.failed'>, told: string): CallStage {
  if (retryAt !== null) return { kind: 'open', judged: true, attempt: attempt + 1, retryAt }
  const what = blockedEffectOf(error)
  return what === undefined ? { kind: 'settled', ok: false, told } : { kind: 'blocked', what }
}
