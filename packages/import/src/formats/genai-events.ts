// Events for each message: `gen_ai.user.message` and its like, of a span or among the logs, up to version 1.36 of the
// conventions; and the two events of before those, which have all messages as one text.
import { type Fields, fieldsOf, isFields, listOf, parsed } from '../read/json.ts'
import { chatSaid } from '../say/chat.ts'
import { finishSaid } from '../say/usage.ts'
import type { OfSpan } from './of-span.ts'
import type { OtlpEvent, OtlpSpan } from './otlp.ts'

export function ofEvents(_span: OtlpSpan, events: readonly OtlpEvent[]): OfSpan | undefined {
  const prompt = events.find(({ name }) => name === 'gen_ai.content.prompt')
  const messages = prompt ? listOf(parsed(prompt.attributes['gen_ai.prompt'])) : events.flatMap(messageOf)
  if (!messages.some(isSaid)) return undefined
  const { instructions, items, reader } = chatSaid(messages)
  const choice = choiceOf(events)
  return {
    asked: { instructions },
    request: items,
    notes: [],
    ...(choice && { reply: { items: reader.reply(choice.message), ...finishSaid(choice.reason) } }),
  }
}

const ROLES: Readonly<Record<string, string>> = {
  'gen_ai.system.message': 'system',
  'gen_ai.user.message': 'user',
  'gen_ai.assistant.message': 'assistant',
  'gen_ai.tool.message': 'tool',
}

/** The events stand there without their contents, where these are not captured. */
function isSaid({ content, tool_calls: calls }: Fields): boolean {
  return content !== undefined || calls !== undefined
}

function messageOf(event: OtlpEvent): readonly Fields[] {
  const role = ROLES[event.name]
  if (role === undefined) return []
  const body = bodyOf(event)
  return [{ role, tool_call_id: body['id'], ...body }]
}

function bodyOf({ body, attributes }: OtlpEvent): Fields {
  const content = parsed(body ?? attributes['gen_ai.event.content'])
  return isFields(content) ? content : attributes
}

function choiceOf(events: readonly OtlpEvent[]): { readonly message: Fields; readonly reason: unknown } | undefined {
  const [completion] = listOf(
    parsed(events.find(({ name }) => name === 'gen_ai.content.completion')?.attributes['gen_ai.completion']),
  )
  if (completion) return { message: completion, reason: completion['finish_reason'] }
  const choice = events.find(({ name }) => name === 'gen_ai.choice')
  if (!choice) return undefined
  const body = bodyOf(choice)
  const message = fieldsOf(parsed(body['message']))
  // Calls stand in the message, or beside it.
  return {
    message: { ...message, tool_calls: message['tool_calls'] ?? body['tool_calls'] },
    reason: body['finish_reason'],
  }
}
