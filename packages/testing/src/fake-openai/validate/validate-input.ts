import { ApiError, missing, tooLong, wrongType, wrongValue } from '../http/api-error.ts'
import { type HostedInput, hostedItemTypes, type InputItem } from '../responses/body.ts'
import { checkAll, fields, type Fields, objectAt, oneOf, text } from './checks.ts'
import { contentOf, inputParts, outputParts } from './content.ts'

const roles = ['assistant', 'system', 'developer', 'user']
const types = ['message', 'function_call', 'function_call_output', ...hostedItemTypes]

/** What a request's input is read with. */
interface Reading {
  /** The conversation that it goes on from. */
  readonly before: readonly InputItem[]
  /** Finds an item that is referred to; throws where there is none. */
  readonly itemOf: (id: string) => InputItem
  /** Whether nothing need be said: where tokens are counted and no reply is asked for. */
  readonly mayBeEmpty: boolean
}

/**
 * Checks a request's input, item by item, and that each call has its output and each output its call.
 *
 * @returns the whole conversation as a list: text alone is one message of the user, and an item that is referred to
 * stands in its reference's place.
 * @throws ApiError with the platform's complaint.
 */
export function validateInput(input: unknown, { before, itemOf, mayBeEmpty }: Reading): readonly InputItem[] {
  if (input === undefined && mayBeEmpty) return before
  if (input === undefined) throw missing('input')
  if (typeof input === 'string') return [...before, { type: 'message', role: 'user', content: input }]
  if (!Array.isArray(input)) throw wrongType('input', 'one of a string or array of objects', input)
  for (const [index, item] of input.entries()) validateItem(item, `input[${index}]`)
  const said = (input as readonly InputItem[]).map((item) => (isReference(item) ? itemOf(String(item.id)) : item))
  const items = [...before, ...said]
  if (items.length === 0 && !mayBeEmpty) throw nothingSaid()
  validatePairs(items)
  return items
}

/** A reference may leave out its type. */
function isReference(item: InputItem): item is HostedInput {
  return item.type === 'item_reference' || (isUntyped(item) && !('role' in item) && 'id' in item)
}

function isUntyped({ type }: { readonly type?: unknown }): boolean {
  return type === undefined || type === null
}

function validateItem(given: unknown, at: string): void {
  const item = objectAt(given, at)
  if (isReference(item as unknown as InputItem)) return fields({ id: text }, 'id')(item, at)
  const { type = 'message' } = item
  text(type, `${at}.type`)
  if (!types.includes(type as string)) throw wrongValue(`${at}.type`, type as string, types)
  if (type === 'message') return validateMessage(item, at)
  if (type !== 'function_call' && type !== 'function_call_output') return
  const { call_id: callId } = item
  const isCall = type === 'function_call'
  for (const field of isCall ? ['call_id', 'name', 'arguments'] : ['call_id', 'output']) required(item, field, at)
  const checks = isCall ? { id: text, call_id: text, name: text, arguments: text, status } : { call_id: text, output }
  checkAll(item, checks, `${at}.`)
  tooLong(callId as string, 64, `${at}.call_id`)
}

/** How far an item has come. */
const status = oneOf('in_progress', 'completed', 'incomplete')

/** What came of a call is said in parts like a user's, or as a text. */
function output(given: unknown, at: string): void {
  if (!Array.isArray(given)) return text(given, at)
  return contentOf(inputParts)(given, at)
}

function validateMessage(item: Fields, at: string): void {
  required(item, 'role', at)
  const { role, content } = item
  text(role, `${at}.role`)
  if (!roles.includes(role as string)) throw wrongValue(`${at}.role`, String(role), roles)
  required(item, 'content', at)
  checkAll(item, { id: text, status }, `${at}.`)
  contentOf(role === 'assistant' ? outputParts : inputParts)(content, `${at}.content`)
}

function required(item: Fields, field: string, at: string): void {
  if (item[field] === undefined) throw missing(`${at}.${field}`)
}

function validatePairs(items: readonly InputItem[]): void {
  const calls = new Set<string>()
  const answered = new Set<string>()
  for (const item of items) {
    if (item.type === 'function_call') {
      if (calls.has(item.call_id)) throw duplicate('function call', item.call_id)
      calls.add(item.call_id)
    } else if (item.type === 'function_call_output') {
      if (!calls.has(item.call_id))
        throw wrong(`No tool call found for function call output with call_id ${item.call_id}.`)
      if (answered.has(item.call_id)) throw duplicate('function call output', item.call_id)
      answered.add(item.call_id)
    }
  }
  for (const id of calls) if (!answered.has(id)) throw wrong(`No tool output found for function call ${id}.`)
}

function nothingSaid(): ApiError {
  const message = `One of "input" or "previous_response_id" or 'prompt' or 'conversation_id' must be provided.`
  return new ApiError(message, { param: 'input', code: 'missing_required_parameter' })
}

/** The platform's own words for this are not known; that it is refused is. */
function duplicate(what: string, id: string): ApiError {
  return wrong(`Duplicate ${what} found with call_id ${id}. Remove duplicate items from your input and try again.`)
}

function wrong(message: string): ApiError {
  return new ApiError(message, { param: 'input' })
}
