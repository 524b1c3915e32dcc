import type { ModelFacts } from './facts.ts'

/** Facts as they were known on a day. */
export interface ListedFacts extends ModelFacts {
  readonly model: string
  /** The day on which they were held against their source. */
  readonly asOf: string
  readonly source: string
}

const asOf = '2026-11-30'
const source = "copies of OpenAI's model pages and of its page of deprecations"
/** The date is what several others quote of a page that was not seen itself. */
const quoted = { asOf, source: "OpenAI's model pages, and its page of deprecations of October 2026 as others quote it" }

const gpt41 = { contextTokens: 1_047_576, outputTokens: 32_768, asOf, source }
const gpt4o = { contextTokens: 128_000, outputTokens: 16_384, ...quoted }
const o = { contextTokens: 200_000, outputTokens: 100_000, asOf, source }

/**
 * What is known of OpenAI's models. A page that was read said nothing of a date that is absent here: look before you rely
 * on it, since `GET /v1/models` tells a model's `shutdown_date` to whoever has a key.
 */
export const listFacts: readonly ListedFacts[] = [
  { model: 'gpt-4.1', ...gpt41, retires: '2027-01-14' },
  { model: 'gpt-4.1-mini', ...gpt41, retires: '2027-01-14', replacement: 'gpt-6-luna' },
  { model: 'gpt-4.1-nano', ...gpt41, retires: '2026-10-23' },
  { model: 'gpt-4o', ...gpt4o, retires: '2027-01-14' },
  { model: 'gpt-4o-2024-05-13', contextTokens: 128_000, retires: '2026-10-23', ...quoted },
  { model: 'gpt-4o-mini', ...gpt4o, retires: '2027-01-14', replacement: 'gpt-6-luna' },
  { model: 'o3', ...o, retires: '2026-12-11' },
  { model: 'o4-mini', ...o, retires: '2026-10-23' },
  { model: 'gpt-5-mini', contextTokens: 400_000, outputTokens: 128_000, retires: '2026-12-11', asOf, source },
  // The page says about so many.
  { model: 'gpt-6-luna', inputTokens: 922_000, asOf, source },
]
