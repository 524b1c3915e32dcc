import type { Batches } from './batches/batches.ts'
import type { Files } from './files/files.ts'
import { createCompletion } from './chat/create.ts'
import { KeptCompletions } from './chat/kept.ts'
import { deleteCompletion, listCompletions, listMessages, retrieveCompletion, updateCompletion } from './chat/stored.ts'
import { conversationEndpoints } from './conversations/endpoints.ts'
import { createEmbeddings } from './embeddings/create.ts'
import { ApiError, wrongType } from './http/api-error.ts'
import { bodyIfAny, type Call } from './http/call.ts'
import { readUpload } from './http/form.ts'
import type { MovableClock } from './http/movable-clock.ts'
import { pageOf } from './lists/page.ts'
import type { Routes } from './http/routes.ts'
import { sendBytes, sendJson } from './http/send.ts'
import { listModels, retrieveModel } from './models/models.ts'
import { moderate } from './moderations/moderate.ts'
import type { Invoice } from './billing/ledger.ts'
import { compactInput } from './responses/compact.ts'
import { createResponse } from './responses/create.ts'
import { countInputTokens } from './responses/input-tokens.ts'
import type { KeptResponses } from './reply/kept.ts'
import { listInputItems } from './reply/input-items.ts'
import { cancelResponse, deleteResponse, retrieveResponse } from './responses/stored.ts'
import type { Service } from './service/service.ts'

/** What the endpoints serve. */
export interface EndpointParts {
  readonly service: Service
  readonly kept: KeptResponses
  readonly files: Files
  readonly batches: Batches
  readonly clock: MovableClock
  readonly invoice: () => Promise<Invoice>
  /** How many completions are kept. */
  readonly keep: number
}

/** The platform's endpoints, and two of the fake's own below `/fake`. */
export function endpointsOf({ service, kept, files, batches, clock, invoice, keep }: EndpointParts): Routes {
  const completions = new KeptCompletions(keep)
  return {
    'POST /v1/responses': (call) => createResponse(service, kept, call),
    'POST /v1/responses/compact': (call) => compactInput(service, kept, call),
    'POST /v1/responses/input_tokens': (call) => countInputTokens(service, kept, call),
    'GET /v1/responses/:id': (call, id = '') => retrieveResponse(service, kept, call, id),
    'GET /v1/responses/:id/input_items': (call, id = '') => listInputItems(kept, call, id),
    'DELETE /v1/responses/:id': (call, id = '') => deleteResponse(kept, call, id),
    'POST /v1/responses/:id/cancel': (call, id = '') => cancelResponse(service, kept, call, id),
    'POST /v1/chat/completions': (call) => createCompletion(service, completions, call),
    'GET /v1/chat/completions': (call) => listCompletions(completions, call),
    'GET /v1/chat/completions/:id': (call, id = '') => retrieveCompletion(completions, call, id),
    'POST /v1/chat/completions/:id': (call, id = '') => updateCompletion(completions, call, id),
    'DELETE /v1/chat/completions/:id': (call, id = '') => deleteCompletion(completions, call, id),
    'GET /v1/chat/completions/:id/messages': (call, id = '') => listMessages(completions, call, id),
    ...conversationEndpoints(service.conversations),
    'POST /v1/embeddings': (call) => createEmbeddings(service, call),
    'POST /v1/moderations': moderate,
    'GET /v1/models': ({ to }) => sendJson(to, 200, listModels(service.models)),
    'GET /v1/models/:id': ({ to }, id = '') => sendJson(to, 200, retrieveModel(service.models, id)),
    'POST /v1/files': async (call) => sendJson(call.to, 200, files.upload(call.id('file'), await readUpload(call))),
    'GET /v1/files': ({ to, query }) =>
      sendJson(to, 200, pageOf(files.list(query.get('purpose')), query, { limit: 10_000, most: 10_000 })),
    'GET /v1/files/:id': ({ to }, id = '') => sendJson(to, 200, files.describe(id)),
    'DELETE /v1/files/:id': ({ to }, id = '') => sendJson(to, 200, files.delete(id)),
    'GET /v1/files/:id/content': async ({ to }, id = '') => {
      await batches.settle()
      sendBytes(to, 200, 'application/octet-stream', files.content(id))
    },
    'POST /v1/batches': async (call) => sendJson(call.to, 200, await batches.create(bodyIfAny(call), call.id)),
    'GET /v1/batches': async ({ to, query }) => sendJson(to, 200, pageOf(await batches.list(), query)),
    'GET /v1/batches/:id': async ({ to }, id = '') => sendJson(to, 200, await batches.retrieve(id)),
    'POST /v1/batches/:id/cancel': async ({ to }, id = '') => sendJson(to, 200, await batches.cancel(id)),
    'GET /fake/invoice': async ({ to }) => sendJson(to, 200, await invoice()),
    'POST /fake/advance': (call) => advance(clock, call),
  }
}

/** Moves the fake's time on, for those who do not share a clock with it. */
function advance(clock: MovableClock, { to, body = {} }: Call): void {
  const { ms } = body
  if (ms === undefined) throw new ApiError('Say how far: {"ms": 60000}.', { param: 'ms' })
  if (typeof ms !== 'number' || ms < 0) throw wrongType('ms', 'milliseconds of 0 or more', ms)
  clock.advance(ms)
  sendJson(to, 200, { now: clock.now() })
}
