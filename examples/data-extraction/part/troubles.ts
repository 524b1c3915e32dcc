import type { FakeAnswer, FakeReply } from '@reprise/fake-openai'
import type { Dice } from './dice.ts'

const soon = { 'retry-after-ms': '25' }

/** What can go wrong on the way: the service is busy, or the reply breaks off. */
const TROUBLES: readonly ((reply: FakeReply) => FakeAnswer)[] = [
  () => ({
    error: { status: 429, code: 'rate_limit_exceeded', message: 'Rate limit reached for requests.', headers: soon },
  }),
  () => ({ error: { status: 503, code: 'server_is_overloaded', message: 'The server is overloaded.', headers: soon } }),
  (reply) => ({ ...reply, cut: 0 }),
  (reply) => ({ ...reply, cut: 4 }),
  (reply) => ({ ...reply, cut: 5, cutBy: 'end' }),
  (reply) => ({ ...reply, failure: { code: 'server_error', message: 'The server had an error.' } }),
]

/** How likely an attempt meets trouble: the first, the second, and never a third, so that every request is answered. */
const CHANCES = [0.12, 0.05]

/** Lets the service have its troubles with an attempt (from 1) at a reply. */
export function meetTrouble(
  reply: FakeReply,
  attempt: number,
  dice: Dice,
  ...words: readonly (string | number)[]
): FakeAnswer {
  if (dice('trouble', attempt, ...words) >= (CHANCES[attempt - 1] ?? 0)) return reply
  const trouble = TROUBLES[Math.floor(dice('which trouble', attempt, ...words) * TROUBLES.length)]
  return trouble ? trouble(reply) : reply
}
