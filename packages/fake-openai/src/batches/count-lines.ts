import { estimateEmbeddings } from '../embeddings/create.ts'
import { validateEmbeddings } from '../embeddings/validate-embeddings.ts'
import { ApiError } from '../http/api-error.ts'
import { nothingRemembered } from '../reply/remembered.ts'
import type { Service } from '../service/service.ts'
import { apiOf, EMBEDDINGS, lineRequest } from './line-request.ts'
import type { BatchLine } from './lines.ts'

/** The tokens that the right lines of a batch hold in the queue. */
export function countLines(service: Service, lines: readonly BatchLine[], endpoint: string): number {
  return lines.reduce((sum, line) => sum + countLine(service, line, endpoint), 0)
}

function countLine(service: Service, { body }: BatchLine, endpoint: string): number {
  try {
    if (endpoint === EMBEDDINGS) return estimateEmbeddings(validateEmbeddings(body, service.models.find))
    const request = lineRequest(endpoint, body, nothingRemembered, service.named)
    return service.count(request.body, apiOf(endpoint)).tokens
  } catch (error) {
    if (error instanceof ApiError) return 0
    throw error
  }
}
