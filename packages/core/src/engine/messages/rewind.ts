// The word of somebody that a run goes on with another child, and the entry that it makes. runtime/mail/rewind.ts leaves the
// message, and the sessions read it here: only the owner of a run turns it into an entry (invariant 8). Pure.
import type { Draft } from '../../contracts/entry.ts'
import type { InboxMessage } from '../../contracts/message.ts'

/** The body of a message that points a run to another child. */
export interface RewindBody {
  readonly key: string
  readonly from: string
  readonly to: string
  readonly by: string
}

/**
 * The entry that such a word makes; undefined where the run does not go on with `from` at that key any more.
 *
 * @param childAt the child that the run goes on with at a key, where that has not ended.
 */
export function rewoundDraft(
  message: InboxMessage,
  childAt: (key: string) => string | undefined,
): Extract<Draft, { kind: 'run.rewound' }> | undefined {
  const { key, from, to, by } = rewindOf(message)
  return childAt(key) === from ? { kind: 'run.rewound', key, attempt: 1, body: { from, to, by } } : undefined
}

/** What such a word says. */
export function rewindOf({ body }: InboxMessage): RewindBody {
  // Only the runtime writes these bodies.
  return body as unknown as RewindBody
}

/** Why a child is cancelled that a run does not go on with. */
export function insteadOf(runId: string): string {
  return `Its parent goes on with its fork "${runId}" instead.`
}

/** Says that a word came too late. */
export function tooLate(runId: string, message: InboxMessage): string {
  const { key, from, to } = rewindOf(message)
  return `The run "${runId}" was told to go on with "${to}" instead of "${from}" at ${key}, which it does not wait for any more: it stays as it is.`
}
