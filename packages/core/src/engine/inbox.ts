import type { Draft } from '../contracts/entry.ts'
import type { InboxMessage } from '../contracts/store.ts'
import type { AgentState } from '../agent/state.ts'
import type { Json } from '../words/json.ts'

/** The body of a message that resolves a call in doubt. */
export interface ResolveBody {
  readonly key: string
  readonly by: string
  readonly happened: boolean
  readonly result: Json
}

/** The entry that a person's word on a call makes, or undefined where no such call is in doubt. */
export function resolveDraft(state: AgentState, message: InboxMessage): Draft | undefined {
  if (state.phase.kind !== 'calling') return undefined
  // Only the runtime writes these bodies.
  const { key, by, happened, result } = message.body as unknown as ResolveBody
  const call = state.phase.calls.find((candidate) => candidate.key === key)
  if (call?.stage.kind !== 'doubted') return undefined
  return {
    kind: 'call.resolved',
    key,
    attempt: call.stage.attempt,
    body: { name: call.call.name, happened, result, by },
  }
}
