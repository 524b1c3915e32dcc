import type { Parameters } from './call.ts'

/**
 * Makes equal items and messages of all requests one object, so that a long conversation, sent again in each turn, is kept and
 * counted once.
 */
export function interner(): (body: Parameters) => Parameters {
  const known = new Map<string, unknown>()
  return (body) => {
    const { input, messages } = body
    if (Array.isArray(input)) return { ...body, input: input.map(intern) }
    return Array.isArray(messages) ? { ...body, messages: messages.map(intern) } : body
  }

  function intern(item: unknown): unknown {
    const key = JSON.stringify(item)
    if (!known.has(key)) known.set(key, item)
    return known.get(key)
  }
}
