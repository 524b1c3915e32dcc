import { ApiError } from '../http/api-error.ts'
import type { Call } from '../http/call.ts'
import { sendStream, sendWhole } from '../http/send.ts'
import { waited } from '../responses/create.ts'
import type { Service } from '../service/service.ts'
import { chunksOf } from './chunks.ts'
import { completionOf } from './completion.ts'
import type { KeptCompletions } from './kept.ts'
import { validateChat } from './validate-chat.ts'

/** Answers `POST /v1/chat/completions`. */
export async function createCompletion(service: Service, kept: KeptCompletions, call: Call): Promise<void> {
  const { to, headers, id } = call
  const request = validateChat(call.body, service.named)
  to.setHeaders(new Map(Object.entries(service.admit(request))))
  const parts = await service.reply({ ...request, api: 'chat', lane: 'live', headers, id })
  if (!parts) return
  const { reply, body } = parts
  if (reply.delayMs !== undefined && !(await waited(service, reply.delayMs, call))) return
  service.charge(parts, 'live')
  if (request.chat.store && !reply.failure) kept.keep(parts, request.chat, id('req'))
  if (body.stream) {
    const { include_usage: includeUsage = false } = request.chat.stream_options ?? {}
    return sendStream(to, chunksOf(parts, includeUsage), reply)
  }
  if (reply.failure) throw new ApiError(reply.failure.message, { status: 500, code: reply.failure.code })
  sendWhole(to, completionOf(parts), reply)
}
