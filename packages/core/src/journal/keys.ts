// Keys (invariant 3): scope and name, never an attempt, never the model's call id.

/** The key of what concerns a run as a whole. */
export const RUN_KEY = 'run'

/** The key of a holder's turn: the index of the agent among those that have held the run, and of the turn among its turns, both from 0. */
export function turnKey(holder: number, turn: number): string {
  return `agent:${holder}/turn:${turn}`
}

/** The key of what is read of a memory before a holder's turns. */
export function memoryKey(holder: number, memory: string): string {
  return `agent:${holder}/memory:${memory}`
}

/** The key of what makes the conversation shorter before a turn. */
export function compactionKey(holder: number, turn: number): string {
  return `${turnKey(holder, turn)}/compaction`
}

/** Whether a key is one of these. */
export function isCompactionKey(key: string): boolean {
  return key.endsWith('/compaction')
}

/** The key of a call by its place in the reply, from 0. */
export function callKey(turn: string, ordinal: number): string {
  return `${turn}/call:${ordinal}`
}

/** The key of the summary for a handoff, by the key of the call that hands over. */
export function summaryKey(call: string): string {
  return `${call}${SUMMARY}`
}

/** The key of the call that hands over; undefined where this is no key of a summary. */
export function summarisedKey(key: string): string | undefined {
  return key.endsWith(SUMMARY) ? key.slice(0, -SUMMARY.length) : undefined
}

const SUMMARY = '/summary'

/**
 * The id of what a person is asked about a call: whether it may run, or whether it happened. Another one for each attempt,
 * so that no word is taken for an answer to what was not asked.
 *
 * @param attempt from 1.
 */
export function askId(key: string, attempt: number): string {
  return attempt === 1 ? key : `${key}#${attempt}`
}

/**
 * The id of what somebody is to answer: that of the ask, and the run that asks. It is no secret: it says which, and not who
 * may.
 *
 * @param runId of the run; undefined where that is not known.
 */
export function answerId(runId: string | undefined, key: string, attempt: number): string {
  const id = askId(key, attempt)
  return runId === undefined ? id : `${runId}/${id}`
}

/** The id of a run has anything before it, that of a child the key of its call among it. */
const ANSWER_ID = /^(.+)\/(agent:\d+\/turn:\d+\/call:\d+(?:#\d+)?)$/s

/** The run and the ask of the id of an answer; undefined for a text that is none. */
export function askOf(id: string): { readonly runId: string; readonly ask: string } | undefined {
  const [, runId, ask] = ANSWER_ID.exec(id) ?? []
  return runId !== undefined && ask !== undefined ? { runId, ask } : undefined
}

/** The idempotency key of a call: the same for every attempt, different from every other call's. */
export function idempotencyKey(runId: string, key: string): string {
  return `${runId}/${key}`
}
