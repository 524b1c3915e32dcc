import type { JsonSchema, OutputCard, ToolCard } from '@reprise/core'

/** The tools as the model reads them: the service writes them as TypeScript, before all words. */
export function toolText(tools: readonly ToolCard[]): string {
  const functions = tools.map(({ name, description, parameters }) => {
    const members = membersText(parameters, '')
    return `${comment([description], '')}type ${name} = (${members && `_: {\n${members}}`}) => any;\n\n`
  })
  return `## functions\n\nnamespace functions {\n\n${functions.join('')}} // namespace functions`
}

/** The shape of the answer as the model reads it: its schema, without what strict mode says of every object. */
export function outputText({ name, schema }: OutputCard): string {
  const said = (key: string, value: unknown) =>
    key === 'required' || key === 'additionalProperties' ? undefined : value
  return `# Response Formats\n\n## ${name}\n\n${JSON.stringify(schema, said)}`
}

function membersText({ properties = {}, required = [] }: JsonSchema, indent: string): string {
  return Object.entries(properties)
    .map(([name, schema]) => {
      const optional = required.includes(name) ? '' : '?'
      return `${comment([schema.title, schema.description], indent)}${indent}${name}${optional}: ${typeText(schema, indent)},\n`
    })
    .join('')
}

function typeText(schema: JsonSchema, indent: string): string {
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.anyOf) return schema.anyOf.map((option) => typeText(option, indent)).join(' | ')
  if (schema.$ref !== undefined) return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
  return [schema.type ?? 'any']
    .flat()
    .map((type) => {
      if (type === 'object') return `{\n${membersText(schema, `${indent}  `)}${indent}}`
      if (type === 'array') return `${typeText(schema.items ?? {}, indent)}[]`
      return type === 'integer' ? 'number' : type
    })
    .join(' | ')
}

/** What is said about a type, a line each, with an empty one between the title and the description. */
function comment(said: readonly (string | undefined)[], indent: string): string {
  const texts = said.filter((text) => text !== undefined && text !== '')
  const lines = texts.join('\n\n').split('\n')
  return texts.length === 0 ? '' : lines.map((line) => `${indent}//${line && ` ${line}`}\n`).join('')
}
