import { isObject } from './raw.ts'

/** A schema inside a strict schema. */
export interface Node {
  readonly json: unknown
  /** From the root, as references are written: `#/properties/items`. */
  readonly path: string
  /** Steps into properties and items from the root, or from the definition that it stands in. */
  readonly depth: number
}

/** Gives a strict schema and all schemas inside it, from the outside in, in order. References are not followed. */
export function* walk(json: unknown, path = '#', depth = 0): Generator<Node> {
  yield { json, path, depth }
  if (!isObject(json)) return
  const { properties, items, anyOf, $defs } = json
  for (const [name, inner] of entries(properties)) yield* walk(inner, `${path}/properties/${name}`, depth + 1)
  if (items !== undefined) yield* walk(items, `${path}/items`, depth + 1)
  for (const [at, inner] of entries(anyOf)) yield* walk(inner, `${path}/anyOf/${at}`, depth)
  for (const [name, inner] of entries($defs)) yield* walk(inner, `${path}/$defs/${name}`, 0)
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
