import { ApiError, missing, tooLong, wrongType, wrongValue } from '../http/api-error.ts'
import {
  type FunctionTool,
  hostedToolTypes,
  type SchemaNode,
  type TextFormat,
  type ToolChoice,
} from '../responses/body.ts'
import { strictComplaint } from './validate-schema.ts'

const MAX_NAME = 64

/**
 * Checks the tools of a request and what is chosen of them.
 *
 * @param inside where in an element of `tools` its name stands: Chat Completions has it a level deeper.
 * @throws ApiError with the platform's complaint.
 */
export function validateTools(tools: unknown, choice: unknown, inside = ''): void {
  if (tools !== undefined && tools !== null && !Array.isArray(tools))
    throw wrongType('tools', 'an array of objects', tools)
  const given = (tools ?? []) as readonly FunctionTool[]
  for (const [index, tool] of given.entries()) validateTool(tool, `tools[${index}]`, inside)
  if (choice !== undefined && choice !== null) validateChoice(choice as ToolChoice, given)
}

/**
 * Checks the format that an answer is asked to have.
 *
 * @param at where it stands in the request.
 * @throws ApiError with the platform's complaint.
 */
export function validateFormat({ type, name, schema, strict }: TextFormat, at = 'text.format'): void {
  if (!['text', 'json_object', 'json_schema'].includes(type))
    throw wrongValue(`${at}.type`, type, ['text', 'json_object', 'json_schema'])
  if (type !== 'json_schema') return
  if (name === undefined) throw missing(`${at}.name`)
  if (schema === undefined) throw missing(`${at}.schema`)
  validateName(name, `${at}.name`)
  if (strict) validateStrict(schema, `response_format '${name}'`, `${at}.schema`, 'invalid_json_schema')
}

function validateTool(tool: FunctionTool, element: string, inside: string): void {
  const { type } = tool as { readonly type?: string }
  if (type === undefined) throw missing(`${element}.type`)
  if (inside === '' && isHosted(type)) return
  if (type !== 'function') throw wrongValue(`${element}.type`, type, ['function', ...hostedToolTypes])
  const at = `${element}${inside}`
  if (tool.name === undefined) throw missing(`${at}.name`)
  validateName(tool.name, `${at}.name`)
  // Strict unless told otherwise: then the platform mends what it can, and the fake lets it be.
  if (tool.strict && tool.parameters)
    validateStrict(tool.parameters, `function '${tool.name}'`, `${at}.parameters`, 'invalid_function_parameters')
}

function isHosted(type: string): boolean {
  return hostedToolTypes.some((hosted) => hosted === type)
}

function validateStrict(schema: SchemaNode, what: string, param: string, code: string): void {
  const complaint = strictComplaint(schema)
  if (complaint !== undefined) throw new ApiError(`Invalid schema for ${what}: ${complaint}`, { param, code })
}

function validateName(name: string, param: string): void {
  const pattern = '^[a-zA-Z0-9_-]+$'
  if (!new RegExp(pattern).test(name)) {
    const message = `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '${pattern}'.`
    throw new ApiError(message, { param, code: 'invalid_value' })
  }
  tooLong(name, MAX_NAME, param)
}

function validateChoice(choice: ToolChoice, tools: readonly FunctionTool[]): void {
  if (typeof choice === 'string' && !['none', 'auto', 'required'].includes(choice))
    throw wrongValue('tool_choice', choice, ['none', 'auto', 'required'])
  if (tools.length === 0 && choice !== 'none' && choice !== 'auto') {
    const message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
    throw new ApiError(message, { param: 'tool_choice' })
  }
  if (typeof choice === 'string') return
  if (choice.type === 'function') return known(choice.name, tools)
  if (isHosted(choice.type)) return
  if (choice.type !== 'allowed_tools') throw wrongValue('tool_choice.type', choice.type, ['function', 'allowed_tools'])
  if (choice.mode !== 'auto' && choice.mode !== 'required')
    throw choice.mode === undefined
      ? missing('tool_choice.mode')
      : wrongValue('tool_choice.mode', choice.mode, ['auto', 'required'])
  if (!choice.tools?.length) {
    const message =
      "Invalid 'tool_choice.tools': empty array. Expected an array with minimum length 1, but got an empty array instead."
    throw new ApiError(message, { param: 'tool_choice.tools', code: 'empty_array' })
  }
  for (const { type, name } of choice.tools) if (!isHosted(type)) known(name, tools)
  return undefined
}

function known(name: string | undefined, tools: readonly FunctionTool[]): void {
  if (tools.some((tool) => tool.name === name)) return
  throw new ApiError(`Tool choice '${name}' not found in 'tools' parameter.`, { param: 'tool_choice' })
}
