import { shownUrl } from '../connect/shown-url.ts'
import type { ModelEvent, ModelRequest } from '@reprise/core'
import type { Connected } from '../connect/client.ts'
import { toModelError } from '../errors/model-error.ts'
import type { Settings } from '../settings.ts'
import { Deadlines } from './deadlines.ts'
import { limitsOf } from './limits.ts'

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

/**
 * Asks once, in one of the ways, which is loaded with the first ask.
 *
 * @throws ModelError, or the signal's reason once it has aborted; DefinitionError when there is nobody to ask.
 */
export async function* ask(
  loadWay: () => Promise<Way>,
  settings: Settings,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, void, undefined> {
  signal.throwIfAborted()
  const [connected, way] = await Promise.all([settings.connect(), loadWay()])
  const model = settings.deployments[request.card.model] ?? request.card.model
  const deadlines = new Deadlines(settings.timeouts, settings.clock, signal)
  const heard = () => deadlines.heard()
  try {
    yield* way({ connected, settings, request, model, signal: deadlines.signal, heard })
  } catch (thrown) {
    // The SDK has errors of its own for an abort, and sometimes none. The reason is the caller's, or a deadline's.
    deadlines.signal.throwIfAborted()
    yield* told(thrown)
    throw toModelError(thrown, { url: shownUrl(connected.client.baseURL), model: request.card.model })
  } finally {
    deadlines[Symbol.dispose]()
  }
}

/** What the headers of an error answer say of the service's limits. */
function* told(thrown: unknown): Generator<ModelEvent> {
  // Headers of another fetch are of another class: what the SDK throws with a status has some.
  const headers = thrown instanceof Error && 'status' in thrown && 'headers' in thrown ? thrown.headers : undefined
  const limits = headers ? limitsOf(headers as Headers) : undefined
  if (limits) yield { kind: 'limits', limits }
}
