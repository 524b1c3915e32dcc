import type { Json, JsonObject } from '../../values/json.ts'

/** A place in which two JSON values differ. */
export interface JsonChange {
  /** The way from the root: `arguments.items[2].price`, and `arguments["a name"]` where a name is more than a word. */
  readonly path: string
  /** What stands there in the first; absent where there is nothing. */
  readonly a?: Json
  /** What stands there in the second; absent where there is nothing. */
  readonly b?: Json
}

/** A key that needs no quotes. */
const WORD = /^[\p{L}_$][\p{L}\p{N}_$]*$/u

/** Names the places in which two values differ. The order of an object's keys is none; lists are compared by place. */
export function jsonChanges(a: Json | undefined, b: Json | undefined, path = ''): readonly JsonChange[] {
  if (a === b || (a === undefined && b === undefined)) return []
  if (isList(a) && isList(b)) {
    const places = Array.from({ length: Math.max(a.length, b.length) }, (_, at) => at)
    return places.flatMap((at) => jsonChanges(a[at], b[at], `${path}[${at}]`))
  }
  if (isObject(a) && isObject(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)])
    return [...names].flatMap((name) => jsonChanges(own(a, name), own(b, name), `${path}${step(name, path)}`))
  }
  return [{ path, ...(a !== undefined && { a }), ...(b !== undefined && { b }) }]
}

function own(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function step(name: string, path: string): string {
  if (!WORD.test(name)) return `[${JSON.stringify(name)}]`
  return path === '' ? name : `.${name}`
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
