import type { Traits } from './traits.ts'

/** Traits as they were known on a day. */
export interface ListedTraits extends Traits {
  readonly model: string
  /** The day on which they were held against their source. */
  readonly asOf: string
  readonly source: string
}

const asOf = '2026-11-22'
const source = "OpenAI's model pages and the errors of its API"

const plain = {
  reasons: false,
  sampling: 'always',
  chatToolsUnreasoned: false,
  parallelCalls: true,
  asOf,
  source,
} as const
const reasoning = { ...plain, reasons: true, sampling: 'never' } as const
/** Later ones refuse tools over Chat Completions while they reason, even where the request does not speak of effort. */
const late = { ...reasoning, sampling: 'effort-none', chatToolsUnreasoned: true } as const

/** What OpenAI's models take and know. */
export const listTraits: readonly ListedTraits[] = [
  { model: 'gpt-4.1', ...plain, knowsUntil: '2024-06-01' },
  { model: 'gpt-4.1-mini', ...plain, knowsUntil: '2024-06-01' },
  // It may make the same call twice when it may make several.
  { model: 'gpt-4.1-nano', ...plain, parallelCalls: false, knowsUntil: '2024-06-01' },
  { model: 'gpt-4o', ...plain, knowsUntil: '2023-10-01' },
  { model: 'gpt-4o-mini', ...plain, knowsUntil: '2023-10-01' },
  { model: 'o3', ...reasoning, knowsUntil: '2024-06-01' },
  { model: 'o4-mini', ...reasoning, knowsUntil: '2024-06-01' },
  { model: 'gpt-5-mini', ...reasoning, knowsUntil: '2024-05-31' },
  { model: 'gpt-5.4-mini', ...late },
  // What stands in for GPT-4.1 mini: without reasoning it is as quick and as plain.
  { model: 'gpt-6-luna', ...late, effort: 'none' },
  { model: 'gpt-6-sol', ...late },
]
