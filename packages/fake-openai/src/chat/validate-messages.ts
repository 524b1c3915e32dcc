import { ApiError, missing, wrongType, wrongValue } from '../http/api-error.ts'
import { checkAll, emptyArray, objectAt, orNull, text } from '../checks/checks.ts'
import type { ChatMessage, ChatPart } from './body.ts'
import { contentParts, toolCalls } from './parts.ts'

const roles = ['system', 'assistant', 'user', 'function', 'tool', 'developer']

/**
 * Checks the messages of a request, one by one, and that each call has its result and each result its call.
 *
 * @throws ApiError with the platform's complaint.
 */
export function validateMessages(messages: unknown): readonly ChatMessage[] {
  if (messages === undefined) throw missing('messages')
  if (!Array.isArray(messages)) throw wrongType('messages', 'an array of objects', messages)
  if (messages.length === 0) throw emptyArray('messages')
  for (const [index, message] of messages.entries()) validateMessage(message, `messages[${index}]`)
  validatePairs(messages as readonly ChatMessage[])
  return messages as readonly ChatMessage[]
}

function validateMessage(given: unknown, at: string): void {
  const message = objectAt(given, at)
  const { role, content, tool_calls: calls, tool_call_id: id } = message
  if (role === undefined) throw missing(`${at}.role`)
  if (typeof role !== 'string') throw wrongType(`${at}.role`, 'a string', role)
  if (!roles.includes(role)) throw wrongValue(`${at}.role`, role, roles)
  if (role === 'tool' && id === undefined) throw missing(`${at}.tool_call_id`)
  checkAll(message, { tool_call_id: text, tool_calls: toolCalls, refusal: orNull(text), name: text }, `${at}.`)
  if (content === undefined || content === null) {
    if (role !== 'assistant' || calls === undefined) throw noContent(content, at)
  } else if (typeof content !== 'string') {
    contentParts(content, `${at}.content`)
    validatePictures(role, content as readonly ChatPart[], at)
  }
}

/** A result of a tool may have pictures: later models take them there. */
function validatePictures(role: string, content: readonly ChatPart[], at: string): void {
  if (role === 'user' || role === 'tool' || !content.some(({ type }) => type === 'image_url')) return
  const message = `Invalid '${at}'. Image URLs are only allowed for messages with role 'user', but this message with role '${role}' contains an image URL.`
  throw new ApiError(message, { param: at, code: 'invalid_value' })
}

function noContent(content: unknown, at: string): ApiError {
  if (content === undefined) return missing(`${at}.content`)
  return new ApiError("Invalid value for 'content': expected a string, got null.", { param: `${at}.content` })
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
