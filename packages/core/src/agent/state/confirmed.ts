// Which calls a user has said yes to: facts of the journal, by which rules go, and no words of a conversation.
import type { CallEntry } from './call.ts'
import type { AgentState, CallState } from './state.ts'

type Confirmed = Pick<AgentState, 'confirmed' | 'confirming'>

/** What is confirmed after one more entry of a call: a yes holds from the next reply on, and until a no to the same. */
export function confirmedAfter(
  { confirmed, confirming }: Confirmed,
  { stage }: CallState,
  entry: CallEntry,
): Confirmed {
  if (entry.kind !== 'call.returned' || stage.kind !== 'asked' || stage.of === null) return { confirmed, confirming }
  const { of } = stage
  const others = confirming.filter((other) => other !== of)
  if (saysYes(entry.body.result)) return { confirmed, confirming: [...others, of] }
  return { confirmed: confirmed.filter((other) => other !== of), confirming: others }
}

/** The same once the reply is over in which somebody was asked. */
export function confirmedBefore({ confirmed, confirming }: Confirmed): Confirmed {
  if (confirming.length === 0) return { confirmed, confirming }
  return { confirmed: [...confirmed.filter((one) => !confirming.includes(one)), ...confirming], confirming: [] }
}

function saysYes(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'confirmed' in result && result.confirmed === true
}
