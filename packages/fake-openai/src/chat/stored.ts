import { missing } from '../http/api-error.ts'
import { bodyIfAny, type Call } from '../http/call.ts'
import { pageOf } from '../lists/page.ts'
import { sendJson } from '../http/send.ts'
import { orNull } from '../checks/checks.ts'
import { metadata } from '../validate/parameters.ts'
import type { ChatMessage } from './body.ts'
import type { KeptCompletion, KeptCompletions } from './kept.ts'

/** Answers `GET /v1/chat/completions`: those that were stored, by `model` and `metadata[name]`, the oldest first. */
export function listCompletions(kept: KeptCompletions, { query, to }: Call): void {
  const found = kept.all().filter((each) => fits(each, query))
  const all = found.map(({ id, completion }) => ({ id, ...completion }))
  sendJson(to, 200, pageOf(all, query, { order: 'asc', most: Infinity }))
}

/** Answers `GET /v1/chat/completions/{id}`. */
export function retrieveCompletion(kept: KeptCompletions, { to }: Call, id: string): void {
  sendJson(to, 200, kept.get(id).completion)
}

/** Answers `POST /v1/chat/completions/{id}`: its metadata are all that can be changed. */
export function updateCompletion(kept: KeptCompletions, call: Call, id: string): void {
  const body = bodyIfAny(call)
  if (body['metadata'] === undefined) throw missing('metadata')
  orNull(metadata)(body['metadata'], 'metadata')
  sendJson(call.to, 200, kept.update(id, body['metadata']).completion)
}

/** Answers `DELETE /v1/chat/completions/{id}`. */
export function deleteCompletion(kept: KeptCompletions, { to }: Call, id: string): void {
  kept.delete(id)
  sendJson(to, 200, { object: 'chat.completion.deleted', id, deleted: true })
}

/** Answers `GET /v1/chat/completions/{id}/messages`: those of the request. */
export function listMessages(kept: KeptCompletions, { query, to }: Call, id: string): void {
  const messages = kept.get(id).messages.map((message, index) => ({ id: `${id}-${index}`, ...stored(message) }))
  sendJson(to, 200, pageOf(messages, query, { order: 'asc', most: Infinity }))
}

/** Parts stand apart from a text, whichever of them there is. */
function stored({ content = null, ...message }: ChatMessage): object {
  const parts = { content: null, content_parts: content }
  const words = typeof content === 'string' ? { content, content_parts: null } : parts
  return { refusal: null, name: null, ...message, ...words }
}

function fits({ completion }: KeptCompletion, query: URLSearchParams): boolean {
  const model = query.get('model')
  if (model !== null && completion['model'] !== model) return false
  const kept = (completion['metadata'] ?? {}) as Readonly<Record<string, unknown>>
  return [...query].every(([name, value]) => {
    const [, key] = /^metadata\[(.+)\]$/.exec(name) ?? []
    return key === undefined || kept[key] === value
  })
}
