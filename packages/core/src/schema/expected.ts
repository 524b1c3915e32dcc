import type { JsonSchema } from '../contracts/schema.ts'
import { cut } from '../words/cut.ts'
import { follow } from './follow.ts'

/** The most characters of what would have been right. */
const EXPECTED_LENGTH = 300

/** Says in a few words which shapes a place of a strict schema takes, where it takes several; libraries say little of those. */
export function expectedAt(root: JsonSchema, keys: readonly PropertyKey[]): string | undefined {
  const places = keys.reduce((found, key) => found.flatMap((json) => step(json, key, root)), shapes(root, root))
  const distinct = [...new Set(places.flatMap(sketches))]
  if (distinct.filter((one) => one !== 'null').length < 2) return undefined
  return cut(distinct.join(' or '), EXPECTED_LENGTH)
}

/** What a schema may be, references and alternatives followed to their ends. */
function shapes(json: JsonSchema, root: JsonSchema, above: readonly string[] = []): readonly JsonSchema[] {
  if (json.anyOf) return json.anyOf.flatMap((branch) => shapes(branch, root, above))
  const { $ref } = json
  if ($ref === undefined) return [json]
  // A strict schema's references point into itself, and what is an alternative of itself is no other.
  return above.includes($ref) ? [] : shapes(follow(root, $ref) as JsonSchema, root, [...above, $ref])
}

function step(json: JsonSchema, key: PropertyKey, root: JsonSchema): readonly JsonSchema[] {
  // A record's value is said as the value of a pair.
  const inside =
    typeof key === 'number' ? json.items : (json.properties?.[String(key)] ?? json.items?.properties?.['value'])
  return inside ? shapes(inside, root) : []
}

function sketches(json: JsonSchema): readonly string[] {
  if (json.const !== undefined) return [JSON.stringify(json.const)]
  if (json.enum) return json.enum.map((value) => JSON.stringify(value))
  if (json.properties) {
    const members = Object.entries(json.properties).map(([name, inside]) => member(name, inside))
    return [`{${members.join(', ')}}`]
  }
  return [json.type ?? []].flat()
}

/** Only constants tell shapes apart; of other members the name will do. */
function member(name: string, json: JsonSchema): string {
  return json.const === undefined ? name : `${name}: ${JSON.stringify(json.const)}`
}
