import { completionOf } from '../chat/completion.ts'
import { embed } from '../embeddings/embed.ts'
import { validateEmbeddings } from '../embeddings/validate-embeddings.ts'
import { ApiError } from '../http/api-error.ts'
import type { MakeId } from '../http/ids.ts'
import { finishedResponse } from '../reply/response.ts'
import type { Remembered } from '../reply/remembered.ts'
import { fakeFailed } from '../http/fake-failed.ts'
import type { Charged, Service } from '../service/service.ts'
import { apiOf, EMBEDDINGS, lineRequest } from './line-request.ts'
import type { BatchLine } from './lines.ts'

/** What came of a line. */
export interface LineResult {
  readonly customId: string
  readonly id: string
  readonly requestId: string
  /** When it is done, in milliseconds since 1970; a line to which nothing is ever said is never done. */
  readonly doneAt: number
  readonly status: number
  readonly body: object
  /** Absent where the answer is an error. */
  readonly charged?: Charged
}

/** Who asks for a line, and when its work may begin. */
export interface LineContext {
  readonly service: Service
  readonly endpoint: string
  readonly remembered: Remembered
  readonly idsOf: (line: BatchLine) => MakeId
  readonly from: number
}

/** Has a line of a batch answered: by the same script as a live request. */
export async function runLine(line: BatchLine, context: LineContext): Promise<LineResult> {
  const { service, endpoint, remembered, idsOf, from } = context
  const id = idsOf(line)
  const common = { customId: line.customId, id: id('batch_req'), requestId: id('req'), doneAt: from }
  try {
    if (endpoint === EMBEDDINGS) {
      const request = validateEmbeddings(line.body, service.models.find)
      const { body, usage } = await embed(request)
      return { ...common, status: 200, body, charged: { model: request.model, usage } }
    }
    const request = lineRequest(endpoint, line.body, remembered, service.named)
    const api = apiOf(endpoint)
    const parts = await service.reply({ ...request, api, lane: 'batch', headers: {}, id })
    if (!parts) return { ...common, doneAt: Infinity, status: 0, body: {} }
    const { failure, delayMs = 0 } = parts.reply
    if (api === 'chat' && failure) throw new ApiError(failure.message, { status: 500, code: failure.code })
    const body = api === 'chat' ? completionOf(parts) : finishedResponse(parts)
    return { ...common, doneAt: from + delayMs, status: 200, body, charged: parts }
  } catch (error) {
    const { status, body } = error instanceof ApiError ? error : fakeFailed(error)
    return { ...common, status, body }
  }
}
