import type { AgentState, CallState } from './state.ts'

/** The calls of the current reply. */
export function callsOf({ phase }: AgentState): readonly CallState[] {
  return phase.kind === 'calling' ? phase.calls : []
}

/** The call at a key, where it is one of the current reply. */
export function callAt(state: AgentState, key: string): CallState | undefined {
  return callsOf(state).find((call) => call.key === key)
}
