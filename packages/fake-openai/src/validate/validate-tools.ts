import { ApiError, missing, tooLong, wrongType, wrongValue } from '../http/api-error.ts'
import {
  type FunctionTool,
  type HostedTool,
  hostedToolTypes,
  type SchemaNode,
  type TextFormat,
  type ToolChoice,
} from '../script/body.ts'
import { checkAll, emptyArray, fields, flag, functionName, objectAt, oneOf, orNull, text } from '../checks/checks.ts'
import { hostedTools } from './hosted.ts'
import { shapeComplaint } from './schema-shape.ts'
import { strictComplaint } from './validate-schema.ts'

const MAX_NAME = 64

/** Lists of tools that were found right: a list that is sent again in each turn is one object, and is checked once. */
const right = new WeakSet<readonly FunctionTool[]>()

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
  if (!right.has(given)) for (const [index, tool] of given.entries()) validateTool(tool, `tools[${index}]`, inside)
  right.add(given)
  if (choice !== undefined && choice !== null) validateChoice(choice as ToolChoice, given)
}

/**
 * Checks the format that an answer is asked to have.
 *
 * @param at where it stands in the request.
 * @throws ApiError with the platform's complaint.
 */
export function validateFormat(format: unknown, at = 'text.format'): void {
  const { type, name, schema, strict } = objectAt(format, at) as Partial<TextFormat>
  if (type === undefined) throw missing(`${at}.type`)
  oneOf('text', 'json_object', 'json_schema')(type, `${at}.type`)
  if (type !== 'json_schema') return
  if (name === undefined) throw missing(`${at}.name`)
  if (schema === undefined) throw missing(`${at}.schema`)
  validateName(name, `${at}.name`)
  checkAll({ strict }, { strict: orNull(flag) }, `${at}.`)
  validateSchema(schema, `response_format '${name}'`, `${at}.schema`, 'invalid_json_schema', strict)
}

function validateTool(given: unknown, element: string, inside: string): void {
  const tool = objectAt(given, element)
  const { type } = tool
  if (type === undefined) throw missing(`${element}.type`)
  text(type, `${element}.type`)
  // Chat Completions has checked its custom tools already.
  if (inside !== '' && type === 'custom') return
  if (inside === '' && isHosted(type as string)) return hostedTools[type as HostedTool['type']](tool, element)
  if (type !== 'function') throw wrongValue(`${element}.type`, type as string, ['function', ...hostedToolTypes])
  const at = `${element}${inside}`
  const { name, parameters, strict } = tool
  if (name === undefined) throw missing(`${at}.name`)
  const named = validateName(name, `${at}.name`)
  checkAll(tool, { description: orNull(text), strict: orNull(flag) }, `${at}.`)
  if (parameters === undefined || parameters === null) return
  // Strict unless told otherwise: then the platform mends what it can, and the fake lets it be.
  const what = `function '${named}'`
  validateSchema(parameters, what, `${at}.parameters`, 'invalid_function_parameters', strict)
}

function isHosted(type: string): boolean {
  return hostedToolTypes.some((hosted) => hosted === type)
}

function validateSchema(schema: unknown, what: string, param: string, code: string, strict: unknown): void {
  const node = objectAt(schema, param) as SchemaNode
  const complaint = shapeComplaint(node) ?? (strict === true ? strictComplaint(node) : undefined)
  if (complaint !== undefined) throw new ApiError(`Invalid schema for ${what}: ${complaint}`, { param, code })
}

function validateName(given: unknown, param: string): string {
  functionName(given, param)
  const name = given as string
  tooLong(name, MAX_NAME, param)
  return name
}

function validateChoice(choice: ToolChoice, tools: readonly FunctionTool[]): void {
  if (typeof choice === 'string') oneOf('none', 'auto', 'required')(choice, 'tool_choice')
  else if (typeof choice !== 'object' || Array.isArray(choice))
    throw wrongType('tool_choice', 'one of a string or an object', choice)
  if (tools.length === 0 && choice !== 'none' && choice !== 'auto') {
    const message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
    throw new ApiError(message, { param: 'tool_choice' })
  }
  if (typeof choice === 'string') return
  fields({ type: text }, 'type')(choice, 'tool_choice')
  if (isNamed(choice.type)) return named(choice, tools, 'tool_choice')
  if (kindOf(choice.type) !== undefined) return knownKind(choice.type, tools)
  if (choice.type !== 'allowed_tools') throw wrongValue('tool_choice.type', choice.type, ['function', 'allowed_tools'])
  fields({ mode: oneOf('auto', 'required') }, 'mode')(choice, 'tool_choice')
  validateAllowed(choice.tools, tools)
}

function validateAllowed(allowed: unknown, tools: readonly FunctionTool[]): void {
  if (allowed === undefined || (Array.isArray(allowed) && allowed.length === 0)) throw emptyArray('tool_choice.tools')
  if (!Array.isArray(allowed)) throw wrongType('tool_choice.tools', 'an array of objects', allowed)
  for (const [index, tool] of (allowed as readonly FunctionTool[]).entries()) {
    const at = `tool_choice.tools[${index}]`
    fields({ type: text }, 'type')(tool, at)
    if (isNamed(tool.type)) named(tool, tools, at)
    else if (!isHosted(tool.type) || tool.name !== undefined) known(tool, tools)
  }
}

/** A hosted tool may be chosen by a name that it has with a date, as a preview or without either. */
function kindOf(type: string): string | undefined {
  const kind = type.replace(/(_use)?(_preview)?(_\d{4}_\d\d_\d\d)?$/, '')
  return isHosted(kind) ? kind : undefined
}

function knownKind(type: string, tools: readonly FunctionTool[]): void {
  if (tools.some((tool) => kindOf(tool.type) === kindOf(type))) return
  throw new ApiError(`Tool choice '${type}' not found in 'tools' parameter.`, { param: 'tool_choice' })
}

/** Whether tools of a type are chosen by their own names. */
function isNamed(type: string): boolean {
  return type === 'function' || type === 'custom'
}

/** A tool as it is chosen. */
interface Chosen {
  readonly type: string
  readonly name?: string
}

function named(chosen: Chosen, tools: readonly Chosen[], at: string): void {
  fields({ name: text }, 'name')(chosen, at)
  known(chosen, tools)
}

function known({ type, name }: Chosen, tools: readonly Chosen[]): void {
  if (tools.some((tool) => tool.type === type && tool.name === name)) return
  throw new ApiError(`Tool choice '${name}' not found in 'tools' parameter.`, { param: 'tool_choice' })
}
