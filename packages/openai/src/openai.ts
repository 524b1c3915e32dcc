import type { Model } from '@reprise/core'
import type { Price } from './catalog/price.ts'
import { type Connection, lazyClient } from './client.ts'
import { askResponses } from './responses/ask.ts'

/** What `openai` may be told. A client of one's own stands instead of key, URL and fetch. */
export type OpenAIOptions = Connection & {
  /** Whether replies are streamed: words as they come. @default true */
  readonly stream?: boolean
  /** Prices by exact model name, over those of the catalogue. */
  readonly prices?: Readonly<Record<string, Price>>
}

/**
 * Makes a model that asks OpenAI, or any server that speaks its Responses API.
 * Nothing is loaded, read or connected before the first ask; a missing key is an error of that ask.
 * The environment fills what is not given: `OPENAI_API_KEY`, `OPENAI_BASE_URL`.
 */
export function openai(options: OpenAIOptions = {}): Model {
  const connect = lazyClient(options)
  const { stream = true, prices = {} } = options
  return { ask: (request, signal) => askResponses({ connect, request, signal, stream, prices }) }
}
