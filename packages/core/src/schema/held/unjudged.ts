import { follow } from '../raw/follow.ts'
import { isList, isObject, type Raw, UNSAYABLE } from '../raw/raw.ts'
import { regexOf } from '../raw/regex.ts'

/** Keywords that are not held here. */
const UNKNOWN = ['$dynamicRef', '$recursiveRef', 'unevaluatedProperties', 'unevaluatedItems'] as const

/**
 * Finds what in a schema cannot be held here, where that would let a wrong value pass or refuse a right one.
 *
 * @returns what its place does, as a sentence goes on after its name.
 */
export function findUnjudged(
  raw: unknown,
  root: Raw,
  isTurned = false,
  seen = new Map<unknown, boolean>(),
): string | undefined {
  if (isList(raw)) return firstOf(raw, (part) => findUnjudged(part, root, isTurned, seen))
  // What is within a condition is asked more than the same elsewhere.
  if (!isObject(raw) || seen.get(raw) === true || seen.get(raw) === isTurned) return undefined
  seen.set(raw, isTurned)
  const { $ref, format, pattern, not, if: condition, contains, oneOf, patternProperties } = raw
  const keyword = UNKNOWN.find((name) => raw[name] !== undefined && raw[name] !== true)
  if (keyword) return `uses "${keyword}" within what is held by itself`
  if (typeof raw[UNSAYABLE] === 'string') return `has a ${raw[UNSAYABLE]} within what is held by itself`
  // What only says how a text is to be read must not decide whether something else holds.
  if (isTurned && typeof format === 'string') return `uses the format "${format}" within a condition`
  const patterns = [pattern, ...Object.keys(isObject(patternProperties) ? patternProperties : {})]
  const odd = patterns.find((one) => typeof one === 'string' && !regexOf(one))
  if (odd !== undefined)
    return `has the pattern ${JSON.stringify(odd)} within what is held by itself, which JavaScript does not read`
  const target = typeof $ref === 'string' ? follow(root, $ref) : true
  if (target === undefined) return `refers to nothing by ${String($ref)}`
  return (
    findUnjudged([not, condition, contains, oneOf], root, true, seen) ??
    findUnjudged([target, ...partsOf(raw)], root, isTurned, seen)
  )
}

function partsOf(raw: Raw): readonly unknown[] {
  const maps = ['properties', 'patternProperties', 'dependentSchemas', 'dependencies'].map((keyword) => raw[keyword])
  const single = ['additionalProperties', 'propertyNames', 'items', 'prefixItems', 'additionalItems', 'then', 'else']
  const members = maps.flatMap((map) => (isObject(map) ? Object.values(map).filter((one) => !isList(one)) : []))
  return [...members, ...[...single, 'allOf', 'anyOf'].map((keyword) => raw[keyword])]
}

function firstOf(list: readonly unknown[], find: (part: unknown) => string | undefined): string | undefined {
  for (const part of list) {
    const found = find(part)
    if (found !== undefined) return found
  }
  return undefined
}
