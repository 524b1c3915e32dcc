import type { SchemaNode } from '../script/body.ts'

/** What strict mode takes of JSON Schema beside what is checked by hand. */
const refused = [
  'allOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
  'propertyNames',
]

const MAX_PROPERTIES = 5000
const MAX_DEPTH = 10
const MAX_NAMES = 120_000
const MAX_ENUM = 1000

/**
 * Tells what the platform would refuse of a strict schema.
 *
 * @returns its complaint in the platform's words, or undefined where all is well.
 */
export function strictComplaint(schema: SchemaNode): string | undefined {
  if (schema.type !== 'object')
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${String(schema.type ?? 'None')}"'.`
  if (schema.anyOf) return `${context([])}, 'anyOf' is not permitted.`
  return complaint(schema, [], 1) ?? sizeComplaint(schema)
}

function complaint(node: SchemaNode, path: readonly string[], depth: number): string | undefined {
  // `true` and `false` are schemas too.
  if (typeof node !== 'object') return `${context(path)}, schema must have a 'type' key.`
  if (depth > MAX_DEPTH) return `${depth} levels of nesting exceeds limit of ${MAX_DEPTH}.`
  const keyword = refused.find((name) => name in node)
  if (keyword) return `${context(path)}, '${keyword}' is not permitted.`
  if (
    node.$ref === undefined &&
    node.anyOf === undefined &&
    node.type === undefined &&
    node.enum === undefined &&
    node.const === undefined
  )
    return `${context(path)}, schema must have a 'type' key.`
  return objectComplaint(node, path) ?? arrayComplaint(node, path) ?? innerComplaint(node, path, depth)
}

function objectComplaint(node: SchemaNode, path: readonly string[]): string | undefined {
  if (![node.type].flat().includes('object')) return undefined
  if (node.additionalProperties !== false)
    return `${context(path)}, 'additionalProperties' is required to be supplied and to be false.`
  const { properties = {}, required = [] } = node
  const absent = Object.keys(properties).find((name) => !required.includes(name))
  if (absent !== undefined)
    return `${context(path)}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${absent}'.`
  const extra = required.find((name) => !Object.hasOwn(properties, name))
  if (extra !== undefined)
    return `${context(path)}, 'required' is required to be supplied and to be an array including every key in properties. Extra required key '${extra}' supplied.`
  return undefined
}

function arrayComplaint(node: SchemaNode, path: readonly string[]): string | undefined {
  return [node.type].flat().includes('array') && !node.items
    ? `${context(path)}, array schema missing items.`
    : undefined
}

function innerComplaint(node: SchemaNode, path: readonly string[], depth: number): string | undefined {
  for (const [inner, at, deeper] of inside(node)) {
    const found = complaint(inner, [...path, ...at], depth + deeper)
    if (found !== undefined) return found
  }
  return undefined
}

/** The schemas inside one: each with its path and how much deeper it lies. */
function inside({ properties = {}, items, anyOf = [], $defs = {} }: SchemaNode): [SchemaNode, string[], number][] {
  return [
    ...Object.entries(properties).map(([name, node]): [SchemaNode, string[], number] => [
      node,
      ['properties', name],
      isNest(node),
    ]),
    ...(items ? [[items, ['items'], isNest(items)] satisfies [SchemaNode, string[], number]] : []),
    ...anyOf.map((node, index): [SchemaNode, string[], number] => [node, ['anyOf', String(index)], 0]),
    ...Object.entries($defs).map(([name, node]): [SchemaNode, string[], number] => [node, ['$defs', name], 0]),
  ]
}

function isNest({ type }: SchemaNode): number {
  return [type].flat().some((name) => name === 'object' || name === 'array') ? 1 : 0
}

function sizeComplaint(schema: SchemaNode): string | undefined {
  const all = everyNode(schema)
  const names = all.flatMap((node) => [...Object.keys(node.properties ?? {}), ...Object.keys(node.$defs ?? {})])
  const properties = all.reduce((sum, node) => sum + Object.keys(node.properties ?? {}).length, 0)
  if (properties > MAX_PROPERTIES)
    return `schema has ${properties} properties, which exceeds the limit of ${MAX_PROPERTIES}.`
  const values = all
    .flatMap((node) => [...(node.enum ?? []), ...(node.const === undefined ? [] : [node.const])])
    .map(String)
  if (values.length > MAX_ENUM)
    return `schema has ${values.length} enum values, which exceeds the limit of ${MAX_ENUM}.`
  const length = [...names, ...values].join('').length
  if (length > MAX_NAMES)
    return `schema has ${length} characters of names and enum values, which exceeds the limit of ${MAX_NAMES}.`
  const wide = all.find((node) => (node.enum?.length ?? 0) > 250 && (node.enum ?? []).join('').length > 15_000)
  return (
    wide &&
    `enum has ${(wide.enum ?? []).join('').length} characters in over 250 values, which exceeds the limit of 15000.`
  )
}

function everyNode(node: SchemaNode): SchemaNode[] {
  return [node, ...inside(node).flatMap(([inner]) => everyNode(inner))]
}

/** A path as the platform prints it: the text of a Python tuple. */
function context(path: readonly string[]): string {
  const parts = path.map((part) => `'${part}'`)
  return `In context=(${parts.join(', ')}${parts.length === 1 ? ',' : ''})`
}
