import type { Call } from '../http/call.ts'
import { sendJson } from '../http/send.ts'
import type { Service } from '../service/service.ts'
import { embed } from './embed.ts'
import { type EmbeddingsRequest, validateEmbeddings } from './validate-embeddings.ts'

/** Answers `POST /v1/embeddings`. No script is asked: what comes of a text follows from the text. */
export async function createEmbeddings(service: Service, { body, to }: Call): Promise<void> {
  const request = validateEmbeddings(body, service.models.find)
  to.setHeaders(new Map(Object.entries(service.take(request.model, estimateEmbeddings(request)))))
  const embeddings = await embed(request)
  service.charge({ model: request.model, usage: embeddings.usage }, 'live')
  sendJson(to, 200, embeddings.body)
}

/** The tokens that embeddings take off a limit: as for words, characters divided by four. */
export function estimateEmbeddings({ inputs }: EmbeddingsRequest): number {
  return inputs.reduce(
    (sum, input) => sum + (typeof input === 'string' ? Math.ceil(input.length / 4) : input.length),
    0,
  )
}
