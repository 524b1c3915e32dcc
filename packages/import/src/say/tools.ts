import type { JsonSchema, OutputCard, ToolCard } from '@reprise/core'
import { type Fields, fieldsOf, isFields, listOf, textOf } from '../read/json.ts'

/** The tools that a model was given, and what of them cannot be taken. */
export interface SaidTools {
  readonly tools: readonly ToolCard[]
  readonly notes: readonly string[]
}

/** Reads tools of Chat Completions, of Responses and the functions of old. */
export function toolsSaid(given: unknown): SaidTools {
  const tools: ToolCard[] = []
  const notes: string[] = []
  for (const tool of listOf(given)) {
    const { type, function: inner } = tool
    const { name, description, parameters } = isFields(inner) ? inner : tool
    const isFunction = type === undefined || type === 'function'
    if (isFunction && typeof name === 'string')
      tools.push({ name, description: textOf(description) ?? '', parameters: schemaOf(parameters) })
    else notes.push(`the tool ${JSON.stringify(name ?? type)} of the service, which a run is given as \`hosted\``)
  }
  return { tools, notes }
}

/** A tool of which only the name is known. */
export function bareTool(name: string): ToolCard {
  return { name, description: '', parameters: schemaOf(undefined) }
}

/** The schema as it was sent; one that takes any object where there was none. */
function schemaOf(parameters: unknown): JsonSchema {
  return isFields(parameters) ? parameters : { type: 'object', properties: {} }
}

/** The shape that an answer was to have: `response_format` of Chat, `text.format` of Responses. */
export function outputSaid({ response_format: chat, text }: Fields): OutputCard | null {
  const format = fieldsOf(chat ?? fieldsOf(text)['format'])
  if (format['type'] !== 'json_schema') return null
  const { name, schema } = isFields(format['json_schema']) ? format['json_schema'] : format
  return isFields(schema) ? { name: textOf(name) ?? 'answer', schema } : null
}
