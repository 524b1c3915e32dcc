import { ApiError, missing, tooLong, wrongType, wrongValue } from '../http/api-error.ts'
import { hostedItemTypes, type InputItem } from '../responses/body.ts'

const roles = ['assistant', 'system', 'developer', 'user']
const types = ['message', 'function_call', 'function_call_output', ...hostedItemTypes]

/**
 * Checks a request's input, item by item, and that each call has its output and each output its call.
 *
 * @param before the conversation that it goes on from.
 * @returns the whole conversation as a list: text alone is one message of the user.
 * @throws ApiError with the platform's complaint.
 */
export function validateInput(input: unknown, before: readonly InputItem[]): readonly InputItem[] {
  if (input === undefined) throw missing('input')
  if (typeof input === 'string') return [...before, { type: 'message', role: 'user', content: input }]
  if (!Array.isArray(input)) throw wrongType('input', 'one of a string or array of objects', input)
  for (const [index, item] of input.entries()) validateItem(item, `input[${index}]`)
  const items = [...before, ...(input as readonly InputItem[])]
  validatePairs(items)
  return items
}

function validateItem(item: unknown, at: string): void {
  if (typeof item !== 'object' || item === null) throw wrongType(at, 'an object', item)
  const { type = 'message' } = item as { readonly type?: string }
  if (!types.includes(type)) throw wrongValue(`${at}.type`, type, types)
  if (type === 'message') return validateMessage(item as Fields, at)
  if (!type.startsWith('function_call')) return
  const fields = type === 'function_call' ? ['call_id', 'name', 'arguments'] : ['call_id', 'output']
  for (const field of fields) required(item as Fields, field, at)
  const ofText = fields.filter((field) => field !== 'output' || !Array.isArray((item as Fields)[field]))
  for (const field of ofText) text(item as Fields, field, at)
  tooLong((item as Fields)['call_id'] as string, 64, `${at}.call_id`)
}

type Fields = Readonly<Record<string, unknown>>

function validateMessage(item: Fields, at: string): void {
  required(item, 'role', at)
  text(item, 'role', at)
  const { role, content } = item
  if (!roles.includes(role as string)) throw wrongValue(`${at}.role`, String(role), roles)
  required(item, 'content', at)
  if (typeof content === 'string') return
  if (!Array.isArray(content)) throw wrongType(`${at}.content`, 'one of an array of objects or string', content)
  const allowed = role === 'assistant' ? ['output_text', 'refusal'] : ['input_text', 'input_image', 'input_file']
  for (const [index, part] of (content as readonly Fields[]).entries()) {
    required(part, 'type', `${at}.content[${index}]`)
    if (!allowed.includes(part['type'] as string))
      throw wrongValue(`${at}.content[${index}].type`, String(part['type']), allowed)
  }
}

function required(item: Fields, field: string, at: string): void {
  if (item[field] === undefined) throw missing(`${at}.${field}`)
}

function text(item: Fields, field: string, at: string): void {
  if (typeof item[field] !== 'string') throw wrongType(`${at}.${field}`, 'a string', item[field])
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

/** The platform's own words for this are not known; that it is refused is. */
function duplicate(what: string, id: string): ApiError {
  return wrong(`Duplicate ${what} found with call_id ${id}. Remove duplicate items from your input and try again.`)
}

function wrong(message: string): ApiError {
  return new ApiError(message, { param: 'input' })
}
