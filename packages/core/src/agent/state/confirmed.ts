// Which calls a user has said yes to: facts of the journal, by which rules go, and no words of a conversation.
import type { Digest } from '../../values/digest.ts'
import type { CallEntry } from './call.ts'
import type { CallState } from './state.ts'

/** What is confirmed after one more entry of a call: a yes holds until a no to the same. */
export function confirmedAfter(
  confirmed: readonly Digest[],
  { stage }: CallState,
  entry: CallEntry,
): readonly Digest[] {
  if (entry.kind !== 'call.returned' || stage.kind !== 'asked' || stage.of === null) return confirmed
  const { of } = stage
  const others = confirmed.filter((other) => other !== of)
  return saysYes(entry.body.result) ? [...others, of] : others
}

function saysYes(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'confirmed' in result && result.confirmed === true
}
