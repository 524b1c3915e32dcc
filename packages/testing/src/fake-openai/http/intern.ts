import type { Parameters } from '../validate/validate.ts'

/**
 * Makes equal input items of all requests one object, so that a long conversation, sent again in each turn, is kept and
 * counted once.
 */
export function interner(): (body: Parameters) => Parameters {
  const known = new Map<string, unknown>()
  return (body) => {
    const { input } = body
    return Array.isArray(input) ? { ...body, input: input.map(intern) } : body
  }

  function intern(item: unknown): unknown {
    const key = JSON.stringify(item)
    if (!known.has(key)) known.set(key, item)
    return known.get(key)
  }
}
