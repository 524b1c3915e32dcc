import type { Fields } from '../read/json.ts'

/**
 * Puts attributes with numbers in their names together, as `gen_ai.prompt.0.role`: to a list of what stands below a name.
 *
 * @param prefix with its dot at the end.
 */
export function numbered(attributes: Fields, prefix: string): readonly Fields[] {
  const found = new Map<number, Record<string, unknown>>()
  for (const [key, value] of Object.entries(attributes)) {
    if (!key.startsWith(prefix)) continue
    const [, index, rest] = /^(\d+)\.(.+)$/.exec(key.slice(prefix.length)) ?? []
    if (index === undefined || rest === undefined) continue
    const at = Number(index)
    const fields = found.get(at) ?? {}
    fields[rest] = value
    found.set(at, fields)
  }
  return [...found].toSorted(([one], [other]) => one - other).map(([, fields]) => fields)
}
