import type { ReplyItem } from '@reprise/core'
import type { Untaken } from '../say/exchange.ts'

/** Two objects of JSON, one right after the other. */
const TWO_OBJECTS = /\}\s*\{/

/** Tells whether a reply has several calls written into one, as recorders do that put streamed pieces together without regard to their index. */
export function isGarbled(items: readonly (ReplyItem | Untaken)[]): boolean {
  return items.some((item) => item.kind === 'call' && TWO_OBJECTS.test(item.arguments) && !isJson(item.arguments))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
