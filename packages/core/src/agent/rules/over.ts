import type { Draft } from '../../contracts/entry.ts'
import type { AgentState } from '../state/state.ts'
import { expiredDrafts } from './approval.ts'
import { unansweredDrafts } from './ask-answer.ts'

/** Ends what somebody was asked, and nobody has said in time: whether a call may run, or what comes of it. */
export function overDrafts(state: AgentState, now: number): readonly Draft[] {
  return [...expiredDrafts(state, now), ...unansweredDrafts(state, now)]
}
