import { toJson } from '../../values/to-json.ts'
import { cut } from '../../values/cut.ts'

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

/** The most characters of a value that a complaint shows. */
const PREVIEW_LENGTH = 80

/** Adds a key to a path: `.name`, `[0]`, or `["odd name"]`. */
export function below(path: string, key: PropertyKey): string {
  if (typeof key === 'number') return `${path}[${key}]`
  const name = String(key)
  return IDENTIFIER.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`
}

/** Says a path from the root as people write it: `items[0].quantity`. */
export function pathText(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>(below, '').replace(/^\./, '')
}

/** Gives what stands at a path inside a value, or undefined. */
export function valueAt(value: unknown, keys: readonly PropertyKey[]): unknown {
  let place = value
  for (const key of keys) {
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, key)) return undefined
    place = (place as Record<PropertyKey, unknown>)[key]
  }
  return place
}

/** Shows the start of a value as JSON. */
export function preview(value: unknown): string {
  if (value === undefined) return 'nothing'
  return cut(asJson(value), PREVIEW_LENGTH)
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    // A bigint or a circle, which only values have that did not come out of JSON; or it nests too deep to be said.
    return typeof value === 'bigint' ? String(value) : JSON.stringify(toJson(value).json)
  }
}
