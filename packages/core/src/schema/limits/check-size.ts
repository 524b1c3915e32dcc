import type { StrictLimits } from './limits.ts'
import { isList, isObject, type Raw } from '../raw/raw.ts'
import type { Violation } from './violation.ts'
import type { Node } from '../raw/walk.ts'

/** Checks the size of a strict schema as a whole, and that of each large enum. */
export function checkSize(nodes: readonly Node[], limits: StrictLimits): readonly Violation[] {
  const schemas = nodes.map(({ json }) => json).filter(isObject)
  const counts = [
    ['properties', sum(schemas, ({ properties }) => keysOf(properties).length), limits.properties],
    ['enum values', sum(schemas, (json) => enumOf(json).length), limits.enumValues],
    ['characters of names and values', sum(schemas, characters), limits.characters],
    ['levels of nesting', nodes.reduce((deepest, { depth }) => Math.max(deepest, depth), 0), limits.depth],
  ] as const
  return [
    ...counts.filter(([, count, most]) => count > most).map(([what, count, most]) => overLimit('#', what, count, most)),
    ...nodes.flatMap((node) => checkEnum(node, limits)),
  ]
}

function checkEnum({ json, path }: Node, { largeEnum, largeEnumCharacters }: StrictLimits): readonly Violation[] {
  const values = isObject(json) ? enumOf(json) : []
  if (values.length <= largeEnum) return []
  const count = sum(values, lengthOf)
  return count > largeEnumCharacters
    ? [overLimit(path, `characters in an enum of ${values.length} values`, count, largeEnumCharacters)]
    : []
}

function overLimit(path: string, what: string, count: number, most: number): Violation {
  return { path, rule: 'limit', message: `${path} has ${count} ${what}, and ${most} is the most.` }
}

function characters(json: Raw): number {
  const { properties, $defs } = json
  const names = [...keysOf(properties), ...keysOf($defs)]
  const values = 'const' in json ? [...enumOf(json), json['const']] : enumOf(json)
  return sum(names, lengthOf) + sum(values, lengthOf)
}

function keysOf(value: unknown): readonly string[] {
  return isObject(value) ? Object.keys(value) : []
}

function enumOf({ enum: values }: Raw): readonly unknown[] {
  return isList(values) ? values : []
}

function lengthOf(value: unknown): number {
  return String(value).length
}

function sum<T>(items: readonly T[], size: (item: T) => number): number {
  return items.reduce((total, item) => total + size(item), 0)
}
