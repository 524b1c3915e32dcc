import { createHash } from 'node:crypto'
import type { Item } from '@reprise/core'
import type { ResponseInputItem } from 'openai/resources/responses/responses'

const known = new WeakMap<Item, ResponseInputItem>()

/** An item of a conversation as the Responses API reads it; each item is converted once. */
export function toInputItem(item: Item): ResponseInputItem {
  let input = known.get(item)
  if (input === undefined) known.set(item, (input = convert(item)))
  return input
}

function convert(item: Item): ResponseInputItem {
  switch (item.kind) {
    case 'user':
      return { type: 'message', role: 'user', content: item.text }
    case 'assistant':
      return { type: 'message', role: 'assistant', content: item.text }
    case 'refusal':
      return refusal(item.text)
    case 'call':
      return { type: 'function_call', call_id: item.callId, name: item.name, arguments: item.arguments }
    case 'result':
      return { type: 'function_call_output', call_id: item.callId, output: item.output }
    default:
      return item satisfies never
  }
}

/** A refusal goes back only as an output message, and that must have an id: one that follows from its words. */
function refusal(text: string): ResponseInputItem {
  const id = `msg_${createHash('sha256').update(text).digest('hex').slice(0, 48)}`
  return { type: 'message', id, role: 'assistant', status: 'completed', content: [{ type: 'refusal', refusal: text }] }
}
