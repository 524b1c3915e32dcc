import type { ModelEvent, ModelRequest } from '@reprise/core'
import { Deadlines } from '../connect/deadlines.ts'
import { shownUrl } from '../connect/shown-url.ts'
import type { Way } from '../dialect/exchange.ts'
import type { Settings } from '../dialect/settings.ts'
import { toModelError } from '../errors/model-error.ts'
import { limitsOf } from './limits.ts'

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
