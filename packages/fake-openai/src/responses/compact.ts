import type { Call } from '../http/call.ts'
import { sendJson } from '../http/send.ts'
import type { Service } from '../service/service.ts'
import { knownBody, unknownParameter, validateRequest } from '../validate/validate.ts'
import { isMessage } from '../script/body.ts'
import { storedItems } from '../reply/input-items.ts'
import type { KeptResponses } from '../reply/kept.ts'

const parameters = new Set(
  `model input previous_response_id instructions prompt_cache_key prompt_cache_retention prompt_cache_options
  service_tier`.split(/\s+/),
)

/**
 * Answers `POST /v1/responses/compact`: what the user said stays, and one item stands for all else. Nothing is summed
 * up in it, so that it costs nothing to write or to read; a script sees it as it is.
 */
export function compactInput(service: Service, kept: KeptResponses, { body: sent, id, to }: Call): void {
  const request = validateRequest(knownBody(sent, parameters, [], unknownParameter), kept, service.named)
  to.setHeaders(new Map(Object.entries(service.admit(request))))
  const usage = service.read(request)
  service.charge({ model: request.model, usage }, 'live')
  const said = request.body.input.filter((item) => isMessage(item) && item.role === 'user')
  const compaction = { type: 'compaction', id: id('cmp'), encrypted_content: `gAAAAAfake${id('cmp', 1)}` } as const
  sendJson(to, 200, {
    id: id('resp'),
    object: 'response.compaction',
    created_at: Math.floor(service.clock.now() / 1000),
    output: [...storedItems(said, id), compaction],
    usage,
  })
}
