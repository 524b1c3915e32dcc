// How a call is put before somebody who must allow it: what the ask binds to, and when it is over.
import type { Draft, Waiting } from '../../contracts/entry.ts'
import { toolDigest } from '../../journal/fingerprint.ts'
import { askId } from '../../journal/keys.ts'
import type { JsonObject } from '../../values/json.ts'
import { momentAfter } from '../../values/moment.ts'
import type { ParsedCall } from '../calls/parse-call.ts'
import type { CallStage, CallState } from '../state/state.ts'

type Unapproved = Extract<CallStage, { kind: 'unapproved' }>

/**
 * Asks for a call to be allowed.
 *
 * @param at when, in milliseconds since 1970, by the run's own clock.
 * @param attempt from 1: one more each time that the tool has changed under an ask.
 */
export function askApproval(
  { key, begun }: CallState,
  { tool, callDigest }: Extract<ParsedCall, { kind: 'tool' }>,
  at: number,
  attempt: number,
): Draft {
  const { name, approvalTimeoutMs, approvers } = tool
  const until = approvalTimeoutMs === undefined ? {} : { until: momentAfter(at, approvalTimeoutMs) }
  const more = { ...until, ...(approvers > 1 && { approvers }), ...(begun && { begun }) }
  const body = { name, asked: callDigest, tool: toolDigest(tool), ...more }
  return { kind: 'approval.asked', key, attempt, body }
}

/** What the model is told of a call that was not allowed. @param begun whether it may have run before that. */
export function sayNotAllowed(begun: boolean, why: string): string {
  return begun
    ? `Not allowed: ${why}. It may have been executed before that: find out before you call it again.`
    : `Not executed: ${why}. Do not call it again like this.`
}

/** What a call waits for that somebody must allow. */
export function approvalWait(key: string, tool: string, { attempt, until, approvers, by }: Unapproved): Waiting {
  const eyes = approvers > 1 ? { approvers, by } : {}
  return { kind: 'approval', key, id: askId(key, attempt), tool, ...(until !== null && { until }), ...eyes }
}

/** What the model is told before the result of a call whose arguments somebody has changed. */
export function sayEdited(by: string, given: JsonObject): string {
  return `The arguments were changed by ${by}, to ${JSON.stringify(given)}. With these:`
}

/** The sources that nobody has authenticated: what a program, or a command line, says of who it is. */
const UNAUTHENTICATED: ReadonlySet<string | undefined> = new Set([undefined, 'program', 'cli'])

/** Whether somebody's yes counts: where several must say it, those who are known, and each of them once. */
export function counts(
  { approvers, by }: Pick<Unapproved, 'approvers' | 'by'>,
  who: { readonly id: string; readonly source: string | undefined },
): 'counts' | 'counted' | 'unauthenticated' {
  if (approvers === 1) return 'counts'
  if (UNAUTHENTICATED.has(who.source)) return 'unauthenticated'
  return by.includes(who.id) ? 'counted' : 'counts'
}
