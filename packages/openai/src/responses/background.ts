import { CancelledError, ModelError, type ModelEvent } from '@reprise/core'
import type { OpenAI } from 'openai'
import type { ResponseCreateParamsBase } from 'openai/resources/responses/responses'
import { shownUrl } from '../connect/shown-url.ts'
import type { Exchange } from '../dialect/exchange.ts'
import type { Timeouts } from '../connect/deadlines.ts'
import { contextOf, type Dialect, sendOptions } from '../dialect/dialect.ts'
import { hear, limitsTold, readJson, send } from '../ask/once.ts'
import { notTheApi } from '../errors/bad-reply.ts'
import { isResponse } from './responses.ts'

/** How long to wait before a response is looked at again, where the service says nothing. */
const POLL_MS = 2_000

/**
 * Has the service write a response that it finishes whoever listens: says under which id as soon as there is one, and
 * hears it out. A request that has one `pending` takes that up: without its words on the way, and without paying again.
 *
 * A response whose run is cancelled is cancelled too; any other abort leaves it to be taken up later.
 */
export async function* background(
  dialect: Dialect<ResponseCreateParamsBase>,
  exchange: Exchange,
): AsyncGenerator<ModelEvent, void, undefined> {
  let id = exchange.request.pending?.responseId
  try {
    if (id !== undefined) return yield* poll(dialect, exchange, id)
    for await (const event of begin(dialect, exchange)) {
      if (event.kind === 'accepted') id = event.responseId
      yield event
    }
  } catch (error) {
    if (id !== undefined && isCancelled(exchange.signal)) void cancel(exchange.connected.client, id)
    throw error
  }
}

async function* begin(
  dialect: Dialect<ResponseCreateParamsBase>,
  exchange: Exchange,
): AsyncGenerator<ModelEvent, void, undefined> {
  const { stream } = exchange.settings
  const response = await send(dialect, exchange, stream)
  yield* limitsTold(response)
  if (stream) return yield* hear(dialect, exchange, response, contextOf(exchange, response, true))
  const body = await readJson(response)
  if (!isResponse(body)) throw notTheApi(dialect.name, shownUrl(exchange.connected.client.baseURL), response)
  yield { kind: 'accepted', responseId: body.id }
  yield* poll(dialect, exchange, body.id)
}

/** Looks at a response until it is there. */
async function* poll(
  dialect: Dialect<ResponseCreateParamsBase>,
  exchange: Exchange,
  id: string,
): AsyncGenerator<ModelEvent, void, undefined> {
  const { client } = exchange.connected
  for (;;) {
    const response = await client.responses
      .retrieve(id, undefined, sendOptions(exchange))
      .asResponse()
      .catch((error: unknown) => {
        throw isGone(error) ? gone(id, error) : error
      })
    exchange.heard()
    const body = await readJson(response)
    if (!isResponse(body)) throw notTheApi(dialect.name, shownUrl(client.baseURL), response)
    if (body.status !== 'queued' && body.status !== 'in_progress') {
      const reply = dialect.whole(body, contextOf(exchange, response, true))
      if (reply) yield { kind: 'reply', reply }
      return
    }
    await exchange.settings.clock.sleep(pollAfterMs(response, exchange.settings.timeouts), exchange.signal)
  }
}

/** As the service says; but a look is a sign of life, and these come closer together than they must. */
function pollAfterMs({ headers }: Response, { idleMs = Infinity }: Timeouts): number {
  const asked = Number(headers.get('openai-poll-after-ms') ?? Number.NaN)
  return Math.min(asked >= 0 ? asked : POLL_MS, idleMs / 2)
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'status' in error && error.status === 404
}

function gone(id: string, cause: unknown): ModelError {
  const message = `The response ${id} is not kept at the service any more. Expected to take it up. It is asked for anew.`
  return new ModelError({
    code: 'response_gone',
    message,
    retryable: true,
    retryAfterMs: 0,
    details: { responseId: id, ended: true },
    // It was written, and nobody heard how much of it.
    spent: 'unknown',
    cause,
  })
}

function isCancelled({ aborted, reason }: AbortSignal): boolean {
  return aborted && CancelledError.is(reason) && reason.code === 'run_cancelled'
}

/** Nobody waits for it: a response that cannot be cancelled is paid for, no more. */
async function cancel(client: OpenAI, id: string): Promise<void> {
  await client.responses.cancel(id, { maxRetries: 0 }).catch(() => undefined)
}
