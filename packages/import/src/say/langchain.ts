// Messages as LangChain writes them down, in several forms, as messages of Chat Completions.
import { type Fields, fieldsOf, isFields, listOf, saidAsText, textOf } from '../read/json.ts'

const ROLES: Readonly<Record<string, string>> = {
  human: 'user',
  user: 'user',
  ai: 'assistant',
  assistant: 'assistant',
  system: 'system',
  developer: 'developer',
  tool: 'tool',
  function: 'function',
}

/** Gives a message of LangChain as one of Chat; one that is of Chat as it is. */
export function chatOf(message: Fields): Fields {
  if (typeof message['role'] === 'string' && message['lc'] === undefined) {
    return { ...message, role: ROLES[message['role']] ?? message['role'] }
  }
  const { kind, fields } = opened(message)
  const { content, tool_call_id: id, status, name } = fields
  return { role: ROLES[kind] ?? kind, content: contentOf(content), tool_call_id: id, status, name, ...callsOf(fields) }
}

/** A message's kind, and its fields: they stand in `kwargs`, in `data`, or in itself. */
function opened(message: Fields): { readonly kind: string; readonly fields: Fields } {
  const { lc, id, kwargs, data, type } = message
  if (lc !== undefined && Array.isArray(id)) {
    const fields = fieldsOf(kwargs)
    const name = String(id.at(-1)).replace(/(?:Message)?(?:Chunk)?$/, '')
    // Whoever has a role of its own says which.
    const kind = name === 'Chat' ? textOf(fields['role']) : name.toLowerCase()
    return { kind: kind ?? '', fields }
  }
  return {
    kind: (textOf(type) ?? '').replace(/MessageChunk$/, '').toLowerCase(),
    fields: isFields(data) ? data : message,
  }
}

/** Calls stand among the words too, as other services have them: there they are left out. */
const NO_WORDS = new Set(['tool_use', 'tool_call', 'function_call', 'thinking', 'reasoning', 'redacted_thinking'])

function contentOf(content: unknown): unknown {
  return Array.isArray(content) ? listOf(content).filter(({ type }) => !NO_WORDS.has(String(type))) : content
}

/** The text of the arguments, as the service gave it, where it was kept; else what LangChain has read in it. */
function callsOf({
  tool_calls: read,
  invalid_tool_calls: invalid,
  additional_kwargs: more,
  response_metadata: response,
}: Fields): Fields {
  const { tool_calls: written, function_call: old } = fieldsOf(more)
  const calls = [...listOf(read), ...listOf(invalid)]
  const texts = new Map([
    ...listOf(written).map(({ id, function: called }) => [id, fieldsOf(called)['arguments']] as const),
    ...listOf(fieldsOf(response)['output']).map(({ call_id: id, arguments: text }) => [id, text] as const),
  ])
  if (calls.length === 0 && isFields(old)) return { function_call: old }
  if (calls.length === 0) return { tool_calls: written }
  return {
    tool_calls: calls.map(({ id, name, args }) => ({
      id,
      type: 'function',
      function: { name, arguments: textOf(texts.get(id)) ?? saidAsText(args) },
    })),
  }
}
