// The verdict on a call (invariant 6): what the rules say of it, whether somebody must allow it, and what it is given.
import type { EntryBodies } from '../../contracts/entry.ts'
import type { RuleBook } from '../../define/rule-book.ts'
import type { AnyTool } from '../../define/tool.ts'
import { evaluateRules } from './evaluate-rules.ts'
import type { ParsedCall } from '../calls/parse-call.ts'
import type { Remark } from '../calls/remark.ts'
import type { Reveal } from '../calls/reveal.ts'
import type { AgentState, CallState } from '../state/state.ts'

type ToolCall = Extract<ParsedCall, { kind: 'tool' }>

/** What today's code says of a call that is not judged; `byRules` where rules speak of its tool. */
export type Judged =
  /** It must wait for others of its reply. */
  | { readonly kind: 'later' }
  | { readonly kind: 'refused'; readonly body: EntryBodies['call.judged']; readonly remark?: Remark }
  | { readonly kind: 'allowed'; readonly byRules: boolean; readonly body: EntryBodies['call.judged'] }

/** Judges a call of the current reply, over all that is recorded before. */
export function judgeCall(
  state: AgentState,
  calls: readonly CallState[],
  call: CallState,
  parsed: ToolCall,
  book: RuleBook,
  reveal?: Reveal,
): Judged {
  const { name } = call.call
  const byRules = book.conditions.has(name)
  // Rules go by what is recorded, where secrets are tokens: in a replay they are judged again.
  const verdict = evaluateRules({ state, calls, call, book, asked: parsed.callDigest, input: () => parsed.input() })
  if (verdict.kind === 'later') return verdict
  if (verdict.kind === 'refused') {
    const { told, rule, remark } = verdict
    return { kind: 'refused', body: { name, allowed: false, told, rule }, ...(remark && { remark }) }
  }
  // In a journal of the first format the verdict is the rules' alone.
  if (state.format === 1) return { kind: 'allowed', byRules, body: { name, allowed: true } }
  const { callDigest, kept } = parsed
  const approval = parsed.needsApproval(state.context, reveal)
  const body = {
    name,
    allowed: true,
    asked: callDigest,
    ...(approval && { approval }),
    ...(kept !== undefined && { input: kept }),
  }
  return { kind: 'allowed', byRules, body }
}

/** Whether a run may do what a call does: to ask somebody is to read. A child run may go as far as the run that it is a child of. */
export function mayRun({ effects }: AgentState, { effect, child }: AnyTool): boolean {
  return effects === 'live' || effect === 'read' || effect === 'external' || child !== undefined
}

/**
 * Whether a verdict that allows a call is an entry of its own. It is none where the next entry, of the same commit, says
 * the same: that somebody is asked, or that the call is intended. And none where nothing was to be decided of a call of
 * which nothing has happened before its own entry is there. One that somebody has changed was judged otherwise before.
 */
export function isWritten(
  state: AgentState,
  { tool, kept }: ToolCall,
  judged: Extract<Judged, { kind: 'allowed' }>,
  edited: CallState['edited'] = null,
): boolean {
  if (judged.byRules || edited) return true
  if (state.format === 1 || !mayRun(state, tool)) return false
  if (kept !== undefined) return true
  if (judged.body.approval || tool.effect === 'once') return false
  // What a child run does is in its own journal, with its verdicts.
  return (tool.effect === 'idempotent' && !tool.child) || typeof tool.approval === 'function'
}
