import { missing, wrongType, wrongValue } from '../http/api-error.ts'
import { own } from '../script/own.ts'
import { type Check, emptyArray, fields, flag, functionName, listOf, objectAt, oneOf, text } from '../checks/checks.ts'

/** What each kind of part must have. */
const parts: Readonly<Record<string, Check>> = {
  text: fields({ text }, 'text'),
  image_url: fields(
    { image_url: fields({ url: text, detail: oneOf('auto', 'low', 'high', 'original') }, 'url') },
    'image_url',
  ),
  input_audio: fields({ input_audio: objectAt }, 'input_audio'),
  refusal: fields({ refusal: text }, 'refusal'),
  audio: objectAt,
  file: fields({ file: objectAt }, 'file'),
}

/** The parts of a message's content. */
export const contentParts: Check = (content, at) => {
  if (!Array.isArray(content)) throw wrongType(at, 'one of a string or array of objects', content)
  if (content.length === 0) throw emptyArray(at)
  for (const [index, part] of content.entries()) {
    const place = `${at}[${index}]`
    fields({ type: text }, 'type')(part, place)
    const type = objectAt(part, place)['type'] as string
    const check = own(parts, type)
    if (!check) throw wrongValue(`${place}.type`, type, Object.keys(parts))
    check(part, place)
  }
}

/** The calls that a message of the model makes. */
export const toolCalls: Check = listOf(
  (call, at) => {
    fields({ id: text, type: oneOf('function', 'custom') }, 'id', 'type')(call, at)
    const isCustom = objectAt(call, at)['type'] === 'custom'
    if (isCustom) fields({ custom: fields({ name: text, input: text }, 'name', 'input') }, 'custom')(call, at)
    else
      fields({ function: fields({ name: functionName, arguments: text }, 'name', 'arguments') }, 'function')(call, at)
  },
  { min: 1 },
)

const named = fields({ name: text }, 'name')

/** A choice among the tools. */
export const toolChoice: Check = (choice, at) => {
  if (typeof choice === 'string') return
  if (typeof choice !== 'object' || Array.isArray(choice)) throw wrongType(at, 'one of a string or an object', choice)
  fields({ type: oneOf('function', 'allowed_tools', 'custom') }, 'type')(choice, at)
  const { type } = objectAt(choice, at)
  if (type === 'function' || type === 'custom') fields({ [type]: named }, type)(choice, at)
  if (type === 'allowed_tools')
    fields({ allowed_tools: fields({ tools: listOf(allowed) }, 'mode', 'tools') }, 'allowed_tools')(choice, at)
}

function allowed(tool: unknown, at: string): void {
  fields({ type: text, function: named, custom: named }, 'type')(tool, at)
}

/** The format of an answer: what it describes is checked once it is in the words of the Responses API. */
export const responseFormat: Check = (format, at) => {
  fields({ type: oneOf('text', 'json_object', 'json_schema'), json_schema: objectAt }, 'type')(format, at)
  const { type, json_schema: schema } = objectAt(format, at)
  if (type === 'json_schema' && schema === undefined) throw missing(`${at}.json_schema`)
}

const grammar = fields({ syntax: oneOf('lark', 'regex'), definition: text }, 'syntax', 'definition')
const customFormat: Check = (format, at) => {
  fields({ type: oneOf('text', 'grammar'), grammar }, 'type')(format, at)
  const { type, grammar: given } = objectAt(format, at)
  if (type === 'grammar' && given === undefined) throw missing(`${at}.grammar`)
}
const custom = fields({ name: text, description: text, format: customFormat }, 'name')

/** A tool of a request; what a function is like is checked once it is in the words of the Responses API. */
export const chatTool: Check = (tool, at) => {
  fields({ type: oneOf('function', 'custom') }, 'type')(tool, at)
  if (objectAt(tool, at)['type'] === 'custom') fields({ custom }, 'custom')(tool, at)
  else fields({ function: objectAt }, 'function')(tool, at)
}

/** What a stream has besides. */
export const streamOptions: Check = fields({ include_usage: flag, include_obfuscation: flag })
