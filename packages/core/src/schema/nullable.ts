import type { JsonSchema, JsonType } from '../contracts/schema.ts'

const NULL: JsonSchema = { type: 'null' }

/** Lets a strict schema that takes no null take it. */
export function withNull(json: JsonSchema): JsonSchema {
  if (json.anyOf) return { ...json, anyOf: [...json.anyOf, NULL] }
  if (isPlain(json)) return { ...json, type: [...typesOf(json), 'null'] }
  const { title, description, ...rest } = json
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    anyOf: [rest, NULL],
  }
}

/** Makes one schema that takes what any of the branches takes. */
export function unite(branches: readonly JsonSchema[]): JsonSchema {
  const distinct = [...new Map(branches.map((branch) => [JSON.stringify(branch), branch])).values()]
  const others = distinct.filter((branch) => branch.type !== 'null')
  const [first = NULL, ...more] = others
  const united =
    more.length === 0 ? first : others.every(isBare) ? { type: others.flatMap(typesOf) } : { anyOf: others }
  return others.length > 0 && others.length < distinct.length ? withNull(united) : united
}

/** A text, number or boolean without a list of values: its type can be a list of types. */
function isPlain({ type, enum: values, const: value, $ref }: JsonSchema): boolean {
  return type !== 'object' && type !== 'array' && values === undefined && value === undefined && $ref === undefined
}

function isBare(json: JsonSchema): boolean {
  return isPlain(json) && Object.keys(json).length === 1 && json.type !== undefined
}

function typesOf({ type = [] }: JsonSchema): readonly JsonType[] {
  return typeof type === 'string' ? [type] : type
}
