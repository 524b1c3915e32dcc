// Writes a value as a model does that reads nothing but the strict form.
import type { JsonSchema } from '../contracts/schema.ts'
import { follow } from './raw/follow.ts'
import { isList, isObject } from './raw/raw.ts'

/** Stands for what the strict form has no way to write. */
export const UNWRITTEN = Symbol('unwritten')

/** Gives a value as the strict form has it, null for none; `UNWRITTEN` where that form does not take it. */
export function written(json: JsonSchema, value: unknown, root = json): unknown {
  if (json.$ref !== undefined) return written(follow(root, json.$ref) as JsonSchema, value, root)
  if (json.anyOf) {
    for (const branch of json.anyOf) {
      // What is said of one shape that may be null stands above both.
      const description = branch.description ?? json.description
      const made = written({ ...branch, ...(description !== undefined && { description }) }, value, root)
      if (made !== UNWRITTEN) return made
    }
    return UNWRITTEN
  }
  if (value === undefined) return [json.type].flat().includes('null') ? null : UNWRITTEN
  if (json.const !== undefined && json.const !== value) return UNWRITTEN
  if (json.enum && !json.enum.some((one) => one === value)) return UNWRITTEN
  const types = [json.type].flat()
  if (value === null && types.includes('null')) return null
  if (/as JSON text\)*$/.test(json.description ?? '')) return JSON.stringify(value)
  if (typeof value === 'string' && types.includes('string'))
    return json.pattern !== undefined && !new RegExp(json.pattern, 'u').test(value) ? UNWRITTEN : value
  if (isList(value) && json.items && !isPairs(json))
    return whole(value.map((item) => written(json.items ?? {}, item, root)))
  if (isObject(value) && isPairs(json)) return pairs(value, json, root)
  if (isObject(value) && json.properties) return members(value, json.properties, root)
  const type = Number.isInteger(value) && types.includes('integer') ? 'integer' : typeof value
  return types.some((one) => one === type) && type !== 'object' ? value : UNWRITTEN
}

function isPairs({ description = '' }: JsonSchema): boolean {
  return /each key once\)*$/.test(description)
}

function pairs(value: object, json: JsonSchema, root: JsonSchema): unknown {
  return whole(
    Object.entries(value).map(([key, inner]) => {
      for (const pair of json.items?.anyOf ?? [json.items]) {
        const made = written(pair?.properties?.['value'] ?? {}, inner, root)
        const name = written(pair?.properties?.['key'] ?? {}, key, root)
        if (made !== UNWRITTEN && name !== UNWRITTEN) return { key, value: made }
      }
      return UNWRITTEN
    }),
  )
}

function members(value: object, properties: Readonly<Record<string, JsonSchema>>, root: JsonSchema): unknown {
  const left = new Map<string, unknown>(Object.entries(value))
  const named = Object.entries(properties).map(([name, json]): [string, unknown] => {
    if (isPairs(json) && name.startsWith('others')) return [name, UNWRITTEN]
    const inner = left.get(name)
    left.delete(name)
    return [name, written(json, inner, root)]
  })
  const others = named.map(([name, made]): [string, unknown] => {
    const json = properties[name]
    if (!json || !isPairs(json) || !name.startsWith('others')) return [name, made]
    const rest = Object.fromEntries(left)
    left.clear()
    return [name, pairs(rest, json, root)]
  })
  if (left.size > 0 || others.some(([, made]) => made === UNWRITTEN)) return UNWRITTEN
  return Object.fromEntries(others)
}

function whole(parts: readonly unknown[]): unknown {
  return parts.includes(UNWRITTEN) ? UNWRITTEN : parts
}
