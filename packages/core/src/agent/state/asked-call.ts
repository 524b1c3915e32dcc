import type { Entry, Waiting } from '../../contracts/entry.ts'
import type { CallItem } from '../../contracts/item.ts'
import type { JsonObject } from '../../values/json.ts'
import { callsOf } from './calls-of.ts'
import { emptyState, fold } from './fold.ts'

/** What a call was to be made with; nothing where that is no object, as no call that is asked about is. */
export function argumentsOf({ arguments: text }: Pick<CallItem, 'arguments'>): { readonly arguments?: JsonObject } {
  try {
    const value: unknown = JSON.parse(text)
    // What comes out of JSON and is an object has JSON for members.
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { arguments: value as JsonObject }
  } catch {
    // Somebody else's text.
  }
  return {}
}

/** Whether a wait is for somebody who needs to know what a call is to be made with. */
export function asksAboutCall(waiting: Waiting): waiting is Extract<Waiting, { tool: string }> {
  return waiting.kind === 'approval' || waiting.kind === 'answer' || waiting.kind === 'in-doubt'
}

/** What is waited for, with what the calls are to be made with, as a run's journal says. */
export function withArguments(waits: readonly Waiting[], entries: readonly Entry[]): readonly Waiting[] {
  const calls = callsOf(entries.reduce(fold, emptyState()))
  return waits.map((waiting) => {
    const call = asksAboutCall(waiting) ? calls.find(({ key }) => key === waiting.key) : undefined
    return call ? { ...waiting, ...argumentsOf(call.edited?.call ?? call.call) } : waiting
  })
}
