import { RecentMap } from '../memory/recent-map.ts'
import type { Parameters } from './call.ts'

/** In characters of JSON: beyond what one conversation has. */
const SIZE = 2_000_000

/**
 * Makes equal items and messages of all requests one object, so that a long conversation, sent again in each turn, is kept and
 * counted once. What was not sent for long is forgotten.
 */
export function interner(): (body: Parameters) => Parameters {
  const known = new RecentMap<string, unknown>(SIZE, (key) => key.length)
  return (body) => {
    const { input, messages } = body
    if (Array.isArray(input)) return { ...body, input: input.map(intern) }
    return Array.isArray(messages) ? { ...body, messages: messages.map(intern) } : body
  }

  function intern(item: unknown): unknown {
    const key = JSON.stringify(item)
    const found = known.get(key)
    if (found !== undefined) return found
    known.set(key, item)
    return item
  }
}
