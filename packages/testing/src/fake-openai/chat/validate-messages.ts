import { ApiError, missing, wrongType, wrongValue } from '../http/api-error.ts'
import type { ChatMessage } from './body.ts'

const roles = ['system', 'assistant', 'user', 'function', 'tool', 'developer']
const parts = ['text', 'image_url', 'input_audio', 'refusal', 'audio', 'file']

/**
 * Checks the messages of a request, one by one, and that each call has its result and each result its call.
 *
 * @throws ApiError with the platform's complaint.
 */
export function validateMessages(messages: unknown): readonly ChatMessage[] {
  if (messages === undefined) throw missing('messages')
  if (!Array.isArray(messages)) throw wrongType('messages', 'an array of objects', messages)
  if (messages.length === 0) {
    const message =
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead."
    throw new ApiError(message, { param: 'messages', code: 'empty_array' })
  }
  for (const [index, message] of messages.entries()) validateMessage(message, `messages[${index}]`)
  validatePairs(messages as readonly ChatMessage[])
  return messages as readonly ChatMessage[]
}

function validateMessage(message: unknown, at: string): void {
  if (typeof message !== 'object' || message === null) throw wrongType(at, 'an object', message)
  const { role, content, tool_calls: calls, tool_call_id: id } = message as Partial<Record<string, unknown>>
  if (role === undefined) throw missing(`${at}.role`)
  if (typeof role !== 'string') throw wrongType(`${at}.role`, 'a string', role)
  if (!roles.includes(role)) throw wrongValue(`${at}.role`, role, roles)
  if (role === 'tool' && id === undefined) throw missing(`${at}.tool_call_id`)
  if (Array.isArray(content)) validateParts(content, at)
  else if (content === undefined || content === null) {
    if (role !== 'assistant' || calls === undefined) throw noContent(content, at)
  } else if (typeof content !== 'string') {
    throw wrongType(`${at}.content`, 'one of a string or array of objects', content)
  }
}

function noContent(content: unknown, at: string): ApiError {
  if (content === undefined) return missing(`${at}.content`)
  return new ApiError("Invalid value for 'content': expected a string, got null.", { param: `${at}.content` })
}

function validateParts(content: readonly unknown[], at: string): void {
  for (const [index, part] of content.entries()) {
    const { type } = part as { readonly type?: string }
    if (type === undefined) throw missing(`${at}.content[${index}].type`)
    if (!parts.includes(type)) throw wrongValue(`${at}.content[${index}].type`, type, parts)
  }
}

function validatePairs(messages: readonly ChatMessage[]): void {
  let open = new Set<string>()
  for (const [index, { role, tool_calls: calls, tool_call_id: id = '' }] of messages.entries()) {
    if (role === 'tool') {
      if (!open.delete(id)) throw noCall(index)
      continue
    }
    refuseOpen(open)
    open = new Set(calls?.map((call) => call.id))
  }
  refuseOpen(open)
}

function noCall(index: number): ApiError {
  const message =
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
  return new ApiError(message, { param: `messages.[${index}].role` })
}

function refuseOpen(open: ReadonlySet<string>): void {
  if (open.size === 0) return
  const message = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(', ')}`
  throw new ApiError(message, { param: 'messages' })
}
