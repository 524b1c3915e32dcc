import type { JsonSchema, JsonType } from '../../contracts/schema.ts'

const NULL: JsonSchema = { type: 'null' }

/** Lets a strict schema take null. */
export function withNull(json: JsonSchema): JsonSchema {
  if (json.anyOf) return { ...json, anyOf: [...json.anyOf.filter((branch) => !isNull(branch)), NULL] }
  if (isPlain(json)) return { ...json, type: [...typesOf(json).filter((type) => type !== 'null'), 'null'] }
  const { title, description, ...rest } = json
  const notes = { ...(title !== undefined && { title }), ...(description !== undefined && { description }) }
  return { ...notes, anyOf: [rest, NULL] }
}

/** Makes one schema that takes what any of the branches takes. */
export function unite(branches: readonly JsonSchema[]): JsonSchema {
  const distinct = [...new Map(branches.map((branch) => [JSON.stringify(branch), branch])).values()]
  const others = distinct.filter((branch) => !isNull(branch))
  const [first = NULL, ...more] = others
  const united = more.length === 0 ? first : anyOf(others)
  return others.length > 0 && others.length < distinct.length ? withNull(united) : united
}

function anyOf(branches: readonly JsonSchema[]): JsonSchema {
  return branches.every(isBare) ? { type: [...new Set(branches.flatMap(typesOf))] } : { anyOf: branches }
}

function isNull({ type }: JsonSchema): boolean {
  return type === 'null'
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
