// OpenInference: the request and the answer as JSON, and the messages of both as attributes.
import { type Fields, isFields, parsed } from '../read/json.ts'
import { ChatReader, chatSaid } from '../say/chat.ts'
import { exchangeOfApi, isRequest } from '../say/openai.ts'
import { toolsSaid } from '../say/tools.ts'
import { numbered } from './numbered.ts'
import type { OfSpan } from './of-span.ts'
import type { OtlpSpan } from './otlp.ts'

const HIDDEN = '__REDACTED__'

export function ofOpenInference({ attributes }: OtlpSpan): OfSpan | undefined {
  const input = parsed(attributes['input.value'])
  const output = parsed(attributes['output.value'])
  const tools = numbered(attributes, 'llm.tools.').map((tool) => parsed(tool['tool.json_schema']))
  if (isFields(input) && isRequest(input)) {
    const { reply, ...read } = exchangeOfApi({ tools, ...input }, isFields(output) ? output : {})
    const said = reply ?? flatReply(attributes)
    return { ...read, ...(said && { reply: said }) }
  }
  const messages = numbered(attributes, 'llm.input_messages.')
  if (!messages.some((message) => message['message.content'] !== HIDDEN && isSaid(message))) return undefined
  const { instructions, items } = chatSaid(messages.map(messageOf))
  const said = flatReply(attributes)
  return {
    asked: { instructions, tools: toolsSaid(tools).tools },
    request: items,
    notes: [],
    ...(said && { reply: said }),
  }
}

function isSaid(message: Fields): boolean {
  return Object.keys(message).some((key) => key.startsWith('message.content'))
}

/** Of a reply that was streamed there is no answer as JSON. */
function flatReply(attributes: Fields): OfSpan['reply'] {
  const [message] = numbered(attributes, 'llm.output_messages.')
  return message && { items: new ChatReader().reply(messageOf(message)) }
}

function messageOf(fields: Fields): Fields {
  const calls = numbered(fields, 'message.tool_calls.').map((call) => ({
    id: call['tool_call.id'],
    name: call['tool_call.function.name'],
    arguments: call['tool_call.function.arguments'],
  }))
  const parts = numbered(fields, 'message.contents.').map(partOf)
  return {
    role: fields['message.role'],
    content: parts.length > 0 ? parts : fields['message.content'],
    tool_call_id: fields['message.tool_call_id'],
    ...(calls.length > 0 && { tool_calls: calls }),
  }
}

function partOf(part: Fields): Fields {
  const url = part['message_content.image.image.url']
  return url === undefined
    ? { type: 'text', text: part['message_content.text'] }
    : { type: 'image_url', image_url: { url } }
}
