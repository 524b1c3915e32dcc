import type { InputPart, Item, RefusalItem, UserItem } from '@reprise/core'
import type { ResponseInputContent, ResponseInputItem } from 'openai/resources/responses/responses'
import { sentName } from '../ask/sent-name.ts'

const known = new WeakMap<Item, ResponseInputItem | null>()

/**
 * A conversation as the Responses API reads it; each item is converted once.
 *
 * @param model that reads it: thoughts of another one stay away, since only their own model can read them.
 */
export function toInput(items: readonly Item[], model: string): ResponseInputItem[] {
  const input: ResponseInputItem[] = []
  const refused = new Map<string, number>()
  for (const item of items) {
    if (item.kind === 'reasoning' && item.from !== undefined && item.from !== model) continue
    if (item.kind === 'refusal') {
      const before = refused.get(item.text) ?? 0
      refused.set(item.text, before + 1)
      input.push(refusal(item.text, before))
      continue
    }
    let converted = known.get(item)
    if (converted === undefined) known.set(item, (converted = convert(item)))
    if (converted) input.push(converted)
  }
  return input
}

/** Null where the service has no use for the item. */
function convert(item: Exclude<Item, RefusalItem>): ResponseInputItem | null {
  switch (item.kind) {
    case 'user':
      return { type: 'message', role: 'user', content: content(item) }
    case 'assistant':
      return { type: 'message', role: 'assistant', content: item.text, ...(item.phase && { phase: item.phase }) }
    case 'call':
      return { type: 'function_call', call_id: item.callId, name: sentName(item.name), arguments: item.arguments }
    case 'result':
      return {
        type: 'function_call_output',
        call_id: item.callId,
        output: item.parts ? [{ type: 'input_text', text: item.output }, ...item.parts.map(toContent)] : item.output,
      }
    case 'reasoning': {
      const { id, text, encrypted } = item
      // Without the thoughts themselves an id is all that is left, and nothing is kept under it at the service.
      if (id === undefined || encrypted === undefined) return null
      const summary = text === '' ? [] : [{ type: 'summary_text', text } as const]
      return { type: 'reasoning', id, summary, encrypted_content: encrypted }
    }
    case 'hosted':
      // As it came.
      return item.item as unknown as ResponseInputItem
    default:
      return item satisfies never
  }
}

function content({ text, parts }: UserItem): string | ResponseInputContent[] {
  if (!parts) return text
  const words: ResponseInputContent[] = text === '' ? [] : [{ type: 'input_text', text }]
  return [...words, ...parts.map(toContent)]
}

function toContent(part: InputPart): ResponseInputContent {
  switch (part.kind) {
    case 'text':
      return { type: 'input_text', text: part.text }
    case 'image':
      return {
        type: 'input_image',
        detail: part.detail ?? 'auto',
        ...(part.url === undefined ? { file_id: part.fileId } : { image_url: part.url }),
      }
    case 'file': {
      const name = part.name === undefined ? {} : { filename: part.name }
      if (part.url === undefined) return { type: 'input_file', file_id: part.fileId }
      return part.url.startsWith('data:')
        ? { type: 'input_file', file_data: part.url, ...name }
        : { type: 'input_file', file_url: part.url }
    }
    default:
      return part satisfies never
  }
}

/**
 * A refusal goes back only as an output message, and that must have an id: one that follows from its words, and from how
 * often they were said before, since no id may come twice.
 */
function refusal(text: string, before: number): ResponseInputItem {
  // Loaded here, since few programs come to it and it takes long.
  const { hash } = process.getBuiltinModule('node:crypto')
  const id = `msg_${hash('sha256', before === 0 ? text : `${text} ${before}`).slice(0, 48)}`
  return { type: 'message', id, role: 'assistant', status: 'completed', content: [{ type: 'refusal', refusal: text }] }
}
