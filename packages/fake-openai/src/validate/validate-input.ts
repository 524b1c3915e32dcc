import { ApiError, missing, tooLong, wrongType, wrongValue } from '../http/api-error.ts'
import { type HostedInput, type HostedItemType, hostedItemTypes, type InputItem } from '../script/body.ts'
import {
  type Check,
  checkAll,
  fields,
  type Fields,
  functionName,
  objectAt,
  oneOf,
  text,
  textUpTo,
} from '../checks/checks.ts'
import { contentOf, inputParts, outputParts } from './content.ts'
import { callOutput, hostedItems } from './hosted.ts'
import { validateIds, validatePairs, validateReasoning } from './pairs.ts'

const roles = ['assistant', 'system', 'developer', 'user']
const types = ['message', 'function_call', 'function_call_output', ...hostedItemTypes]

/** What a request's input is read with. */
interface Reading {
  /** The conversation that it goes on from. */
  readonly before: readonly InputItem[]
  /** Finds an item that is referred to; throws where there is none. */
  readonly itemOf: (id: string) => InputItem
  /** Finds the id of what was reasoned right before an item. */
  readonly reasonedBefore: (id: string) => string | undefined
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
export function validateInput(
  input: unknown,
  { before, itemOf, mayBeEmpty, reasonedBefore }: Reading,
): readonly InputItem[] {
  if (input === undefined && mayBeEmpty) return before
  if (input === undefined) throw missing('input')
  if (typeof input === 'string') return [...before, { type: 'message', role: 'user', content: input }]
  if (!Array.isArray(input)) throw wrongType('input', 'one of a string or array of objects', input)
  for (const [index, item] of input.entries()) validateItem(item, `input[${index}]`)
  const said = (input as readonly InputItem[]).map((item) => (isById(item) ? itemOf(String(item.id)) : item))
  const items = [...before, ...said]
  validateReasoning(said, items, reasonedBefore)
  if (items.length === 0 && !mayBeEmpty) throw nothingSaid()
  validateIds(items)
  validatePairs(items)
  return items
}

/** What was reasoned is looked up where it does not come along encrypted. */
function isById(item: InputItem): item is HostedInput {
  if (item.type !== 'reasoning') return isReference(item)
  return item.id !== undefined && !('encrypted_content' in item && item.encrypted_content)
}

/** Whether an item refers to another one: it may leave out its type. */
export function isReference(item: InputItem): item is HostedInput {
  return item.type === 'item_reference' || (isUntyped(item) && !('role' in item) && 'id' in item)
}

function isUntyped({ type }: { readonly type?: unknown }): boolean {
  return type === undefined || type === null
}

/**
 * Checks one item of an input by itself.
 *
 * @throws ApiError with the platform's complaint.
 */
export function validateItem(given: unknown, at: string): void {
  const item = objectAt(given, at)
  if (isReference(item as unknown as InputItem)) return fields({ id: text }, 'id')(item, at)
  const { type = 'message' } = item
  text(type, `${at}.type`)
  if (!types.includes(type as string)) throw wrongValue(`${at}.type`, type as string, types)
  const prefix = prefixes[type as string]
  // What came of a call may say that it has no id.
  const hasNone = item['id'] === null && type === 'function_call_output'
  if (prefix !== undefined && !hasNone) checkAll(item, { id: idOf(prefix) }, `${at}.`)
  if (type === 'message') return validateMessage(item, at)
  if (isHosted(type)) return hostedItems[type](item, at)
  const { call_id: callId } = item
  const isCall = type === 'function_call'
  for (const field of isCall ? ['call_id', 'name', 'arguments'] : ['call_id', 'output']) required(item, field, at)
  const checks = isCall
    ? { call_id: text, name: functionName, arguments: text, status }
    : { call_id: text, output: callOutput }
  checkAll(item, checks, `${at}.`)
  tooLong(callId as string, 64, `${at}.call_id`)
}

/** How far an item has come. */
const status = oneOf('in_progress', 'completed', 'incomplete')

/** How the ids of items begin, as far as the platform was seen to look. */
const prefixes: Readonly<Partial<Record<string, string>>> = {
  message: 'msg',
  function_call: 'fc',
  function_call_output: 'fc',
  reasoning: 'rs',
  web_search_call: 'ws',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
}

function idOf(prefix: string): Check {
  return (value, at) => {
    textUpTo(64)(value, at)
    if ((value as string).startsWith(prefix)) return
    const message = `Invalid '${at}': '${String(value)}'. Expected an ID that begins with '${prefix}'.`
    throw new ApiError(message, { param: at, code: 'invalid_value' })
  }
}

function isHosted(type: unknown): type is HostedItemType {
  return hostedItemTypes.some((hosted) => hosted === type)
}

function validateMessage(item: Fields, at: string): void {
  required(item, 'role', at)
  const { role, content } = item
  text(role, `${at}.role`)
  if (!roles.includes(role as string)) throw wrongValue(`${at}.role`, String(role), roles)
  required(item, 'content', at)
  checkAll(item, { status }, `${at}.`)
  contentOf(role === 'assistant' ? outputParts : inputParts)(content, `${at}.content`)
}

function required(item: Fields, field: string, at: string): void {
  if (item[field] === undefined) throw missing(`${at}.${field}`)
}

function nothingSaid(): ApiError {
  const message = `One of "input" or "previous_response_id" or 'prompt' or 'conversation_id' must be provided.`
  return new ApiError(message, { param: 'input', code: 'missing_required_parameter' })
}
