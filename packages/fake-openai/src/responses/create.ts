import { goOn } from '../conversations/go-on.ts'
import { type Call, untilClosed } from '../http/call.ts'
import { beginStream, sendJson, sendStream, sendWhole } from '../http/send.ts'
import type { Service } from '../service/service.ts'
import { validateRequest } from '../validate/validate.ts'
import { QUEUED_EVENTS, streamOf } from '../reply/events.ts'
import type { KeptResponse, KeptResponses } from '../reply/kept.ts'
import { finishedResponse, outputOf, queuedResponse } from '../reply/response.ts'

/** Answers `POST /v1/responses`. */
export async function createResponse(service: Service, kept: KeptResponses, call: Call): Promise<void> {
  const { to, headers, id } = call
  const request = validateRequest(call.body, kept, service.named)
  to.setHeaders(new Map(Object.entries(service.admit(request))))
  const { clock } = service
  const parts = await service.reply({ ...request, api: 'responses', lane: 'live', headers, id })
  if (!parts) return
  const { body, reply } = parts
  const response: KeptResponse = {
    parts,
    doneAt: clock.now() + (reply.delayMs ?? 0),
    cancelled: false,
    charged: !body.background,
  }
  if (body.store !== false) service.reasoned.note(outputOf(parts))
  if (body.background) kept.keep(response)
  if (body.background) goOn(service.conversations, request, response)
  if (body.background && body.stream) return streamBackground(service, response, call)
  if (body.background) return sendJson(to, 200, queuedResponse(parts))
  if (reply.delayMs !== undefined && !(await waited(service, reply.delayMs, call))) return
  service.charge(parts, 'live')
  if (body.store !== false) kept.keep(response)
  goOn(service.conversations, request, response)
  if (body.stream) sendStream(to, streamOf(parts), reply)
  else sendWhole(to, finishedResponse(parts), reply)
}

/**
 * Streams a background response; what is not there yet is waited for.
 *
 * @param startingAfter the number of the last event that the client has; undefined for the stream of the request
 * itself, which alone breaks off.
 */
export async function streamBackground(
  service: Service,
  kept: KeptResponse,
  call: Call,
  startingAfter?: number,
): Promise<void> {
  const { to } = call
  const from = startingAfter === undefined ? 0 : startingAfter + 1
  const events = streamOf(kept.parts)
  const waitMs = kept.doneAt - service.clock.now()
  const sent = waitMs > 0 ? QUEUED_EVENTS : 0
  beginStream(to)
  to.flushHeaders()
  for (const event of events.slice(from, sent)) to.write(event)
  if (waitMs > 0 && !(await waited(service, waitMs, call))) return
  if (kept.cancelled) return void to.end()
  sendStream(to, events.slice(Math.max(from, sent)), startingAfter === undefined ? kept.parts.reply : {})
}

/** Waits on the fake's clock; false where the client left meanwhile. */
export async function waited({ clock }: Pick<Service, 'clock'>, ms: number, call: Call): Promise<boolean> {
  return clock.sleep(ms, untilClosed(call)).then(
    () => true,
    () => false,
  )
}
