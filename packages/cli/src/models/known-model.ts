import type { ModelFacts, Price } from '@reprise/openai'
import type { OwnFacts } from '../config/own-facts.ts'

/** What is known of a model; null is what is not known. */
export interface KnownModel {
  readonly model: string
  readonly contextTokens: number | null
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  /** US dollars per million tokens. */
  readonly price: Price | null
  /** The first day on which it answers no more, as `2027-01-14`. */
  readonly retires: string | null
  /** Whole days until then: 0 or less where it has come. */
  readonly daysLeft: number | null
  readonly replacement: string | null
  /** Where the size and the dates come from, and the day on which they were held against it. */
  readonly source: string | null
  readonly asOf: string | null
}

/** Where to look a model up. */
export interface Catalog {
  factsOf(model: string): (ModelFacts & { readonly asOf?: string; readonly source?: string }) | undefined
  priceOf(model: string): Price | undefined
}

const DAY_MS = 86_400_000

/**
 * Says what is known of a model.
 *
 * @param own what the user's config says of models.
 * @param now milliseconds since 1970.
 */
export function knownModel(model: string, catalog: Catalog, own: OwnFacts, now: number): KnownModel {
  const facts = Object.hasOwn(own, model) ? { ...catalog.factsOf(model), ...own[model] } : catalog.factsOf(model)
  const price = (Object.hasOwn(own, model) ? own[model]?.price : undefined) ?? catalog.priceOf(model)
  const retires = facts?.retires ?? null
  return {
    model,
    contextTokens: facts?.contextTokens ?? null,
    inputTokens: facts?.inputTokens ?? null,
    outputTokens: facts?.outputTokens ?? null,
    price: price ?? null,
    retires,
    daysLeft: retires === null ? null : Math.ceil((Date.parse(retires) - now) / DAY_MS),
    replacement: facts?.replacement ?? null,
    source: Object.hasOwn(own, model) ? 'the config' : (facts?.source ?? null),
    asOf: Object.hasOwn(own, model) ? null : (facts?.asOf ?? null),
  }
}

/** When a model ends, in words: `2027-01-14, in 45 days`. */
export function sayEnd({ retires, daysLeft }: Pick<KnownModel, 'retires' | 'daysLeft'>): string {
  if (retires === null || daysLeft === null) return 'unknown'
  if (daysLeft === 0) return `${retires}, today`
  const days = `${Math.abs(daysLeft).toLocaleString('en-US')} ${Math.abs(daysLeft) === 1 ? 'day' : 'days'}`
  return daysLeft > 0 ? `${retires}, in ${days}` : `${retires}, ${days} ago`
}
