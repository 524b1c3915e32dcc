import type { ContentPart, FunctionTool, InputItem, ResponsesBody, TextFormat, ToolChoice } from '../responses/body.ts'
import type { ChatBody, ChatMessage, ChatPart, ChatTool, ChatToolChoice } from './body.ts'

/** A request of Chat Completions in the words of the Responses API, which scripts and the counting understand. */
export function translate(chat: ChatBody): ResponsesBody {
  const { messages, tools, tool_choice: choice, response_format: format, ...rest } = chat
  const { max_completion_tokens: maxTokens = rest.max_tokens, reasoning_effort: effort, ...same } = rest
  const { max_tokens: _, stream_options: _options, ...body } = same
  return {
    ...body,
    input: messages.flatMap(itemsOf),
    ...(tools?.length && { tools: tools.map(translateTool) }),
    ...(choice !== undefined && choice !== null && { tool_choice: translateChoice(choice) }),
    ...(format && { text: { format: translateFormat(format) } }),
    ...(maxTokens === undefined ? {} : { max_output_tokens: maxTokens }),
    ...(effort === undefined ? {} : { reasoning: { effort } }),
  }
}

const known = new WeakMap<ChatMessage, readonly InputItem[]>()

/** A message is translated once, however many requests carry it. */
function itemsOf(message: ChatMessage): readonly InputItem[] {
  let items = known.get(message)
  if (!items) known.set(message, (items = translateMessage(message)))
  return items
}

function translateMessage({
  role,
  content,
  refusal,
  tool_calls: calls = [],
  tool_call_id: id,
}: ChatMessage): InputItem[] {
  const said = typeof content === 'string' ? content : (content ?? []).map((part) => translatePart(part, role))
  if (role === 'tool') return [{ type: 'function_call_output', call_id: id ?? '', output: said }]
  const words = said.length > 0 || role !== 'assistant' ? [{ type: 'message', role, content: said } as const] : []
  const refused = refusal
    ? [{ type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal }] } as const]
    : []
  const made = calls.map((call) => ({ type: 'function_call', call_id: call.id, ...call.function }) as const)
  return [...words, ...refused, ...made]
}

function translatePart({ type, text = '', refusal, image_url: image }: ChatPart, role: string): ContentPart {
  if (type === 'image_url' && image) {
    return { type: 'input_image', image_url: image.url, ...(image.detail && { detail: image.detail }) }
  }
  if (refusal !== undefined) return { type: 'refusal', refusal }
  if (type !== 'text') return { type: 'input_file' }
  return { type: role === 'assistant' ? 'output_text' : 'input_text', text }
}

function translateTool({ function: described }: ChatTool): FunctionTool {
  return { type: 'function', name: '', ...described }
}

function translateChoice(choice: ChatToolChoice): ToolChoice {
  if (typeof choice === 'string') return choice
  const { type, function: named, allowed_tools: allowed } = choice
  if (!allowed) return { type, ...(named && { name: named.name }) }
  return { type, mode: allowed.mode, tools: allowed.tools.map((tool) => ({ type: tool.type, ...tool.function })) }
}

function translateFormat({ type, json_schema: schema }: NonNullable<ChatBody['response_format']>): TextFormat {
  return { type, ...schema }
}
