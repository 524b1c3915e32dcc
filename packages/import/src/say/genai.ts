// Messages of OpenTelemetry's conventions for generative AI, as items: roles with parts.
import type { InputPart, ReplyItem } from '@reprise/core'
import { type Fields, listOf, parsed, saidAsText, textOf } from '../read/json.ts'
import type { Said, Untaken } from './exchange.ts'
import type { SaidSoFar } from './chat.ts'
import { userOf } from './parts.ts'
import { responsesSaid } from './responses.ts'

/**
 * Reads the messages of a request. `isInside`: they stood as JSON in the words of one user, as an instrumentation has them that
 * knows no requests of Responses; it has no instructions and no tools of them either.
 */
export function genaiSaid(
  messages: readonly Fields[],
  instructions: string,
): SaidSoFar & { readonly isInside: boolean } {
  const first = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer')
  const head = messages.slice(0, first < 0 ? messages.length : first)
  const told = [instructions, ...head.map((message) => genaiText(message['parts']))].filter((text) => text !== '')
  const rest = messages.slice(head.length)
  const inside = responsesInside(rest)
  const items = inside ?? rest.flatMap(messageSaid)
  return { instructions: told.join('\n\n'), items, isInside: inside !== undefined }
}

/** The words of parts. */
export function genaiText(parts: unknown): string {
  return listOf(parts)
    .map(({ type, content }) => (type === 'text' ? (textOf(content) ?? '') : ''))
    .join('\n\n')
}

/** Reads the reply's message. */
export function genaiReply(message: Fields): readonly (ReplyItem | Untaken)[] {
  return listOf(message['parts']).map(replyPart)
}

/** Some write the whole input of a Responses request, as JSON, for the words of one user. */
function responsesInside(messages: readonly Fields[]): readonly Said[] | undefined {
  const [only] = messages
  if (messages.length !== 1 || only?.['role'] !== 'user') return undefined
  const input = parsed(genaiText(only['parts']))
  const isInput = Array.isArray(input) && input.length > 0 && listOf(input).length === input.length
  if (!isInput || !listOf(input).every(({ role, type }) => typeof role === 'string' || typeof type === 'string'))
    return undefined
  return responsesSaid(input, '').items
}

function messageSaid({ role, parts }: Fields): readonly Said[] {
  const all = listOf(parts)
  if (role === 'assistant') return all.map(replyPart)
  const results = all.filter(({ type }) => type === 'tool_call_response')
  if (results.length > 0 && results.length === all.length) return results.map(resultOf)
  if (role === 'user') return [userOf(all.map(inputPart))]
  return [{ kind: 'untaken', what: `a message of role ${JSON.stringify(role)} after the conversation had begun` }]
}

function resultOf({ id, call_id: callId, response, result }: Fields): Said {
  return { kind: 'result', callId: textOf(callId ?? id) ?? '', output: saidAsText(response ?? result) }
}

function inputPart({
  type,
  content,
  data,
  mime_type: mime,
  modality,
  uri,
  file_id: fileId,
}: Fields): InputPart | Untaken {
  if (type === 'text') return { kind: 'text', text: textOf(content) ?? '' }
  const kind = modality === 'image' ? 'image' : modality === 'audio' || modality === 'video' ? undefined : 'file'
  if (!kind) return { kind: 'untaken', what: `a part of modality ${JSON.stringify(modality)}` }
  const bytes = textOf(content ?? data)
  if (type === 'blob' && bytes !== undefined)
    return { kind, url: `data:${textOf(mime) ?? 'application/octet-stream'};base64,${bytes}` }
  if (type === 'uri' && typeof uri === 'string') return { kind, url: uri }
  if (type === 'file' && typeof fileId === 'string') return { kind, fileId }
  return { kind: 'untaken', what: `a part of type ${JSON.stringify(type)}` }
}

/** Of a Responses request, some have the id of the item in `id`, and in `call_id` the one that its result names. */
function replyPart({ type, content, id, call_id: callId, name, arguments: args }: Fields): ReplyItem | Untaken {
  switch (type) {
    case 'text':
      return { kind: 'assistant', text: textOf(content) ?? '' }
    case 'reasoning':
      return { kind: 'reasoning', text: textOf(content) ?? '' }
    case 'refusal':
      return { kind: 'refusal', text: textOf(content) ?? '' }
    case 'tool_call':
      return { kind: 'call', callId: textOf(callId ?? id) ?? '', name: textOf(name) ?? '', arguments: saidAsText(args) }
    default:
      return { kind: 'untaken', what: `a part of type ${JSON.stringify(type)}` }
  }
}
