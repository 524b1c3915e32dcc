// The entries that a workflow's session makes by itself: of a message, of a race that is won, of a patch.
import type { Draft, Message } from '../../contracts/entry.ts'
import type { Op } from '../../workflow/op.ts'
import { said } from '../../workflow/unsaid.ts'

/** The entry of a message, by how many of its signal came before. */
export function messageDraft(message: Message, nth: number): Draft {
  return { kind: 'message.received', key: `message:${message.signal}/${nth}`, attempt: 1, body: message }
}

/** The entry of a race that a branch has won. */
export function raceWon({ key, branch, of, after }: Extract<Op, { kind: 'race' }>): Draft {
  return { kind: 'race.won', key, attempt: 1, body: { branch, of, ...said(after) } }
}

/** The entry of a patch that the run goes on with. */
export function patchDraft(key: string): Draft {
  return { kind: 'step.returned', key, attempt: 1, body: { name: 'patched', result: true } }
}
