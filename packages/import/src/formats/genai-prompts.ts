// `gen_ai.prompt.0.content` and `gen_ai.completion.0.content`: an attribute for each field of each message.
import { type Fields, parsed, textOf } from '../read/json.ts'
import { chatSaid } from '../say/chat.ts'
import { bareTool } from '../say/tools.ts'
import { numbered } from './numbered.ts'
import type { OfSpan } from './of-span.ts'
import type { OtlpSpan } from './otlp.ts'

export function ofPrompts({ attributes }: OtlpSpan): OfSpan | undefined {
  const prompts = numbered(attributes, 'gen_ai.prompt.')
  if (!prompts.some(({ content }) => content !== undefined)) return undefined
  const { instructions, items, reader } = chatSaid(prompts.map(messageOf))
  const [completion] = numbered(attributes, 'gen_ai.completion.')
  const functions = numbered(attributes, 'llm.request.functions.')
  const tools = functions.map(({ name, description, parameters }) => {
    const bare = bareTool(textOf(name) ?? '')
    const schema = parsed(parameters)
    // It is the JSON Schema that was sent.
    const known = typeof schema === 'object' && schema !== null ? (schema as typeof bare.parameters) : bare.parameters
    return { ...bare, description: textOf(description) ?? '', parameters: known }
  })
  return {
    asked: { instructions, tools },
    request: items,
    notes: [],
    ...(completion && { reply: { items: reader.reply(messageOf(completion)) } }),
  }
}

function messageOf(fields: Fields): Fields {
  const { role, content, tool_call_id: id } = fields
  const calls = numbered(fields, 'tool_calls.').map(({ id, name, arguments: text }) => ({ id, name, arguments: text }))
  // Content in parts stands there as JSON.
  const parts = typeof content === 'string' && content.startsWith('[{') ? (parsed(content) ?? content) : content
  return { role: role ?? 'assistant', content: parts, tool_call_id: id, ...(calls.length > 0 && { tool_calls: calls }) }
}
