import type { ModelEvent, ModelRequest } from '@reprise/core'
import type { Connected } from '../connect/client.ts'
import type { Settings } from './settings.ts'

/** One ask under way: the question, and how it is put. */
export interface Exchange {
  readonly connected: Connected
  readonly settings: Settings
  readonly request: ModelRequest
  /** The name under which the model is asked for. */
  readonly model: string
  /** Aborts with the ask, or when a deadline has passed. */
  readonly signal: AbortSignal
  /** To be called when something of the reply has arrived. */
  readonly heard: () => void
}

/** A way to get a reply. */
export type Way = (exchange: Exchange) => AsyncIterable<ModelEvent>
