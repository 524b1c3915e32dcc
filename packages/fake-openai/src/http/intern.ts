import { RecentMap } from '../memory/recent-map.ts'
import type { Parameters } from './call.ts'

/** In characters of JSON: beyond what one conversation has. */
const SIZE = 2_000_000

/**
 * Makes equal items, messages and lists of tools of all requests one object, so that what is sent again in each turn is
 * kept, checked and counted once. What was not sent for long is forgotten.
 */
export function interner(): (body: Parameters) => Parameters {
  const known = new RecentMap<string, unknown>(SIZE, (key) => key.length)
  return (body) => {
    const { input, messages, tools } = body
    return {
      ...body,
      ...(Array.isArray(input) && { input: input.map(intern) }),
      ...(Array.isArray(messages) && { messages: messages.map(intern) }),
      ...(Array.isArray(tools) && { tools: intern(tools) }),
    }
  }

  function intern(item: unknown): unknown {
    const key = JSON.stringify(item)
    const found = known.get(key)
    if (found !== undefined) return found
    known.set(key, item)
    return item
  }
}
