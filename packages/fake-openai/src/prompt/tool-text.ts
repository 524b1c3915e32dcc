import type { FunctionTool, SchemaNode, TextFormat } from '../script/body.ts'

/**
 * The tools as they stand in the prompt: TypeScript, as the platform writes them.
 * On recorded traffic that lets the model choose its tools, counting this text gives the tokens that were charged.
 */
export function toolText(tools: readonly FunctionTool[]): string {
  return `## functions\n\nnamespace functions {\n\n${tools.map(functionText).join('')}} // namespace functions`
}

/** The format of an answer as it stands in the prompt. */
export function formatText({ name, schema }: TextFormat): string {
  const left = new Set(['$schema', 'required', 'additionalProperties'])
  return `# Response Formats\n\n## ${name}\n\n${JSON.stringify(schema, (key, value: unknown) => (left.has(key) ? undefined : value))}`
}

function functionText({ name, description, parameters }: FunctionTool): string {
  const properties = propertiesText(parameters ?? {}, '')
  const argument = properties === '' ? '' : `_: {\n${properties}}`
  return `${comment(undefined, description, '')}type ${name} = (${argument}) => any;\n\n`
}

function propertiesText({ properties = {}, required = [] }: SchemaNode, indent: string): string {
  return Object.entries(properties)
    .map(([name, property]) => {
      return `${comment(property.title, property.description, indent)}${indent}${name}${required.includes(name) ? '' : '?'}: ${typeText(property, indent)},\n`
    })
    .join('')
}

function typeText(node: SchemaNode, indent: string): string {
  if (node.enum) return node.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (node.const !== undefined) return JSON.stringify(node.const)
  if (node.anyOf) return node.anyOf.map((option) => typeText(option, indent)).join(' | ')
  if (node.$ref) return node.$ref.split('/').at(-1) ?? 'any'
  const types = typeof node.type === 'string' ? [node.type] : (node.type ?? ['any'])
  return types.map((type) => namedText(type, node, indent)).join(' | ')
}

function namedText(type: string, node: SchemaNode, indent: string): string {
  if (type === 'object') return `{\n${propertiesText(node, `${indent}  `)}${indent}}`
  if (type === 'array') return `${typeText(node.items ?? {}, indent)}[]`
  return type === 'integer' ? 'number' : type
}

/** A title and a description stand in comments, with an empty one between them. */
function comment(title: string | undefined, description: string | null | undefined, indent: string): string {
  const lines = [title, title && description ? '' : undefined, ...(description?.split('\n') ?? [])]
  return lines.map((line) => (line === undefined ? '' : `${indent}//${line === '' ? '' : ` ${line}`}\n`)).join('')
}
