import { cut } from '../../values/cut.ts'
import { wordsBeside } from '../raw/beside.ts'
import { follow } from '../raw/follow.ts'
import { isList, isObject, type Raw } from '../raw/raw.ts'

/** The most characters of a schema in words. */
const LONGEST = 600

/** How deep a schema is said in words; what is deeper stands as JSON Schema. */
const DEEPEST = 3

/** Says what a schema asks for in a few words, as they stand after "it is" or "an item that is". */
export function phraseOf(raw: unknown, root: Raw): string {
  return cut(phrase(raw, root, 0), LONGEST)
}

function phrase(raw: unknown, root: Raw, depth: number): string {
  if (!isObject(raw)) return raw === false ? 'anything' : 'any value'
  if (depth > DEEPEST) return `as the JSON Schema ${JSON.stringify(raw)}`
  const inner = (part: unknown): string => phrase(part, root, depth + 1)
  const { $ref, not, type, properties, items, required } = raw
  const types = [type ?? []].flat().map(String)
  const isTold = 'const' in raw || isList(raw['enum']) || (isObject(properties) && types.join() === 'object')
  const parts = [
    ...(isTold || types.length === 0 ? [] : [`of type ${types.join(' or ')}`]),
    ...(typeof $ref === 'string' ? [inner(follow(root, $ref))] : []),
    ...withNames(isList(required) ? required : [], isObject(properties) ? properties : {}, inner),
    ...(isObject(items) ? [`with items ${inner(items)}`] : []),
    ...wordsBeside({ ...raw, required: undefined, allOf: undefined }, undefined),
    ...(not === undefined ? [] : [`not ${inner(not)}`]),
    ...joined(raw['allOf'], ' and ', inner),
    ...joined(raw['anyOf'], ' or ', inner),
    ...joined(raw['oneOf'], ' or else ', inner),
    ...UNSPOKEN.filter((keyword) => raw[keyword] !== undefined).map((keyword) =>
      JSON.stringify({ [keyword]: raw[keyword] }),
    ),
  ]
  return parts.length === 0 ? 'any value' : parts.join(' and ')
}

/** Keywords that have no words of their own. */
const UNSPOKEN = [
  'if',
  'then',
  'else',
  'contains',
  'prefixItems',
  'patternProperties',
  'propertyNames',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
]

function withNames(required: readonly unknown[], properties: Raw, inner: (part: unknown) => string): readonly string[] {
  const given = required.filter((name) => !Object.hasOwn(properties, String(name))).map((name) => JSON.stringify(name))
  const told = Object.entries(properties).map(([name, member]) => {
    const how = required.includes(name) ? '' : ', where it is given,'
    return member === false ? `without ${JSON.stringify(name)}` : `with ${JSON.stringify(name)}${how} ${inner(member)}`
  })
  return [...(given.length > 0 ? [`with ${given.join(' and ')}`] : []), ...told]
}

function joined(list: unknown, by: string, inner: (part: unknown) => string): readonly string[] {
  return isList(list) && list.length > 0 ? [`(${list.map(inner).join(by)})`] : []
}
