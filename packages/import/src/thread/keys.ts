import { parsed } from '../read/json.ts'
import type { Said } from '../say/exchange.ts'

/**
 * What an item is known by when one exchange is held against another: a recorder may write the same words in another form.
 * Undefined for what many recorders leave out, as what the model thought.
 */
export function keyOf(item: Said): string | undefined {
  switch (item.kind) {
    case 'user':
      return JSON.stringify(['user', item.text, item.parts ?? []])
    case 'assistant':
    case 'refusal':
      return item.text === '' ? undefined : JSON.stringify([item.kind, item.text])
    case 'call':
      // Some read the arguments, and write them anew.
      return JSON.stringify(['call', item.callId, item.name, parsed(item.arguments) ?? item.arguments])
    case 'result':
      return JSON.stringify(['result', item.callId, item.output])
    case 'hosted':
      return JSON.stringify(['hosted', item.tool, item.item['id'] ?? item.item])
    case 'untaken':
      return JSON.stringify(['untaken', item.what])
    case 'reasoning':
      return undefined
    default:
      return item satisfies never
  }
}
