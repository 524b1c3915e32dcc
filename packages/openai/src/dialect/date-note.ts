import { traitsOf } from '../catalog/traits-of.ts'
import type { Exchange } from './exchange.ts'

/**
 * What the model is told of the day, where it is: it goes to the very end of a request, since whatever changes early in
 * one makes all after it new to the prompt cache.
 */
export function dateNote({
  request: { today, card },
  settings,
}: Pick<Exchange, 'request' | 'settings'>): string | undefined {
  if (!settings.tellDate || today === undefined) return undefined
  const knowsUntil = traitsOf(card.model, settings.traits)?.knowsUntil
  if (knowsUntil === undefined) return `Today is ${today}.`
  return `Today is ${today}. Your own knowledge ends on ${knowsUntil}: take what is newer from this conversation and your tools.`
}
