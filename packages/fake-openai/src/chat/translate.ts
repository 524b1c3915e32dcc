import type {
  ContentPart,
  FunctionTool,
  HostedTool,
  InputItem,
  ResponsesBody,
  TextFormat,
  ToolChoice,
} from '../script/body.ts'
import type { ChatBody, ChatCall, ChatCustomTool, ChatMessage, ChatPart, ChatTool, ChatToolChoice } from './body.ts'

/** A request of Chat Completions in the words of the Responses API, which scripts and the counting understand. */
export function translate(chat: ChatBody): ResponsesBody {
  const { messages, tools, tool_choice: choice, response_format: format, ...rest } = chat
  const { max_completion_tokens: maxTokens = rest.max_tokens, reasoning_effort: effort, ...same } = rest
  const { max_tokens: _, stream_options: _options, ...body } = same
  const functions = (tools ?? []).filter(({ type }) => type !== 'custom').map(translateTool)
  const custom = (tools ?? []).flatMap((tool) => (tool.custom ? [translateCustom(tool.custom)] : []))
  return {
    ...body,
    input: itemsOf(messages),
    ...(functions.length > 0 && { tools: functions }),
    ...(custom.length > 0 && { hosted_tools: custom }),
    ...(choice !== undefined && choice !== null && { tool_choice: translateChoice(choice) }),
    ...(format && { text: { format: translateFormat(format) } }),
    ...(maxTokens === undefined ? {} : { max_output_tokens: maxTokens }),
    ...(effort === undefined ? {} : { reasoning: { effort } }),
  }
}

const known = new WeakMap<ChatMessage, readonly InputItem[]>()

function itemsOf(messages: readonly ChatMessage[]): readonly InputItem[] {
  const calls = messages.flatMap(({ tool_calls: made }) => made ?? [])
  const custom = new Set(calls.flatMap(({ id, type }) => (type === 'custom' ? [id] : [])))
  return messages.flatMap(translated).map((item) => {
    // What its message does not say: it is an answer to a custom call.
    const isCustom = item.type === 'function_call_output' && custom.has(item.call_id)
    return isCustom ? { ...item, type: 'custom_tool_call_output' } : item
  })
}

/** A message is translated once, however many requests carry it. */
function translated(message: ChatMessage): readonly InputItem[] {
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
  return [...words, ...refused, ...calls.map(translateCall)]
}

function translateCall({ id, custom, function: called }: ChatCall): InputItem {
  if (custom) return { type: 'custom_tool_call', call_id: id, ...custom }
  return { type: 'function_call', call_id: id, name: '', arguments: '', ...called }
}

function translatePart({ type, text = '', refusal, image_url: image, file }: ChatPart, role: string): ContentPart {
  if (type === 'image_url' && image) {
    return { type: 'input_image', image_url: image.url, ...(image.detail && { detail: image.detail }) }
  }
  if (refusal !== undefined) return { type: 'refusal', refusal }
  if (type !== 'text') return { type: 'input_file', ...file }
  return { type: role === 'assistant' ? 'output_text' : 'input_text', text }
}

function translateTool({ function: described }: ChatTool): FunctionTool {
  return { type: 'function', name: '', ...described }
}

/** Here a grammar stands a level deeper. */
function translateCustom({ format, ...tool }: ChatCustomTool): HostedTool & object {
  return { type: 'custom', ...tool, ...(format && { format: { type: format.type, ...format.grammar } }) }
}

function translateChoice(choice: ChatToolChoice): ToolChoice {
  if (typeof choice === 'string') return choice
  const { type, function: named, custom, allowed_tools: allowed } = choice
  if (!allowed) return { type, ...named, ...custom }
  const tools = allowed.tools.map((tool) => ({ type: tool.type, ...tool.function, ...tool.custom }))
  return { type, mode: allowed.mode, tools }
}

function translateFormat({ type, json_schema: schema }: NonNullable<ChatBody['response_format']>): TextFormat {
  return { type, ...schema }
}
