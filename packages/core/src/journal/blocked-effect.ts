// What a run does that may only read when it comes to more than that: it does not do it, writes that down, and ends.
import type { EntryBodies, RecordedError } from '../contracts/entry.ts'

/** The code of what was not done because its run may only read. */
export const BLOCKED = 'effect_withheld'

/** Says of something that it was not done. `what` names it: `refund_order (idempotent) at agent:0/turn:1/call:0`. */
export function blockedEffect(what: string): RecordedError {
  return { code: BLOCKED, message: `Not done: ${what} is more than reading.`, details: { what } }
}

/** What was not done, as an error tells; undefined for every other error. */
export function blockedEffectOf({ code, details }: RecordedError): string | undefined {
  const what = details?.['what']
  return code === BLOCKED && typeof what === 'string' ? what : undefined
}

/**
 * How a run ends that has done all that it may.
 *
 * @param at how many entries it has then: a fork from there may do it.
 */
export function endBlocked(what: string, key: string, at: number): EntryBodies['run.failed'] {
  const message =
    `The run has done all that it may: after a fork point only tools that read run, and it came to ${what}. ` +
    `To let it act on the world, fork it from here: runtime.fork(id, { at: ${at}, effects: 'live' }).`
  return { outcome: 'incomplete', error: { code: BLOCKED, message, details: { what, key, at } } }
}
